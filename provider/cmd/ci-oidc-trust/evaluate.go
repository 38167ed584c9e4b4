package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func evaluateCommand() *cobra.Command {
	var policy, claims, token, cloudtrail, jwks, roleArn string
	var clientIDs []string
	var asJSON, partial, ignoreExpiry bool
	cmd := &cobra.Command{
		Use:   "evaluate --trust-policy FILE (--claims FILE | --token FILE | --cloudtrail FILE)",
		Short: "Say whether a trust policy lets a token in, and why",
		Long: "Say whether a trust policy lets a token in, and why.\n\n" +
			"The policy may be the document itself, the answer of `aws iam get-role`, or URL-encoded as IAM returns " +
			"it.\n" +
			"Claims and a token are whole: one that STS refuses before it reads the policy, because it has expired " +
			"or lacks\n" +
			"a claim, is denied, with what the policy would say otherwise. --ignore-expiry asks about the token of\n" +
			"yesterday's job, --partial about some claims only: what is missing is then unknown, and null says that " +
			"it is\n" +
			"not there. --cloudtrail takes events as CloudTrail tells them: one, a list, a log file, the answer of\n" +
			"`aws cloudtrail lookup-events`; each call of AssumeRoleWithWebIdentity is judged. A token or an event " +
			"in the\n" +
			"place of claims is read as what it is.\n\n" +
			"Of a refused token it says which statement came closest, what differs, and what to write; the latter " +
			"only for a\n" +
			"token of somebody whom the policy trusts already.\n\n" +
			"Exit code: 0 allowed, 1 denied, 2 bad input, 3 undecided, because it depends on what is not known.",
		Example: "  aws iam get-role --role-name deploy | ci-oidc-trust evaluate --trust-policy - --claims " +
			"claims.json\n" +
			"  aws cloudtrail lookup-events --lookup-attributes " +
			"AttributeKey=EventName,AttributeValue=AssumeRoleWithWebIdentity |\n" +
			"    ci-oidc-trust evaluate --trust-policy role.json --cloudtrail -",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := verb.Question{ClientIDs: clientIDs, RoleArn: roleArn, Partial: partial, IgnoreExpiry: ignoreExpiry}
			var tokenText, events []byte
			fromStdin := 0
			for _, input := range []struct {
				flag, name, wanted string
				into               *[]byte
				most               int64
			}{
				{"trust-policy", policy, "a trust policy", &q.TrustPolicy, maxDocument},
				{"claims", claims, "a JSON object", &q.Claims, maxDocument},
				{"token", token, "a JWT", &tokenText, maxDocument},
				{"cloudtrail", cloudtrail, "events of CloudTrail", &events, maxEvents},
				{"jwks", jwks, "a JSON Web Key Set", &q.JWKS, maxDocument},
			} {
				if !cmd.Flags().Changed(input.flag) {
					continue
				}
				if input.name == "-" {
					if fromStdin++; fromStdin > 1 {
						return errOneStdin
					}
				}
				var err error
				if *input.into, err = read(cmd, input.name, input.most); err != nil {
					return err
				}
				if len(bytes.TrimSpace(*input.into)) == 0 {
					return fmt.Errorf("--%s: the file is empty; expected %s", input.flag, input.wanted)
				}
			}
			q.Token = string(tokenText)
			if len(events) > 0 {
				return evaluateEvents(cmd, q, events, "--cloudtrail", asJSON)
			}
			if verb.IsCloudTrail(q.Claims) {
				return evaluateEvents(cmd, q, q.Claims, "--claims", asJSON)
			}
			answer, err := verb.Evaluate(q)
			if err != nil {
				return err
			}
			if err := printEvaluation(cmd, answer, asJSON); err != nil {
				return err
			}
			return exitOf(answer)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&policy, "trust-policy", "", "the role's trust policy (`FILE`, or - for standard input)")
	flags.StringVar(&claims, "claims", "",
		"the token's claims, a JSON object (`FILE` or -); all of them without --partial")
	flags.StringVar(&token, "token", "",
		"the token itself, a JWT (`FILE` or -); its signature is checked only with --jwks")
	flags.StringVar(&jwks, "jwks", "", "the issuer's keys, a JSON Web Key Set (`FILE`)")
	flags.StringArrayVar(&clientIDs, "client-id", nil,
		"a client `ID` (audience) of the IAM OIDC provider; may be repeated")
	flags.StringVar(&roleArn, "role-arn", "", "the role's `ARN`, for tokens that list the roles they are meant for")
	flags.StringVar(&cloudtrail, "cloudtrail", "",
		"events of CloudTrail, JSON or a compressed log file (`FILE` or -), of which each call with a token is judged")
	flags.BoolVar(&partial, "partial", false, "the claims are only some of the token's")
	flags.BoolVar(&ignoreExpiry, "ignore-expiry", false, "answer as if the token had not expired")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("trust-policy")
	cmd.MarkFlagsMutuallyExclusive("claims", "token", "cloudtrail")
	cmd.MarkFlagsMutuallyExclusive("partial", "token")
	cmd.MarkFlagsMutuallyExclusive("jwks", "cloudtrail")
	cmd.MarkFlagsOneRequired("claims", "token", "cloudtrail")
	return cmd
}

// maxEvents bounds a file of CloudTrail events.
const maxEvents = 64 << 20

// exitOf is the error that stands for an answer's exit code.
func exitOf(answer *verb.Evaluation) error {
	switch {
	case answer.Allowed:
		return nil
	case answer.Decision == trust.Undecided.String():
		return errUndecided
	}
	return errNo
}

// evaluateEvents judges each call in events of CloudTrail that is about the role, where the role is known: the same
// call once. Where one is denied the exit code is that of a denied token.
func evaluateEvents(cmd *cobra.Command, q verb.Question, raw []byte, flag string, asJSON bool) error {
	events, err := verb.Events(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	role := q.RoleArn
	if document, err := verb.TrustPolicy(q.TrustPolicy); role == "" && err == nil {
		role = document.RoleArn
	}
	if role != "" {
		if events = verb.ForRole(events, role); len(events) == 0 {
			return fmt.Errorf("%s: no event is about the role %s; give events of its calls, or the trust policy of "+
				"another role", flag, role)
		}
	}
	distinct, counts := verb.Distinct(events)
	q.Claims = nil
	var answers []*verb.Evaluation
	var worst error
	for _, event := range distinct {
		q.Event = event
		answer, err := verb.Evaluate(q)
		if err != nil {
			return err
		}
		answers = append(answers, answer)
		if exit := exitOf(answer); worst == nil || errors.Is(exit, errNo) {
			worst = exit
		}
	}
	switch {
	case asJSON && len(answers) == 1:
		err = printJSON(cmd, answers[0])
	case asJSON:
		err = printJSON(cmd, map[string]any{"events": answers})
	default:
		for i, answer := range answers {
			times := ""
			if counts[i] > 1 {
				times = fmt.Sprintf(", the last of %d such calls", counts[i])
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s%s: ", plain(answer.Event.Time), plain(answer.Event.ID),
				times); err != nil {
				return err
			}
			if err := printEvaluation(cmd, answer, false); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return worst
}

func printEvaluation(cmd *cobra.Command, answer *verb.Evaluation, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		return printJSON(cmd, answer)
	}
	if _, err := fmt.Fprintln(out, answer.Decision); err != nil {
		return err
	}
	for _, line := range answer.Explanation {
		if _, err := fmt.Fprintln(out, "  "+plain(line)); err != nil {
			return err
		}
	}
	return nil
}

// printJSON prints a document. Characters that nobody sees, such as those that turn the direction of a text, are
// escaped: JSON itself escapes those of ASCII alone.
func printJSON(cmd *cobra.Command, v any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range text.String() {
		if r < unicode.MaxASCII || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	_, err := io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}
