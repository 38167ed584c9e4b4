package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// referenceCommand writes docs/cli.md: `make generate` runs it.
func referenceCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reference", Short: "Write the reference of all commands as Markdown", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), reference(cmd.Root()))
			return err
		},
	}
}

// reference is the page of the command line, from what the commands themselves say.
func reference(root *cobra.Command) string {
	root.InitDefaultCompletionCmd()
	var b strings.Builder
	b.WriteString("<!-- Written by `make generate` from the commands themselves. -->\n# The command line\n\n" +
		"`ci-oidc-trust` answers from the same code as the Pulumi functions. Unless a command says so, no AWS " +
		"account is asked and nothing is\nsent anywhere. Text from policies, events and tokens is printed without " +
		"control characters, and no colours are used.\n\n| command | |\n|---|---|\n")
	commands := root.Commands()
	for _, c := range commands {
		if c.IsAvailableCommand() {
			fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", c.Name(), c.Name(), c.Short)
		}
	}
	for _, c := range commands {
		if c.IsAvailableCommand() {
			describe(&b, c)
		}
	}
	return b.String()
}

func describe(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n```text\n%s\n```\n", c.Name(), strings.TrimSpace(c.Long))
	var flags strings.Builder
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if value != "" {
			name += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&flags, "| `%s` | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`))
	})
	if flags.Len() > 0 {
		fmt.Fprintf(b, "\n| flag | |\n|---|---|\n%s", flags.String())
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", unindent(c.Example))
	}
	for _, shell := range c.Commands() {
		if shell.IsAvailableCommand() {
			fmt.Fprintf(b, "\n`ci-oidc-trust %s %s`: %s\n", c.Name(), shell.Name(), shell.Short)
		}
	}
}

// unindent takes the two spaces away that cobra's help has before an example.
func unindent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}
