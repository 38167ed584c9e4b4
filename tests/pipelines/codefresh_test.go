package pipelines

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// codefreshProgram answers each pipeline, a line of JSON, with a line of JSON: what is wrong with it, or null. Warnings
// do not count: the validator gives one for a step without a version, which Codefresh's own pages write so.
const codefreshProgram = `
console.log = console.warn = () => {};
const validator = require("@codefresh-io/yaml-validator");
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
	let wrong = null;
	try {
		validator.validate(JSON.parse(line), "message", "");
	} catch (e) {
		wrong = e.details && e.details.length === 0 ? null : e.message;
	}
	process.stdout.write(JSON.stringify(wrong) + "\n");
});`

// codefresh is Codefresh's validator, in a process of its own. What it publishes is code and no JSON schema.
type codefresh struct {
	questions io.Writer
	answers   *bufio.Reader
}

// startCodefresh starts the validator, and tells which package it is.
func startCodefresh(t *testing.T) (r rules, name string) {
	t.Helper()
	dir, err := toolchain.CodefreshValidator(t.Context(), func(line string) { fmt.Println(line) })
	require.NoError(t, err)
	var about struct{ Name, Version string }
	content, err := os.ReadFile(filepath.Join(dir, "node_modules", "@codefresh-io", "yaml-validator", "package.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &about))
	command := exec.Command("node", "--eval", codefreshProgram)
	command.Dir = dir
	questions, err := command.StdinPipe()
	require.NoError(t, err)
	answers, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, questions.Close())
		require.NoError(t, command.Wait())
	})
	return codefresh{questions, bufio.NewReader(answers)}, about.Name + " " + about.Version + " (npm)"
}

// Validate asks the validator.
func (c codefresh) Validate(document any) error {
	question, err := json.Marshal(document)
	if err != nil {
		return err
	}
	if _, err := c.questions.Write(append(question, '\n')); err != nil {
		return err
	}
	answer, err := c.answers.ReadBytes('\n')
	if err != nil {
		return err
	}
	var wrong *string
	if err := json.Unmarshal(answer, &wrong); err != nil || wrong == nil {
		return err
	}
	return errors.New(*wrong)
}
