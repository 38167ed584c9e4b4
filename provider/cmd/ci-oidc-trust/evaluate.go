package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func evaluateCommand() *cobra.Command {
	var policy, claims, token, jwks, roleArn string
	var clientIDs []string
	var asJSON, partial, ignoreExpiry bool
	cmd := &cobra.Command{
		Use:   "evaluate --trust-policy FILE (--claims FILE | --token FILE)",
		Short: "Say whether a trust policy lets a token in, and why",
		Long: "Say whether a trust policy lets a token in, and why.\n\n" +
			"The policy may be the document itself, the answer of `aws iam get-role`, or URL-encoded as IAM returns " +
			"it.\n" +
			"Claims and a token are whole: one that STS refuses before it reads the policy, because it has expired " +
			"or lacks\n" +
			"a claim, is denied, with what the policy would say otherwise. --ignore-expiry asks about the token of\n" +
			"yesterday's job, --partial about some claims only, such as those of a CloudTrail event: what is missing " +
			"is then\n" +
			"unknown, and null says that it is not there.\n\n" +
			"Exit code: 0 allowed, 1 denied, 2 bad input, 3 undecided, because it depends on what is not known.",
		Example: "  aws iam get-role --role-name deploy | ci-oidc-trust evaluate --trust-policy - --claims claims.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := verb.Question{ClientIDs: clientIDs, RoleArn: roleArn, Partial: partial, IgnoreExpiry: ignoreExpiry}
			var tokenText []byte
			fromStdin := 0
			for _, input := range []struct {
				flag, name, wanted string
				into               *[]byte
			}{
				{"trust-policy", policy, "a trust policy", &q.TrustPolicy},
				{"claims", claims, "a JSON object", &q.Claims},
				{"token", token, "a JWT", &tokenText},
				{"jwks", jwks, "a JSON Web Key Set", &q.JWKS},
			} {
				if !cmd.Flags().Changed(input.flag) {
					continue
				}
				if input.name == "-" {
					if fromStdin++; fromStdin > 1 {
						return errors.New("only one file can come from standard input")
					}
				}
				var err error
				if *input.into, err = read(cmd, input.name, maxDocument); err != nil {
					return err
				}
				if len(bytes.TrimSpace(*input.into)) == 0 {
					return fmt.Errorf("--%s: the file is empty; expected %s", input.flag, input.wanted)
				}
			}
			q.Token = string(tokenText)
			answer, err := verb.Evaluate(q)
			if err != nil {
				return err
			}
			if err := printEvaluation(cmd, answer, asJSON); err != nil {
				return err
			}
			switch {
			case answer.Allowed:
				return nil
			case answer.Decision == trust.Undecided.String():
				return errUndecided
			}
			return errNo
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
	flags.BoolVar(&partial, "partial", false, "the claims are only some of the token's, as in a CloudTrail event")
	flags.BoolVar(&ignoreExpiry, "ignore-expiry", false, "answer as if the token had not expired")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("trust-policy")
	cmd.MarkFlagsMutuallyExclusive("claims", "token")
	cmd.MarkFlagsMutuallyExclusive("partial", "token")
	cmd.MarkFlagsOneRequired("claims", "token")
	return cmd
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

func printJSON(cmd *cobra.Command, v any) error {
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
