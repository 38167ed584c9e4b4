package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/report"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// An auditing is what the flags of audit say.
type auditing struct {
	policy, failOn, format           string
	config, baseline, writeBaseline  string
	asJSON, everything, requireRoles bool

	roleless []string // what holds no role, though --require-roles says that it has to
}

func auditCommand() *cobra.Command {
	var a auditing
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
			"--trust-policy must hold one. A plan, a template or an account without a role is no error, either.\n" +
			"In CI, add --require-roles: an audit of the wrong file, or of one that was renamed, passes for ever.\n" +
			"Of several roles it prints an inventory: which job may assume which role, and what comes of that.\n" +
			"Not seen: service and resource control policies, session policies, the policies of other resources, " +
			"and\nwhat permissions boundaries say of who gets in. They may refuse what the trust policy admits.\n" +
			"What is ignored (--config) or in the baseline does not count for --fail-on.\n" +
			"Exit code: 0, 1 when a finding is as severe as --fail-on, 2 bad input: also if only one of several\n" +
			"documents could not be read, or holds no role with --require-roles, whatever the findings of the others.",
		Example: "  aws iam get-account-authorization-details |\n" +
			"    ci-oidc-trust audit --trust-policy - --require-roles --fail-on high\n" +
			"  terraform show -json plan.bin | ci-oidc-trust audit --trust-policy -",
		RunE: a.run,
	}
	flags := cmd.Flags()
	flags.StringVar(&a.policy, "trust-policy", "", "what to audit (`FILE`, folder, or - for standard input)")
	flags.StringVar(&a.failOn, "fail-on", "",
		"exit with 1 when a finding is this severe or worse: high, medium or low (`SEVERITY`)")
	flags.StringVar(&a.format, "format", "text", "how to print: "+strings.Join(formats, ", ")+" (`FORMAT`)")
	flags.BoolVar(&a.asJSON, "json", false, "print JSON, as --format json does")
	flags.BoolVar(&a.everything, "all", false,
		"show roles that neither CI jobs nor the web may assume, too; the formats for programs always have them")
	flags.BoolVar(&a.requireRoles, "require-roles", false,
		"exit with 2 when a file or folder that is named holds no role")
	flags.StringVar(&a.config, "config", "",
		"what is ignored, with the reason (`FILE`, YAML): ignore: [{rule: ID, role: ARN or name, reason: TEXT}]")
	flags.StringVar(&a.baseline, "baseline", "", "findings that are there already and do not count (`FILE`)")
	flags.StringVar(&a.writeBaseline, "write-baseline", "",
		"write all findings into a baseline, after which none of them counts (`FILE`)")
	cmd.MarkFlagsMutuallyExclusive("json", "format")
	cmd.MarkFlagsMutuallyExclusive("baseline", "write-baseline")
	return cmd
}

func (a *auditing) run(cmd *cobra.Command, files []string) error {
	limit := trust.Severity(a.failOn)
	if a.failOn != "" {
		if err := oneOf("fail-on", a.failOn, severities); err != nil {
			return err
		}
	}
	if cmd.Flags().Changed("trust-policy") == (len(files) > 0) {
		return errors.New("give what to audit: --trust-policy FILE, or one or more files")
	}
	if a.asJSON {
		a.format = "json"
	}
	if err := oneOf("format", a.format, formats); err != nil {
		return err
	}
	config, baseline, err := a.decisions(cmd)
	if err != nil {
		return err
	}
	made, err := a.report(cmd, files)
	if err != nil {
		return err
	}
	made.Ignore(config)
	if a.writeBaseline != "" {
		if len(a.roleless) > 0 {
			return lacksRoles(a.roleless)
		}
		if made.Unreadable() {
			return errors.New("--write-baseline: not every trust policy could be read, so no baseline is written; " +
				"leave --write-baseline out to see which")
		}
		baseline = made.NewBaseline()
		text, err := baseline.Text()
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.writeBaseline, text, 0o644); err != nil { //nolint:gosec // it is checked in
			return err
		}
	}
	if baseline != nil {
		made.Compare(baseline)
	}
	if !made.Single && (a.format == "text" || a.format == "json") {
		made.Inventory = verb.Inventory(made.Roles)
	}
	if err := write(made, cmd.OutOrStdout(), a.format, a.everything); err != nil {
		return err
	}
	switch {
	case len(a.roleless) > 0:
		return lacksRoles(a.roleless)
	case made.Unreadable():
		return errUnread
	case a.failOn != "" && made.Reaches(limit):
		return errNo
	}
	return nil
}

// decisions reads what is ignored, and what is known.
func (a *auditing) decisions(cmd *cobra.Command) (config *report.Config, baseline *report.Baseline, err error) {
	config = &report.Config{}
	if a.config != "" {
		text, err := read(cmd, a.config, maxDocument)
		if err == nil {
			config, err = report.ReadConfig(text, audit.Rules(all.Registry()))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("--config %s: %w", a.config, err)
		}
	}
	if a.baseline != "" {
		text, err := read(cmd, a.baseline, maxDocument)
		if err == nil {
			baseline, err = report.ReadBaseline(text)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("--baseline %s: %w", a.baseline, err)
		}
	}
	return config, baseline, nil
}

// report audits what the arguments name.
func (a *auditing) report(cmd *cobra.Command, files []string) (*report.Report, error) {
	if len(files) > 0 {
		found, roleless, err := readFiles(cmd, files, a.requireRoles)
		if err != nil {
			return nil, err
		}
		a.roleless = roleless
		return report.New(verb.AuditRoles(found.Roles), found.Skipped, false), nil
	}
	found, single, err := readOne(cmd, a.policy)
	if err != nil {
		return nil, err
	}
	if a.requireRoles && len(found.Roles) == 0 {
		a.roleless = []string{demandRole(found, a.policy)}
	}
	made := report.New(verb.AuditRoles(found.Roles), found.Skipped, single)
	if single && made.Unreadable() {
		return nil, errors.New(made.Roles[0].Error)
	}
	return made, nil
}

// readOne reads what --trust-policy names. A single policy has no role's name.
func readOne(cmd *cobra.Command, name string) (found *account.Found, single bool, err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		found, err := account.Folder(os.DirFS(name))
		if err == nil && len(found.Roles) == 0 {
			err = fmt.Errorf("%s has no file that ends in .json and holds a trust policy; name the one that does", name)
		}
		return found, false, err
	}
	raw, err := read(cmd, name, account.MaxDocument)
	if err != nil {
		return nil, false, err
	}
	file := ""
	if name != "-" {
		file = filepath.ToSlash(filepath.Clean(name))
	}
	found, err = account.Read(raw)
	if err == nil && found.Several {
		found.In(file)
		return found, false, nil
	}
	if errors.Is(err, account.ErrNoRole) || err == nil {
		// What it lacks to be a trust policy is the parser's to say.
		document, err := verb.TrustPolicy(raw)
		role := account.Role{Trust: document.Policy, Whole: true, Err: err}
		if err == nil && found != nil && len(found.Roles) == 1 {
			role = found.Roles[0]
		}
		role.File = file
		return &account.Found{Roles: []account.Role{role}}, true, nil
	}
	if file != "" {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return nil, false, err
}

// readFiles reads several files and folders. One that holds no trust policy is skipped; with requireRoles it is a role
// that could not be read, and one of roleless.
func readFiles(cmd *cobra.Command, names []string, requireRoles bool) (
	every *account.Found, roleless []string, err error,
) {
	every = &account.Found{Several: true}
	for _, name := range names {
		found, err := readNamed(cmd, name)
		if err != nil {
			return nil, nil, err
		}
		// A file of managed policies alone says what the roles of another file may do.
		if requireRoles && found.Empty() {
			roleless = append(roleless, demandRole(found, name))
		}
		every.Merge("", found)
	}
	if requireRoles && len(every.Roles) == 0 {
		demandRole(every, names[0])
		roleless = names
	}
	every.Attach()
	return every, roleless, nil
}

// readNamed reads a file, or all files of a folder.
func readNamed(cmd *cobra.Command, name string) (*account.Found, error) {
	clean := filepath.ToSlash(filepath.Clean(name))
	found := &account.Found{Several: true}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		inside, err := account.Folder(os.DirFS(name))
		if err == nil {
			found.Merge(clean, inside)
		}
		return found, err
	}
	raw, err := read(cmd, name, account.MaxDocument)
	if err != nil {
		return nil, err
	}
	found.Add(clean, raw, slices.Contains([]string{".yaml", ".yml", ".template"}, filepath.Ext(name)))
	return found, nil
}

// demandRole puts a role that could not be read where there is none, so that every format shows what is lacking. It
// returns what to call the input.
func demandRole(found *account.Found, name string) string {
	file := filepath.ToSlash(filepath.Clean(name))
	reason := ""
	found.Skipped = slices.DeleteFunc(found.Skipped, func(s account.Skipped) bool {
		if s.File == file {
			reason = " (" + s.Reason + ")"
		}
		return s.File == file
	})
	if name == "-" {
		file, name = "", "standard input"
	}
	found.Roles = append(found.Roles, account.Role{File: file, Err: fmt.Errorf("there is no role%s, and "+
		"--require-roles demands one; is it the right file?", reason)})
	return name
}

// lacksRoles says what holds no role, though it has to.
func lacksRoles(names []string) error {
	return fmt.Errorf("--require-roles: no role in %s; name what holds the trust policies, or leave --require-roles "+
		"out if files without any are meant to pass", strings.Join(names, ", "))
}
