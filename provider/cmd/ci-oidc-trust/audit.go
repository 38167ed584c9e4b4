package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/report"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func auditCommand() *cobra.Command {
	var policy, failOn, format string
	var asJSON, everything bool
	cmd := &cobra.Command{
		Use:   "audit (--trust-policy FILE | FILE...)",
		Short: "Say what a careful reviewer would say about a trust policy, or about all roles of an account",
		Long: "Say what a careful reviewer would say about a trust policy, or about all roles of an account.\n\n" +
			"FILE is one of these, or a folder of them, or - for standard input:\n" +
			"  a trust policy, or the answer of `aws iam get-role`\n" +
			"  the answer of `aws iam get-account-authorization-details` or `aws iam list-roles`\n" +
			"  what `terraform show -json` prints of a plan or a state\n" +
			"  a CloudFormation template, JSON or YAML\n" +
			"  a JSON array or JSON lines of these\n" +
			"A finding that somebody gets in shows a token that the whole policy admits. Lines and columns are " +
			"those\n" +
			"of the policy itself. Files that hold no trust policy are skipped, and named; the one file of\n" +
			"--trust-policy must hold one.\n" +
			"Not seen: service and resource control policies, permissions boundaries, session policies, and the\n" +
			"policies of other resources. They may refuse what the trust policy admits.\n" +
			"Exit code: 0, 1 when a finding is as severe as --fail-on, 2 bad input: also if only one of several\n" +
			"documents could not be read, whatever the findings of the others.",
		Example: "  aws iam get-account-authorization-details | ci-oidc-trust audit --trust-policy - --fail-on high\n" +
			"  terraform show -json plan.bin | ci-oidc-trust audit --trust-policy -",
		RunE: func(cmd *cobra.Command, files []string) error {
			limit := trust.Severity(failOn)
			if failOn != "" && limit != trust.High && limit != trust.Medium && limit != trust.Low {
				return fmt.Errorf("--fail-on is high, medium or low, got %q", failOn)
			}
			if cmd.Flags().Changed("trust-policy") == (len(files) > 0) {
				return errors.New("give what to audit: --trust-policy FILE, or one or more files")
			}
			if asJSON {
				format = "json"
			}
			write, err := writer(format, everything)
			if err != nil {
				return err
			}
			var found *account.Found
			single := false
			if len(files) > 0 {
				found, err = readFiles(cmd, files)
			} else {
				found, single, err = readOne(cmd, policy)
			}
			if err != nil {
				return err
			}
			made := report.New(verb.AuditRoles(found.Roles), found.Skipped, single)
			if single && made.Unreadable() {
				return errors.New(made.Roles[0].Error)
			}
			if err := write(made, cmd.OutOrStdout()); err != nil {
				return err
			}
			switch {
			case made.Unreadable():
				return errors.New("not every trust policy could be read")
			case failOn != "" && made.Reaches(limit):
				return errNo
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&policy, "trust-policy", "", "what to audit (`FILE`, folder, or - for standard input)")
	flags.StringVar(&failOn, "fail-on", "",
		"exit with 1 when a finding is this severe or worse: high, medium or low (`SEVERITY`)")
	flags.StringVar(&format, "format", "text", "how to print: "+formatNames+" (`FORMAT`)")
	flags.BoolVar(&asJSON, "json", false, "print JSON, as --format json does")
	flags.BoolVar(&everything, "all", false,
		"show roles that neither CI jobs nor the web may assume, too (text; the other formats have them always)")
	cmd.MarkFlagsMutuallyExclusive("json", "format")
	return cmd
}

// readOne reads what --trust-policy names. A single policy has no role's name.
func readOne(cmd *cobra.Command, name string) (found *account.Found, single bool, err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		found, err := account.Folder(os.DirFS(name))
		if err == nil && len(found.Roles) == 0 {
			err = fmt.Errorf("%s has no file that ends in .json and holds a trust policy", name)
		}
		return found, false, err
	}
	raw, err := read(cmd, name, account.MaxDocument)
	if err != nil {
		return nil, false, err
	}
	found, err = account.Read(raw)
	if err == nil && found.Several {
		return found, false, nil
	}
	if errors.Is(err, account.ErrNoRole) || err == nil {
		// What it lacks to be a trust policy is the parser's to say.
		document, err := verb.TrustPolicy(raw)
		role := account.Role{Trust: document.Policy, Whole: true, Err: err}
		if err == nil && found != nil && len(found.Roles) == 1 {
			role = found.Roles[0]
		}
		return &account.Found{Roles: []account.Role{role}}, true, nil
	}
	return nil, false, err
}

// readFiles reads several files. One that holds no trust policy is skipped.
func readFiles(cmd *cobra.Command, names []string) (*account.Found, error) {
	all := &account.Found{Several: true}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			found, err := account.Folder(os.DirFS(name))
			if err != nil {
				return nil, err
			}
			all.Merge(name, found)
			continue
		}
		raw, err := read(cmd, name, account.MaxDocument)
		if err != nil {
			return nil, err
		}
		all.Add(name, raw, false)
	}
	all.Attach()
	return all, nil
}
