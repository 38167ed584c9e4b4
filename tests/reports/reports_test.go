package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

func progress(line string) { fmt.Println(line) }

var program string

func TestMain(m *testing.M) { os.Exit(toolchain.WithCommandLine(m.Run, &program)) }

// An answer is what a run of the program gave.
type answer struct {
	code     int
	out, err string
}

// run runs the program in a folder.
func run(t *testing.T, dir, stdin string, args ...string) answer {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, strings.NewReader(stdin), &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// policy is a trust policy for a subject of GitHub.
func policy(subject string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
  "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {
    "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
    "StringLike": {
      "token.actions.githubusercontent.com:sub": "` + subject + `"}}}]}`
}

const (
	good = "repo:acme@1234567/web@89012345:ref:refs/heads/main"
	bad  = "repo:*"
)

// checkout is a folder with files.
func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func account(roles map[string]string) string {
	var list []string
	for name, trust := range roles {
		list = append(list, fmt.Sprintf(`{"RoleName":%q,"Arn":"arn:aws:iam::123456789012:role/%s",`+
			`"AssumeRolePolicyDocument":%s}`, name, name, trust))
	}
	return `{"RoleDetailList":[` + strings.Join(list, ",\n") + `]}`
}

// sarif is the schema of SARIF 2.1.0.
func sarif(t *testing.T) *jsonschema.Schema {
	t.Helper()
	root, err := toolchain.Root()
	require.NoError(t, err)
	dir, err := toolchain.NodeProject(t.Context(), filepath.Join(root, "tests", "reports"), progress)
	require.NoError(t, err)
	path := filepath.Join(dir, "node_modules", "@microsoft", "jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json")
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource(path, document))
	schema, err := compiler.Compile(path)
	require.NoError(t, err)
	return schema
}

func TestEveryLogIsValidSARIF(t *testing.T) {
	schema := sarif(t)
	dir := checkout(t, map[string]string{
		"good.json": policy(good), "bad.json": policy(bad), "broken.json": "{", "notes.txt": "hello", "name.json": "{}",
		"my roles [1].json": account(map[string]string{
			"a": policy(bad), "b": policy("repo:acme/*"), "c\\u0007{0}": policy(bad),
		}),
		"ignore.yaml": "ignore: [{role: b, reason: 'it [goes](https://example.com) away {0}'}, {role: z, reason: x}]",
	})
	for name, args := range map[string][]string{
		"one good policy":           {"--trust-policy", "good.json"},
		"one bad policy":            {"--trust-policy", "bad.json"},
		"a folder with all of it":   {"--trust-policy", "."},
		"an account":                {"my roles [1].json"},
		"what is ignored, with why": {"--config", "ignore.yaml", "my roles [1].json"},
		"nothing at all":            {"name.json"},
		"a baseline":                {"--write-baseline", filepath.Join(t.TempDir(), "known.json"), "bad.json"},
	} {
		got := run(t, dir, "", append([]string{"audit", "--format", "sarif"}, args...)...)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(got.out))
		require.NoError(t, err, "%s: %+v", name, got)
		require.NoError(t, schema.Validate(document), "%s: %s", name, got.out)
		require.NotContains(t, got.out, "null", name)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"version":"2.1.0","runs":[{"results":null}]}`))
	require.NoError(t, err)
	require.Error(t, schema.Validate(document), "the schema refuses a null")
}

// A log is what tests look at of one in SARIF.
type log struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Version string
				Rules   []struct{ ID string }
			}
		}
		Invocations []struct{ ExecutionSuccessful bool }
		Results     []struct {
			RuleID              string
			RuleIndex           int
			Level               string
			BaselineState       string
			PartialFingerprints map[string]string
			Suppressions        []struct{ Justification string }
			Locations           []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine, StartColumn int }
				}
			}
		}
	}
}

func logOf(t *testing.T, got answer) log {
	t.Helper()
	var l log
	require.NoError(t, json.Unmarshal([]byte(got.out), &l), "%+v", got)
	require.Len(t, l.Runs, 1)
	for _, r := range l.Runs[0].Results {
		require.Equal(t, r.RuleID, l.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID)
	}
	return l
}

func TestAResultPointsAtTheValueInItsFile(t *testing.T) {
	dir := checkout(t, map[string]string{"trust/bad.json": policy(bad)})
	l := logOf(t, run(t, dir, "", "audit", "--format", "sarif", "trust/bad.json"))
	result := l.Runs[0].Results[0]
	at := result.Locations[0].PhysicalLocation
	require.Equal(t, "error", result.Level)
	require.Equal(t, "trust/bad.json", at.ArtifactLocation.URI)
	require.Equal(t, 6, at.Region.StartLine)
	require.Equal(t, 50, at.Region.StartColumn)
}

func TestAResultKeepsItsFingerprintWhenTheFileIsWrittenAnew(t *testing.T) {
	dir := checkout(t, map[string]string{"bad.json": policy(bad)})
	prints := func() map[string]string {
		l := logOf(t, run(t, dir, "", "audit", "--format", "sarif", "bad.json"))
		return l.Runs[0].Results[0].PartialFingerprints
	}
	before := prints()
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(policy(bad))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.json"), compact.Bytes(), 0o600))
	require.Equal(t, before, prints())
	require.NotEmpty(t, before["primaryLocationLineHash"])
}

func TestFailOnWorksInEveryFormat(t *testing.T) {
	dir := checkout(t, map[string]string{"good.json": policy(good), "bad.json": policy(bad), "broken.json": "{"})
	for _, format := range []string{"text", "json", "sarif", "github", "csv"} {
		for file, want := range map[string]int{"good.json": 0, "bad.json": 1, ".": 2} {
			got := run(t, dir, "", "audit", "--format", format, "--fail-on", "high", file)
			require.Equal(t, want, got.code, "%s of %s: %+v", format, file, got)
			require.NotEmpty(t, got.out, "%s of %s", format, file)
		}
		broken := run(t, dir, "", "audit", "--format", format, ".")
		require.Contains(t, broken.out, "broken.json", "%s names the file", format)
	}
	require.Equal(t, 2, run(t, dir, "", "audit", "--format", "xml", "good.json").code)
	require.Equal(t, 2, run(t, dir, "", "audit", "--format", "csv", "--json", "good.json").code)
	short := run(t, dir, "", "audit", "--json", "bad.json")
	require.Equal(t, short, run(t, dir, "", "audit", "--format", "json", "bad.json"))
}

func TestABaselineLetsTheOldPassAndTheNewFail(t *testing.T) {
	roles := map[string]string{"a": policy(bad), "b": policy(good)}
	dir := checkout(t, map[string]string{"account.json": account(roles)})
	audit := func(more ...string) answer {
		return run(t, dir, "", append([]string{"audit", "--fail-on", "high", "account.json"}, more...)...)
	}
	require.Equal(t, 1, audit().code)
	require.Equal(t, 0, audit("--write-baseline", "known.json").code)
	require.Equal(t, 0, audit("--baseline", "known.json").code)
	again := audit("--baseline", "known.json", "--format", "sarif")
	require.Equal(t, "unchanged", logOf(t, again).Runs[0].Results[0].BaselineState)
	changed := account(map[string]string{"a": policy(bad), "b": policy(bad)})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "account.json"), []byte(changed), 0o600))
	got := audit("--baseline", "known.json")
	require.Equal(t, 1, got.code, "%+v", got)
	require.Contains(t, got.out, "role b\n")
	require.Equal(t, 2, audit("--baseline", "gone.json").code)
	require.Equal(t, 2, audit("--baseline", "account.json").code)
}

func TestWhatIsIgnoredPassesOnlyWithAReason(t *testing.T) {
	dir := checkout(t, map[string]string{
		"account.json": account(map[string]string{"a": policy(bad)}),
		"why.yaml":     "ignore:\n  - role: a\n    reason: it goes away in March\n",
		"no-why.yaml":  "ignore:\n  - role: a\n",
	})
	got := run(t, dir, "", "audit", "--fail-on", "high", "--config", "why.yaml", "account.json")
	require.Equal(t, 0, got.code, "%+v", got)
	require.Contains(t, got.out, "because: it goes away in March")
	got = run(t, dir, "", "audit", "--fail-on", "high", "--config", "no-why.yaml", "account.json")
	require.Equal(t, 2, got.code)
	require.Contains(t, got.err, "ignore[0].reason: is missing")
}

func TestTheProgramTellsItsVersionAndItsCompletion(t *testing.T) {
	got := run(t, t.TempDir(), "", "--version")
	require.Equal(t, 0, got.code)
	require.Regexp(t, `^ci-oidc-trust \d+\.\d+\.\d+`, got.out)
	require.Contains(t, run(t, t.TempDir(), "", "--help").out, "completion")
	require.Contains(t, run(t, t.TempDir(), "", "completion", "bash").out, "ci-oidc-trust")
}
