package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/doctor"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/whoami"
)

// An identified is what whoami says, as --json prints it.
type identified struct {
	*verb.Identity
	Source     string           `json:"source"`           // where the token was
	Unverified string           `json:"unverified"`       // why the signature was not checked; "" where it was
	Answer     *verb.Evaluation `json:"answer,omitempty"` // what the trust policy says, where there is one
}

func whoamiCommand() *cobra.Command {
	var system, audience, env, file, connection, policy, roleArn, language, profile, region string
	var asJSON, offline bool
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "In a CI job: find its OIDC token, and say who the job is to AWS and what would trust it",
		Long: "In a CI job: find its OIDC token, and say who the job is to AWS and what would trust it.\n\n" +
			"The token is found as the CI system hands it out, or where --token-env or --token-file say. Its " +
			"signature is checked\nwith the keys that its issuer publishes, if they can be reached. The token is " +
			"never printed, written or passed on.\n\nWith --trust-policy, or --role-arn and credentials that may " +
			"read the role, it says whether the job is admitted, and\nwhat would admit it.\n\n" +
			"Exit code: 0 admitted, or no policy was asked about; 1 refused, 2 no token or bad input, 3 undecided.",
		Example: "  ci-oidc-trust whoami\n" +
			"  ci-oidc-trust whoami --token-env AWS_ID_TOKEN --trust-policy role.json --language typescript",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if system != "" {
				if err := oneOf("system", system, sectionNames()); err != nil {
					return err
				}
			}
			if err := oneOf("language", language, languageNames()); err != nil {
				return err
			}
			if env != "" && strings.HasPrefix(env, "eyJ") {
				return errors.New("--token-env takes the name of an environment variable, not a token; a token in " +
					"an argument can be seen by everybody on the host, so use another one now")
			}
			search := whoami.Search{
				Systems: all.Registry().Systems(), System: system, Audience: audience, Env: env, File: file,
				Connection: connection, Getenv: os.Getenv, Client: whoami.NewClient(),
			}
			found, err := search.Token(cmd.Context())
			if err != nil {
				return err
			}
			said, jwks, err := identify(cmd, found, offline)
			if err != nil {
				return err
			}
			question, asked, err := questionOf(cmd, policy, roleArn, profile, region)
			if err != nil {
				return err
			}
			if asked {
				question.Token, question.JWKS = found.Token, jwks
				if said.Answer, err = verb.Evaluate(question); err != nil {
					return err
				}
			}
			text, err := said.Program(program.Language(language))
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd, said)
			} else {
				err = printIdentity(cmd, said, text)
			}
			if err != nil || said.Answer == nil {
				return err
			}
			return exitOf(said.Answer)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&system, "system", "", "the CI system's `SECTION`, such as github, where several could be meant")
	flags.StringVar(&audience, "audience", "", "the `AUDIENCE` to ask for, where the system lets a job choose")
	flags.StringVar(&env, "token-env", "", "the `NAME` of the environment variable that has the token")
	flags.StringVar(&file, "token-file", "", "the `FILE` that has the token")
	flags.StringVar(&connection, "service-connection-id", "",
		"on Azure DevOps: the `ID` of the service connection whose token to ask for (default the pipeline's own)")
	flags.StringVar(&policy, "trust-policy", "", "the role's trust policy (`FILE`, or - for standard input)")
	flags.StringVar(&roleArn, "role-arn", "",
		"the role's `ARN`; without --trust-policy the role is read from AWS (iam:GetRole)")
	flags.StringVar(&profile, "profile", "", "the AWS `PROFILE` that reads the role")
	flags.StringVar(&region, "region", "", "the AWS `REGION` (default that of the profile)")
	flags.StringVar(&language, "language", "yaml", "the `LANGUAGE` of the program: yaml, typescript, python, go, "+
		"java, csharp")
	flags.BoolVar(&offline, "offline", false, "do not fetch the issuer's keys")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("token-env", "token-file", "service-connection-id")
	return cmd
}

// identify reads the token, with the issuer's keys where they can be had.
func identify(cmd *cobra.Command, found *whoami.Found, offline bool) (*identified, []byte, error) {
	id, err := verb.Identify(found.Token, nil)
	if err != nil {
		return nil, nil, err
	}
	said := &identified{Identity: id, Source: found.Source}
	if offline {
		said.Unverified = "--offline was given"
		return said, nil, nil
	}
	jwks, err := whoami.Keys(cmd.Context(), id.Issuer)
	if err != nil {
		said.Unverified = "the issuer's keys could not be had: " + err.Error()
		return said, nil, nil
	}
	if said.Identity, err = verb.Identify(found.Token, jwks); err != nil {
		return nil, nil, err
	}
	return said, jwks, nil
}

// questionOf is about the trust policy in the file, or about that of the role.
func questionOf(cmd *cobra.Command, file, roleArn, profile, region string) (q verb.Question, asked bool, err error) {
	q.RoleArn = roleArn
	switch {
	case file != "":
		q.TrustPolicy, err = read(cmd, file, maxDocument)
		return q, true, err
	case roleArn == "":
		return q, false, nil
	}
	account, err := openAccount(cmd, profile, region)
	if err != nil {
		return q, false, err
	}
	q.TrustPolicy, q.RoleArn, err = doctor.TrustPolicy(cmd.Context(), account, roleArn)
	return q, true, err
}

func printIdentity(cmd *cobra.Command, a *identified, stack string) error {
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "%-10s %s\n", name, plain(value)) }
	row("system", a.Title)
	row("token", "from "+a.Source)
	row("issuer", a.Issuer)
	row("audience", a.Audience)
	row("subject", a.Subject)
	if a.Form != "" {
		row("form", a.Form)
	}
	if a.Verified {
		row("signature", "verified with the issuer's keys")
	} else {
		row("signature", "not verified: "+a.Unverified)
	}
	if a.Refusal != "" {
		row("refused", "by STS, whatever a policy says: "+a.Refusal)
	}
	b.WriteString("\nWhat a trust policy can test:\n")
	for _, key := range slices.Sorted(maps.Keys(a.Keys)) {
		fmt.Fprintf(&b, "  %s = %s\n", plain(key), plain(a.Keys[key]))
	}
	if len(a.Unseen) > 0 {
		fmt.Fprintf(&b, "Claims that it cannot test: %s\n", plain(strings.Join(a.Unseen, ", ")))
	}
	if stack == "" {
		b.WriteString("\nNo section of CiOidcTrust trusts exactly this job.\n")
	} else {
		fmt.Fprintf(&b, "\nThe CiOidcTrust that trusts exactly this job:\n\n%s", plainProgram(stack))
	}
	for _, risk := range slices.Sorted(maps.Keys(a.Risks)) {
		fmt.Fprintf(&b, "It accepts %s: %s\n", risk, plain(a.Risks[risk]))
	}
	if _, err := fmt.Fprint(cmd.OutOrStdout(), b.String()); err != nil || a.Answer == nil {
		return err
	}
	if _, err := fmt.Fprint(cmd.OutOrStdout(), "\nThe trust policy: "); err != nil {
		return err
	}
	return printEvaluation(cmd, a.Answer, false)
}

// plainProgram makes a program safe to print, line by line; its indentation stays.
func plainProgram(text string) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		end := ""
		if strings.HasSuffix(line, "\n") {
			end = "\n"
		}
		b.WriteString(plainTabs(strings.TrimSuffix(line, "\n")) + end)
	}
	return b.String()
}

func plainTabs(line string) string {
	parts := strings.Split(line, "\t")
	for i := range parts {
		parts[i] = plain(parts[i])
	}
	return strings.Join(parts, "\t")
}
