package sdks

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

var record = flag.Bool("record", false, "write what was measured into docs/mistakes.md")

// The kinds of mistakes. Each is made in every place that can have it.
const (
	wrongType      = "a wrong type"
	missing        = "a missing one"
	misspelt       = "a misspelt name"
	misspeltInside = "a misspelt name inside"
	noSuchValue    = "a value that there is not"
	misspeltID     = "a misspelt id"
)

// A mistake that the programs of every language make.
type mistake struct {
	place, kind string
	path        string // of the property, in the schema's names
	meant       string // what the nearest name is, "" where there is nothing to guess
}

func (m mistake) cell() string { return m.place + ", " + m.kind }

var mistakes = []mistake{
	{"CiOidcTrust", wrongType, "maxSessionDuration", ""},
	{"CiOidcTrust", missing, "github.repositories[0].repository", ""},
	{"CiOidcTrust", misspelt, "permissionBoundary", "permissionsBoundary"},
	{"CiOidcTrust", misspeltInside, "gitlab.projects[0].branch", "branches"},
	{"CiOidcTrust", noSuchValue, "vercel.issuerMode", "team"},
	{"CiOidcTrust", misspeltID, "acceptRisks[0]", "github-any-ref"},
	{"CiOidcProviders", wrongType, "retain", ""},
	{"CiOidcProviders", missing, "circleci.organizationId", ""},
	{"CiOidcProviders", misspelt, "retained", "retain"},
	{"CiOidcProviders", misspeltInside, "github.hostnam", "hostname"},
	{"CiOidcProviders", noSuchValue, "vercel.issuerMode", "team"},
	{"auditTrust", wrongType, "trustPolicy", ""},
	{"auditTrust", missing, "trustPolicy", ""},
	{"auditTrust", misspelt, "trustPolicies", "trustPolicy"},
	{"evaluateTrust", wrongType, "partial", ""},
	{"evaluateTrust", missing, "trustPolicy", ""},
	{"evaluateTrust", misspelt, "claim", "claims"},
	{"diffTrust", wrongType, "before", ""},
	{"diffTrust", missing, "after", ""},
	{"diffTrust", misspelt, "befor", "before"},
	{"renderTrust", wrongType, "maxSessionDuration", ""},
	{"renderTrust", missing, "accountId", ""},
	{"renderTrust", misspelt, "acountId", "accountId"},
	{"renderTrust", misspeltInside, "github.repository", "repositories"},
	{"renderTrust", noSuchValue, "partition", "aws-us-gov"},
	{"renderTrust", misspeltID, "acceptRisks[0]", "github-any-ref"},
	{"permissions", wrongType, "s3Site", ""},
	{"permissions", missing, "terraformState.key", ""},
	{"permissions", misspelt, "teraformState", "terraformState"},
	{"permissions", misspeltInside, "terraformState.lockTables", "lockTable"},
	{"permissions", noSuchValue, "terraformState.mode", "apply"},
}

// Who finds a mistake.
const (
	byCompiler = "compiler"
	bySDK      = "SDK"
	byPlugin   = "plugin"
	byChecker  = "checker" // mypy and pyright
)

// found is who found a mistake, and what it says.
type found struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// saidLine is what the programs print of each mistake that they got an answer to.
var saidLine = regexp.MustCompile(`(?m)said (\{.*\})\s*$`)

// saidIn reads what a program printed.
func saidIn(t *testing.T, printed string) map[string]found {
	t.Helper()
	said := map[string]found{}
	for _, match := range saidLine.FindAllStringSubmatch(printed, -1) {
		var line struct {
			Cell string `json:"cell"`
			found
		}
		require.NoError(t, json.Unmarshal([]byte(match[1]), &line), match[1])
		said[line.Cell] = line.found
	}
	return said
}

var (
	problemLine = regexp.MustCompile(`(?m)property (\S+( \(secret\))?)( with value .+?)? has a problem: (.*)$`)
	longList    = regexp.MustCompile(`( has| are)( [\w-]+,){6,} [\w-]+`)
)

// problemsIn adds what the engine printed of a component whose inputs the plugin refuses, by the problems' paths.
// Nothing may be registered then.
func problemsIn(t *testing.T, w *harness.World, place string, refused error, said map[string]found) {
	t.Helper()
	if !assert.Error(t, refused, place) {
		return
	}
	texts := map[string]string{}
	for _, match := range problemLine.FindAllStringSubmatch(refused.Error(), -1) {
		if _, is := texts[match[1]]; !is { // Node.js prints the error once more, as a literal
			texts[match[1]] = strings.TrimSpace("property " + match[1] + match[3] + " has a problem: " + match[4])
		}
	}
	for _, m := range mistakes {
		for _, path := range []string{m.path, pythonPath(m.path)} {
			if text, is := texts[path]; is && m.place == place {
				said[m.cell()] = found{byPlugin, text}
			}
		}
	}
	inventory := w.AWS.Inventory()
	assert.Empty(t, inventory.Roles)
	assert.Empty(t, inventory.Providers)
}

func pythonPath(path string) string {
	names := strings.Split(path, ".")
	for i, name := range names {
		names[i] = check.PythonName(name)
	}
	return strings.Join(names, ".")
}

// compiled reads the messages of a compiler by their lines, and gives each to the mistake that a comment above the line
// names. The first submatch of a message is its line, the second its text.
func compiled(t *testing.T, file string, message *regexp.Regexp, refused error) map[string]found {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	at, now := map[int]string{}, ""
	for i, line := range strings.Split(string(content), "\n") {
		for _, m := range mistakes {
			if strings.TrimLeft(line, " \t/#") == m.cell() {
				now = m.cell()
			}
		}
		at[i+1] = now
	}
	said := map[string]found{}
	if !assert.Error(t, refused) {
		return said
	}
	for _, match := range message.FindAllStringSubmatch(refused.Error(), -1) {
		var line int
		_, err := fmt.Sscan(match[1], &line)
		require.NoError(t, err)
		cell := at[line]
		if !assert.NotEmpty(t, cell, "no mistake was meant there: %s", match[0]) {
			continue
		}
		if _, is := said[cell]; !is {
			said[cell] = found{byCompiler, strings.Join(strings.Fields(match[2]), " ")}
		}
	}
	return said
}

// foundIn holds what was measured of a language against what a person needs, and against the page. A mistake that is
// left to another language's column has no entry.
func foundIn(t *testing.T, language string, said map[string]found) {
	t.Helper()
	var b strings.Builder
	b.WriteString("| in | mistake | found by | it says |\n|---|---|---|---|\n")
	for _, m := range mistakes {
		f, is := said[m.cell()]
		if !assert.True(t, is && f.By != "nobody", "%s: nobody finds %s", language, m.cell()) {
			continue
		}
		text := longList.ReplaceAllString(strings.Join(strings.Fields(f.Text), " "), "$1 ...")
		if f.By == bySDK || f.By == byPlugin {
			leaf := m.path[strings.LastIndex(m.path, ".")+1:]
			assert.True(t, strings.Contains(text, leaf) || strings.Contains(text, check.PythonName(leaf)),
				"%s, %s: %q does not name %s", language, m.cell(), text, leaf)
		}
		if m.meant != "" && (f.By == byPlugin || f.By == bySDK && strings.Contains(text, "did you mean")) {
			assert.True(t, strings.Contains(text, "; did you mean "+m.meant+"?") ||
				strings.Contains(text, "; did you mean "+check.PythonName(m.meant)+"?"),
				"%s, %s: %q does not name %s", language, m.cell(), text, m.meant)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` |\n", m.place, m.kind, f.By,
			strings.NewReplacer("|", `\|`, "`", "'").Replace(text))
	}
	samePage(t, language, b.String())
}

const mistakesPage = "../../docs/mistakes.md"

var pageLock sync.Mutex

// samePage holds one section of the page against what it should be, or writes it.
func samePage(t *testing.T, section, want string) {
	t.Helper()
	pageLock.Lock()
	defer pageLock.Unlock()
	content, err := os.ReadFile(mistakesPage)
	require.NoError(t, err)
	before, rest, is := strings.Cut(string(content), "\n## "+section+"\n")
	require.True(t, is, "docs/mistakes.md has no section %s", section)
	text, after, more := strings.Cut(rest, "\n## ")
	prose, table, _ := strings.Cut(text, "\n|")
	if table = strings.TrimSpace("|" + table); table != strings.TrimSpace(want) && *record {
		page := before + "\n## " + section + "\n" + strings.TrimRight(prose, "\n") + "\n\n" + want
		if more {
			page += "\n## " + after
		}
		require.NoError(t, os.WriteFile(mistakesPage, []byte(page), 0o644))
		return
	}
	assert.Equal(t, strings.TrimSpace(want), table,
		"docs/mistakes.md says something else; `go test ./sdks -record` writes it")
}

// runMistakes runs a program once for each place, and returns who said what.
func runMistakes(
	t *testing.T, w *harness.World, dir string, env []string, command ...string,
) map[string]found {
	t.Helper()
	run := placed(t, w, dir, env, command...)
	said := saidOfFunctions(t, run)
	for _, place := range []string{"CiOidcTrust", "CiOidcProviders"} {
		_, refused := run(place)
		problemsIn(t, w, place, refused, said)
	}
	secretly(t, run)
	return said
}

// placed runs a program that makes the mistakes of one place.
func placed(
	t *testing.T, w *harness.World, dir string, env []string, command ...string,
) (run func(place string) (printed string, refused error)) {
	return func(place string) (string, error) {
		cmd := w.Command(t.Context(), dir, command[0], command[1:]...)
		cmd.Env = append(append(cmd.Env, "PLACE="+place), env...)
		printed, err := harness.Finish(cmd)
		return string(printed), err
	}
}

func saidOfFunctions(t *testing.T, run func(place string) (string, error)) map[string]found {
	t.Helper()
	printed, err := run("functions")
	require.NoError(t, err)
	return saidIn(t, printed)
}

// Somebody reads the log of a pipeline. The engine prints what stands at the path of a problem.
func secretly(t *testing.T, run func(place string) (string, error)) {
	t.Helper()
	printed, refused := run("secrets")
	if assert.Error(t, refused) {
		assert.Regexp(t, `property \S+ \(secret\) has a problem: `, refused.Error())
		assert.NotContains(t, printed+refused.Error(), "hush", "a secret is printed")
	}
}

// The table at the top of the page is made of the sections.
func TestTheSummaryOfMistakesIsThatOfTheSections(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.FromSlash(mistakesPage))
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([^|]+) \\| (\\w+) \\| `")
	by := map[string]string{}
	for _, section := range strings.Split(string(content), "\n## ")[1:] {
		language, rows, _ := strings.Cut(section, "\n")
		for _, match := range row.FindAllStringSubmatch(rows, -1) {
			by[language+": "+match[1]+", "+match[2]] = match[3]
		}
	}
	var b strings.Builder
	b.WriteString("| in | mistake | " + strings.Join(languagesOfMistakes, " | ") + " |\n|---|---|" +
		strings.Repeat("---|", len(languagesOfMistakes)) + "\n")
	for _, m := range mistakes {
		fmt.Fprintf(&b, "| `%s` | %s |", m.place, m.kind)
		for _, language := range languagesOfMistakes {
			who := by[language+": "+m.cell()]
			assert.NotEmpty(t, who, "%s: %s", language, m.cell())
			b.WriteString(" " + who + " |")
		}
		b.WriteString("\n")
	}
	samePage(t, "Who finds it", b.String())
}

// languagesOfMistakes are the sections of the page, each with the table of one language.
var languagesOfMistakes = []string{
	"JavaScript", "TypeScript", "Python", "Python with a type checker", "Go", "Java", "YAML",
}
