package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// A documented is a command line of this program that stands in a document.
type documented struct {
	at    string // "README.md: adopt --import"
	args  []string
	whole bool // it stands in a block of code, as somebody would run it, and not in a sentence
}

var (
	called   = regexp.MustCompile("(?:^|[\\s`(/|])ci-oidc-trust ([a-z][^\n`]*)")
	ofWhole  = regexp.MustCompile(`\s*(?:[|>;#)]|&&|2>).*$`)
	inBlock  = regexp.MustCompile("(?ms)^[ \t]*```(?:sh|bash|console|yaml)\n(.*?)^[ \t]*```")
	inSpan   = regexp.MustCompile("`[^`\n]+`")
	argument = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)
)

// documentedIn are the command lines of a document. What stands in backquotes counts, and so do blocks of code.
func documentedIn(name, text string) []documented {
	var found []documented
	add := func(code string, whole bool) {
		for _, match := range called.FindAllStringSubmatch(code, -1) {
			line := ofWhole.ReplaceAllString(strings.ReplaceAll(match[1], `\|`, "|"), "")
			d := documented{at: name + ": " + line, whole: whole}
			for _, word := range argument.FindAllString(line, -1) {
				d.args = append(d.args, strings.Trim(word, `'"`))
			}
			found = append(found, d)
		}
	}
	if !strings.HasSuffix(name, ".md") {
		add(text, true)
		return found
	}
	text = strings.ReplaceAll(text, "\\\n", " ")
	for _, block := range inBlock.FindAllStringSubmatch(text, -1) {
		add(block[1], true)
	}
	for _, span := range inSpan.FindAllString(inBlock.ReplaceAllString(text, ""), -1) {
		add(span, false)
	}
	return found
}

// taken says why the program does not take a command line, nil if it does.
func taken(d documented) error {
	root := newRoot(strings.NewReader(""), io.Discard, io.Discard)
	c, rest, err := root.Find(d.args)
	if err != nil {
		return err
	}
	if c == root {
		return noCommand(root, rest)
	}
	c.InitDefaultHelpFlag()
	err = c.ParseFlags(rest)
	var wantsValue *pflag.ValueRequiredError
	if !d.whole && errors.As(err, &wantsValue) {
		return nil
	}
	if err != nil || !d.whole {
		return err
	}
	return errors.Join(c.ValidateArgs(c.Flags().Args()), lacking(c))
}

// Whoever reads a page and runs what stands there must not be told that there is no such flag.
func TestEveryCommandLineInTheDocumentsIsOneThatTheProgramTakes(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	var all []documented
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		switch {
		case entry.IsDir() && (entry.Name() == "node_modules" || name == ".git" || name == "sdk" || name == "bin"):
			return filepath.SkipDir
		case entry.IsDir() || name == "CHANGELOG.md":
			return nil
		case strings.HasSuffix(name, ".md") || name == ".pre-commit-hooks.yaml":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all = append(all, documentedIn(filepath.ToSlash(name), string(text))...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, d := range all {
		if d.whole {
			whole++
		}
		if err := taken(d); err != nil {
			t.Errorf("%s\n  %v", d.at, err)
		}
	}
	if whole < 25 || len(all) < 40 {
		t.Errorf("found %d command lines, %d of them whole: there are more than these", len(all), whole)
	}
}

func TestACommandLineThatTheProgramDoesNotTakeIsFound(t *testing.T) {
	for _, text := range []string{
		"```sh\nci-oidc-trust rendr --input x --account-id 1\n```\n", "```sh\nci-oidc-trust render --input x\n```\n",
		"```sh\ncat x | bin/ci-oidc-trust evaluate --trust-policy - --claim c | cat\n```\n", "`ci-oidc-trust audits`",
		"`ci-oidc-trust audit --fail`", "```sh\nci-oidc-trust doctor deploy\n```\n",
		"```sh\naws iam x |\n  ci-oidc-trust diff --sinc a b\n```\n",
		"`ci-oidc-trust adopt --own-providers yes`\n```sh\nci-oidc-trust adopt --import a \\\n  --ot b\n```\n",
	} {
		bad := 0
		for _, d := range documentedIn("x.md", text) {
			if taken(d) != nil {
				bad++
			}
		}
		if bad != 1 {
			t.Errorf("%d are refused of %q", bad, text)
		}
	}
}
