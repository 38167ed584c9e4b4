package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func adoptCommand() *cobra.Command {
	var policy, language, accountID string
	var asJSON bool
	var imported importing
	cmd := &cobra.Command{
		Use:   "adopt --trust-policy FILE | --import FILE",
		Short: "Write a trust policy as the CiOidcTrust that admits the same tokens",
		Long: "Write a trust policy as the CiOidcTrust that admits the same tokens.\n\n" +
			"FILE is a trust policy or the answer of `aws iam get-role`. That the program admits what the policy " +
			"admits, and\n" +
			"nothing else, is proved in both directions. What no section can say, or what differs, is said on " +
			"standard error,\n" +
			"statement by statement, with a token that shows it. What a policy does not hold, such as the name " +
			"beside an id, is\n" +
			"a placeholder <NAME>, which nothing takes, and behind it stands the command that finds it.\n\n" +
			importLong + "\n\n" +
			"Exit code: 0 the same, 1 different or not to be expressed, 2 bad input, 3 not decided.",
		Example: "  aws iam get-role --role-name deploy | ci-oidc-trust adopt --trust-policy - > Pulumi.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("language", language, languageNames()); err != nil {
				return err
			}
			if imported.answers != "" {
				return imported.run(cmd, program.Language(language), asJSON)
			}
			for _, flag := range []string{"role", "name", "own-providers", "out"} {
				if cmd.Flags().Changed(flag) {
					return fmt.Errorf("--%s goes with --import; leave it out, or give the answers of aws iam with "+
						"--import instead of --trust-policy", flag)
				}
			}
			raw, err := read(cmd, policy, maxDocument)
			if err != nil {
				return err
			}
			adoption, err := verb.Adopt(raw, accountID)
			if err != nil {
				return err
			}
			text, err := adoption.Program(program.Language(language))
			switch {
			case err != nil:
				return err
			case asJSON:
				err = printJSON(cmd, adoption)
			case len(adoption.Inputs) > 0:
				_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			}
			if err != nil {
				return err
			}
			if !asJSON {
				explainAdoption(cmd, adoption)
			}
			switch adoption.Verdict {
			case "same":
				return nil
			case "undecided":
				return errUndecided
			}
			return errNo
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&policy, "trust-policy", "", "the role's trust policy (`FILE`, or - for standard input)")
	flags.StringVar(&language, "language", string(program.YAML),
		"the `LANGUAGE` of the program: yaml, typescript, python, go, java or csharp")
	flags.StringVar(&accountID, "account-id", "",
		"the role's AWS account (`ID`, twelve digits; default that of the providers)")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	imported.flags(flags)
	cmd.MarkFlagsOneRequired("trust-policy", "import")
	cmd.MarkFlagsMutuallyExclusive("trust-policy", "import")
	return cmd
}

// explainAdoption says what the program does not say.
func explainAdoption(cmd *cobra.Command, a *verb.Adoption) {
	var b strings.Builder
	switch a.Verdict {
	case "different":
		b.WriteString("the program does not admit the same tokens:\n")
	case "inexpressible":
		b.WriteString("some of the policy cannot be expressed:\n")
	case "undecided":
		b.WriteString("whether the program admits the same tokens could not be decided:\n")
	}
	for _, r := range a.Why {
		b.WriteString("  ")
		switch {
		case r.Statement > 0 && r.Sid != "":
			fmt.Fprintf(&b, "statement %d (%s): ", r.Statement, plain(r.Sid))
		case r.Statement > 0:
			fmt.Fprintf(&b, "statement %d: ", r.Statement)
		}
		b.WriteString(plain(r.Text) + "\n")
		if claims, err := json.Marshal(r.Witness); err == nil && r.Witness != nil {
			b.WriteString("    token: " + plain(string(claims)) + "\n")
		}
	}
	for _, p := range a.Placeholders {
		fmt.Fprintf(&b, "the policy does not hold %s; this prints it: %s\n", plain(p.Text), plain(p.Find))
	}
	fmt.Fprint(cmd.ErrOrStderr(), b.String())
}
