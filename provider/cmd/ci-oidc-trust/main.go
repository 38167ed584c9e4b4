// Command ci-oidc-trust evaluates and audits IAM role trust policies for CI jobs, without an AWS account.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

// Exit codes, documented in --help.
const (
	exitYes       = 0 // allowed; no finding reaches --fail-on
	exitNo        = 1 // denied; a finding reaches --fail-on
	exitBadInput  = 2
	exitUndecided = 3 // it depends on what is not known
)

// errUnread ends an audit whose report names what could not be read.
var errUnread = errors.New("not every trust policy could be read; what is printed says which, and why")

// errNo ends a command that worked and whose answer is no, errUndecided one that has no answer.
var (
	errNo        = errors.New("no")
	errUndecided = errors.New("undecided")
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// newRoot is the program with all its commands.
func newRoot(in io.Reader, out, errs io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "ci-oidc-trust",
		Short: "Render, evaluate, audit and compare IAM role trust policies as AWS STS reads them",
		Long: "Render, evaluate, audit and compare IAM role trust policies as AWS STS reads them.\n\n" +
			"Only doctor, and whoami with --role-arn, ask an AWS account, and only to read; whoami asks the CI " +
			"system for the\njob's token and the issuer for its keys. Tokens are never printed or stored.",
		SilenceUsage: true, SilenceErrors: true,
		Version: contract.Version(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(adoptCommand(), evaluateCommand(), auditCommand(), renderCommand(), diffCommand(),
		permissionsCommand(), doctorCommand(),
		whoamiCommand(), referenceCommand())
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	suggestNames(root) // after SetOut: the scripts of completion go where it says now
	explainUsage(root)
	return root
}

func run(args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot(in, out, errs)
	root.SetArgs(args)
	switch err := root.Execute(); {
	case err == nil:
		return exitYes
	case errors.Is(err, errNo):
		return exitNo
	case errors.Is(err, errUndecided):
		return exitUndecided
	default:
		fmt.Fprintln(errs, "ci-oidc-trust:", plainLines(withoutTokens(err.Error())))
		var refused *refusedInput
		if errors.As(err, &refused) {
			for _, line := range refused.lines {
				fmt.Fprintf(errs, "  %s\n", plain(withoutTokens(line)))
			}
			if refused.all > len(refused.lines) {
				fmt.Fprintf(errs, "  these are the first %d of %d problems\n", len(refused.lines), refused.all)
			}
		}
		return exitBadInput
	}
}

// errOneStdin refuses standard input that is named twice.
var errOneStdin = errors.New("only one file can come from standard input; write the other into a file")

// read reads a file, or standard input where the name is "-". What is longer than the limit is refused: no such
// document can be right, and reading on would only take time. UTF-16 and byte order marks are taken.
func read(cmd *cobra.Command, name string, limit int64) ([]byte, error) {
	in := cmd.InOrStdin()
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, cmp.Or(isNoFile(name), err)
		}
		defer func() { _ = file.Close() }()
		in = file
	} else {
		name = "standard input"
	}
	raw, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("%s has more than %d bytes; is it the right file?", name, limit)
	}
	if err != nil {
		return nil, err
	}
	if raw, err = account.UTF8(raw); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return raw, err
}

// maxDocument bounds one policy, token or set of keys.
const maxDocument = 16 << 20

// plainLines makes a text of several lines safe to print, such as that of a proof that fails for several tokens.
func plainLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = plain(line)
	}
	return strings.Join(lines, "\n  ")
}

// plain makes a text safe to print: names in a policy may hold control characters that a terminal obeys.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
