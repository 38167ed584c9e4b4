package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// explainUsage lets every command say in words what it lacks and what it has no place for. The library's own messages
// take a file that stands without its flag for a command, and quote what it was given.
func explainUsage(root *cobra.Command) {
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return lacking(c) }
	for _, c := range root.Commands() {
		if c.Args != nil && !c.HasSubCommands() && c.HasAvailableLocalFlags() && c.Args(c, []string{"x"}) != nil {
			c.Args = flagsAlone
		}
	}
}

// flagsAlone refuses what stands behind a command without a flag.
func flagsAlone(c *cobra.Command, given []string) error {
	if len(given) == 0 {
		return nil
	}
	var flags []string
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() != "bool" {
			flags = append(flags, spelled(f))
		}
	})
	return fmt.Errorf("%s takes nothing without a flag, got %q; write %s", c.Name(), given[0],
		strings.Join(flags, ", "))
}

// spelled is a flag with the word for its value: "--input FILE".
func spelled(f *pflag.Flag) string {
	word, _ := pflag.UnquoteUsage(f)
	return strings.TrimSpace("--" + f.Name + " " + word)
}

// empty refuses a flag that is given and says nothing. It stands there because a variable of the job is not set, and
// what it asks for, such as --fail-on, would be left out without a word.
func empty(c *cobra.Command) error {
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if err == nil && slices.ContainsFunc(values, func(text string) bool { return strings.TrimSpace(text) == "" }) {
			word, usage := pflag.UnquoteUsage(f)
			err = fmt.Errorf("--%s is empty; give %s (%s), or leave the flag out", f.Name, word, usage)
		}
	})
	return err
}

// lacking says which flags a command wants, which say nothing, and which do not go together.
func lacking(c *cobra.Command) error {
	if err := empty(c); err != nil {
		return err
	}
	var missing []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if _, required := f.Annotations[cobra.BashCompOneRequiredFlag]; required && !f.Changed {
			_, usage := pflag.UnquoteUsage(f)
			missing = append(missing, spelled(f)+" ("+usage+")")
		}
	})
	if len(missing) > 0 {
		return fmt.Errorf("%s wants %s", c.Name(), strings.Join(missing, " and "))
	}
	err := c.ValidateFlagGroups()
	if err == nil {
		return nil
	}
	group := flagGroup.FindStringSubmatch(err.Error())
	if group == nil {
		return err
	}
	var names []string
	for name := range strings.FieldsSeq(group[1]) {
		names = append(names, spelled(c.Flags().Lookup(name)))
	}
	if strings.HasPrefix(err.Error(), "at least one") {
		return fmt.Errorf("%s wants one of %s", c.Name(), strings.Join(names, ", "))
	}
	return fmt.Errorf("%s takes one of %s, not several", c.Name(), strings.Join(names, ", "))
}

// flagGroup is the group in the library's messages about flags that belong together.
var flagGroup = regexp.MustCompile(`group \[([a-z -]+)\]`)

// tokenForm is a JWT, wherever it stands in a text.
var tokenForm = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){1,2}`)

// withoutTokens is a message without the tokens that somebody wrote where they have no place: they would be kept in the
// log of the job.
func withoutTokens(text string) string { return tokenForm.ReplaceAllString(text, "(a token)") }

// isNoFile says what stands in the place of a file's name, nil if it may be one.
func isNoFile(name string) error {
	switch text := strings.TrimSpace(name); {
	case tokenForm.MatchString(text):
		return errors.New("a token stands where a file's name is wanted; an argument can be seen by everybody on the " +
			"host, so use another token now, and hand it on in a file or by standard input (-)")
	case strings.HasPrefix(text, "{") || strings.HasPrefix(text, "["):
		return errors.New("JSON stands where a file's name is wanted; write it into a file, or hand it on by " +
			"standard input (-)")
	}
	return nil
}
