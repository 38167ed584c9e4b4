package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// severities are those that --fail-on takes.
var severities = []string{string(trust.High), string(trust.Medium), string(trust.Low)}

// oneOf refuses the value of a flag that takes one of some words.
func oneOf(flag, value string, words []string) error {
	if slices.Contains(words, value) {
		return nil
	}
	last := len(words) - 1
	return fmt.Errorf("--%s is %s or %s, got %q%s", flag, strings.Join(words[:last], ", "), words[last], value,
		spelling.Guess(value, words))
}

func languageNames() []string {
	var names []string
	for _, language := range program.Languages {
		names = append(names, string(language))
	}
	return names
}

func sectionNames() []string {
	var names []string
	for _, s := range all.Registry().Systems() {
		names = append(names, s.Section())
	}
	return names
}

// suggestNames lets each command that has commands below it, and each flag, answer a misspelt name with the nearest.
func suggestNames(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.SetFlagErrorFunc(meantFlag)
	root.Args = noCommand
	for _, c := range root.Commands() {
		if c.HasSubCommands() {
			c.Args = noCommand
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
		if c.Name() == "help" {
			c.Args = func(_ *cobra.Command, names []string) error {
				found, rest, err := root.Find(names)
				if err != nil {
					return err
				}
				return noCommand(found, rest)
			}
		}
	}
}

// noCommand refuses a name that no command below this one has.
func noCommand(c *cobra.Command, names []string) error {
	if len(names) == 0 {
		return nil
	}
	var known []string
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() || below.Name() == "help" {
			known = append(known, below.Name())
		}
	}
	if len(known) == 0 {
		return fmt.Errorf("%s has no commands below it, got %q; leave that out", c.CommandPath(), names[0])
	}
	return fmt.Errorf("unknown command %q; %s has %s%s", names[0], c.CommandPath(), strings.Join(known, ", "),
		spelling.Guess(names[0], append(known, "--help", "--version")))
}

// meantFlag adds the nearest flag to the library's message about one that does not exist.
func meantFlag(c *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		_, usage := pflag.UnquoteUsage(invalid.GetFlag())
		return fmt.Errorf("--%s got %q, which it does not take: %s", invalid.GetFlag().Name, invalid.GetValue(), usage)
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	if guess := spelling.Guess("--"+unknown.GetSpecifiedName(), known); guess != "" {
		return fmt.Errorf("%w%s", err, guess)
	}
	return fmt.Errorf("%w; %s --help lists those that there are", err, c.CommandPath())
}
