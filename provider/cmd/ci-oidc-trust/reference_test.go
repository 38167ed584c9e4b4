package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestTheReferenceIsWhatTheCommandsSay(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"reference"}, strings.NewReader(""), &out, &errs); code != exitYes {
		t.Fatalf("%d: %s", code, &errs)
	}
	written, err := os.ReadFile("../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(written) {
		t.Error("docs/cli.md is not what the commands say; run `make generate` and commit the result")
	}
	for _, text := range []string{"Exit code", "## doctor", "## whoami", "completion powershell"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("the reference does not have %q", text)
		}
	}
}

func TestEveryCommandSaysItsExitCodesAndShowsAnExample(t *testing.T) {
	var out, errs bytes.Buffer
	run([]string{"--help"}, strings.NewReader(""), &out, &errs)
	for _, name := range []string{
		"adopt", "audit", "diff", "doctor", "evaluate", "permissions", "render", "whoami",
	} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("--help does not name %s", name)
		}
		var help bytes.Buffer
		run([]string{name, "--help"}, strings.NewReader(""), &help, &errs)
		for _, part := range []string{"Exit code", "Examples:"} {
			if !strings.Contains(help.String(), part) {
				t.Errorf("%s --help has no %q", name, part)
			}
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var script bytes.Buffer
		if code := run([]string{"completion", shell}, strings.NewReader(""), &script, &errs); code != exitYes ||
			script.Len() < 1000 {
			t.Errorf("completion %s: %d, %d bytes", shell, code, script.Len())
		}
	}
}
