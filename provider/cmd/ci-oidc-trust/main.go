// Command ci-oidc-trust evaluates and audits IAM role trust policies for CI jobs, without an AWS account.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// Exit codes, documented in --help.
const (
	exitYes      = 0 // allowed; no finding reaches --fail-on
	exitNo       = 1 // denied, or undecided; a finding reaches --fail-on
	exitBadInput = 2
)

// errNo ends a command that worked and whose answer is no.
var errNo = errors.New("no")

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) int {
	root := &cobra.Command{
		Use:   "ci-oidc-trust",
		Short: "Evaluate and audit IAM role trust policies as AWS STS reads them",
		Long: "Evaluate and audit IAM role trust policies as AWS STS reads them.\n\n" +
			"No AWS account is asked and nothing is sent anywhere; tokens are never printed or stored.",
		SilenceUsage: true, SilenceErrors: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(evaluateCommand(), auditCommand())
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	switch err := root.Execute(); {
	case err == nil:
		return exitYes
	case errors.Is(err, errNo):
		return exitNo
	default:
		fmt.Fprintln(errs, "ci-oidc-trust:", err)
		return exitBadInput
	}
}

// read reads a file, or standard input where the name is "-".
func read(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxInput))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxInput))
}

// maxInput bounds what is read: an account's authorization details are the largest input there is.
const maxInput = 1 << 30
