package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func auditCommand() *cobra.Command {
	var policy, failOn string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "audit --trust-policy FILE",
		Short: "Say what a careful reviewer would say about a trust policy",
		Long: "Say what a careful reviewer would say about a trust policy.\n\n" +
			"FILE is one trust policy, the answer of `aws iam get-role`, the answer of\n" +
			"`aws iam get-account-authorization-details` (every role in it is audited), or a folder of such files.\n" +
			"A finding that somebody gets in shows a token that the whole policy admits. Lines and columns are " +
			"those\n" +
			"of the policy itself.\n" +
			"Not seen: service and resource control policies, permissions boundaries, session policies, and the\n" +
			"policies of other resources. They may refuse what the trust policy admits.\n" +
			"Exit code: 0, 1 when a finding is as severe as --fail-on, 2 bad input.",
		Example: "  aws iam get-account-authorization-details --filter Role | ci-oidc-trust audit " +
			"--trust-policy - --fail-on high",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			limit := trust.Severity(failOn)
			if failOn != "" && limit != trust.High && limit != trust.Medium && limit != trust.Low {
				return fmt.Errorf("--fail-on is high, medium or low, got %q", failOn)
			}
			audits, err := audit(cmd, policy)
			if err != nil {
				return err
			}
			if asJSON {
				if len(audits) == 1 && audits[0].Role == "" {
					err = printJSON(cmd, map[string]any{"findings": audits[0].Findings})
				} else {
					err = printJSON(cmd, map[string]any{"roles": audits})
				}
			} else {
				err = printAudits(cmd, audits)
			}
			if err != nil {
				return err
			}
			return verdict(audits, failOn, limit)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&policy, "trust-policy", "", "what to audit (`FILE`, folder, or - for standard input)")
	flags.StringVar(&failOn, "fail-on", "",
		"exit with 1 when a finding is this severe or worse: high, medium or low (`SEVERITY`)")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("trust-policy")
	return cmd
}

// audit audits a file, a folder or standard input. A single policy has no role's name.
func audit(cmd *cobra.Command, name string) ([]verb.RoleAudit, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		audits, err := verb.AuditFolder(os.DirFS(name))
		if err == nil && len(audits) == 0 {
			err = fmt.Errorf("%s has no file that ends in .json", name)
		}
		return audits, err
	}
	raw, err := read(cmd, name, verb.MaxAccount)
	if err != nil {
		return nil, err
	}
	if audits, ok := verb.AuditAccount(raw); ok {
		return audits, nil
	}
	findings, err := verb.Audit(raw)
	if err != nil {
		return nil, err
	}
	return []verb.RoleAudit{{Findings: findings}}, nil
}

func verdict(audits []verb.RoleAudit, failOn string, limit trust.Severity) error {
	result := error(nil)
	for _, a := range audits {
		if a.Error != "" {
			return errors.New("not every trust policy could be read")
		}
		for _, f := range a.Findings {
			if failOn != "" && trust.Severity(f.Severity).AtLeast(limit) {
				result = errNo
			}
		}
	}
	return result
}

func printAudits(cmd *cobra.Command, audits []verb.RoleAudit) error {
	out := cmd.OutOrStdout()
	if len(audits) == 1 && audits[0].Role == "" {
		if len(audits[0].Findings) == 0 {
			_, err := fmt.Fprintln(out, "no findings")
			return err
		}
		for _, f := range audits[0].Findings {
			if _, err := fmt.Fprint(out, describe(&f)); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ROLE\tSEVERITY\tFINDING\tMESSAGE")
	for _, a := range audits {
		switch {
		case a.Error != "":
			fmt.Fprintf(table, "%s\terror\t-\t%s\n", plain(a.Role), plain(a.Error))
		case len(a.Findings) == 0:
			fmt.Fprintf(table, "%s\t-\t-\tno findings\n", plain(a.Role))
		}
		for _, f := range a.Findings {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", plain(a.Role), f.Severity, f.ID, plain(f.Message))
		}
	}
	return table.Flush()
}

// describe is a finding for people to read.
func describe(f *verb.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", f.ID, f.Severity)
	if f.Line > 0 {
		fmt.Fprintf(&b, " at line %d, column %d", f.Line, f.Column)
	}
	fmt.Fprintf(&b, "\n  %s\n", plain(f.Message))
	if f.Witness != nil {
		if claims, err := json.Marshal(f.Witness.Claims); err == nil {
			fmt.Fprintf(&b, "  token: %s\n", plain(string(claims)))
		}
	}
	fmt.Fprintf(&b, "  %s\n  %s\n", f.Remediation, f.Source)
	return b.String()
}
