package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	namesBegin = "<!-- names: a test reads this table -->\n"
	namesEnd   = "<!-- end of names -->"
)

// unclaimed are the names of docs/release.md that are not ours yet.
func unclaimed(t *testing.T) (names []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "release.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(page), namesBegin)
	table, _, ends := strings.Cut(rest, namesEnd)
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if !begins || !ends || len(rows) < 3 {
		t.Fatal("docs/release.md has no table of names")
	}
	for _, row := range rows[2:] {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 4 {
			t.Fatalf("not four cells: %s", row)
		}
		switch cells[3] {
		case "no":
			names = append(names, strings.Trim(cells[1], "`"))
		case "yes":
		default:
			t.Errorf("neither yes nor no: %s", row)
		}
	}
	return names
}

// installs are the ways to write that a name is fetched from a public place and run. The name is the last group.
var installs = []*regexp.Regexp{
	regexp.MustCompile(`\b(?:npm|pnpm|yarn|bun) (?:install|i|add|ci|exec)(?: -\S+)* +(\S+)`),
	regexp.MustCompile(`\bnpx(?: -\S+)* +(\S+)`),
	regexp.MustCompile(`\b(?:pip3?|uv|uv pip|pipx|poetry) (?:install|add|run)(?: -\S+)* +(\S+)`),
	regexp.MustCompile(`\bdotnet add(?: \S+)? package +(\S+)`),
	regexp.MustCompile(`\bgo (?:get|install|run)(?: -\S+)* +(\S+)`),
	regexp.MustCompile(`\bpulumi package add +(\S+)`),
	regexp.MustCompile(`\bpulumi plugin install(?: resource)? +(\S+)`),
	regexp.MustCompile(`\bgit clone +(?:https://)?(\S+)`),
	regexp.MustCompile(`\bbrew install +(\S+)`),
}

// tells returns the unclaimed name that a text tells people to install, and "" if there is none.
func tells(text string, unclaimed []string) string {
	for line := range strings.Lines(text) {
		line = strings.ToLower(line)
		for _, name := range unclaimed {
			name = strings.ToLower(name)
			if strings.Contains(line, name) && slices.ContainsFunc(installs, func(install *regexp.Regexp) bool {
				return slices.ContainsFunc(install.FindAllStringSubmatch(line, -1), func(found []string) bool {
					return installed(found[1], name)
				})
			}) {
				return name
			}
		}
	}
	return ""
}

// installed reports whether the word behind a command is the name, with at most a version, a scheme, a folder or
// quotes.
func installed(word, name string) bool {
	word = strings.TrimPrefix(strings.TrimLeft(word, "`\"'("), "https://")
	rest, begins := strings.CutPrefix(strings.TrimPrefix(word, "github.com/"), strings.TrimPrefix(name, "github.com/"))
	return begins && (rest == "" || strings.ContainsAny(rest[:1], "@=<>~^!/\\`\"'.,;:)["))
}

func TestNothingTellsPeopleToInstallANameThatIsNotOurs(t *testing.T) {
	names := unclaimed(t)
	read := 0
	kinds := []string{".md", ".json", ".yaml", ".yml", ".txt", ".toml", ".go", ".ts", ".py", ".java", ".cs", ".sh"}
	root := filepath.Join("..", "..")
	if err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "bin", "testdata"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(kinds, filepath.Ext(path)) || strings.HasSuffix(path, "release_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		if name := tells(string(text), names); name != "" {
			t.Errorf("%s tells people to install %s, and docs/release.md says that it is not ours", path, name)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if read < 100 {
		t.Errorf("only %d files were read", read)
	}
}

func TestACommandThatInstallsANameThatIsNotOursIsFound(t *testing.T) {
	names := []string{"quarry-pit", "Quarry.Pit", "github.com/quarry/pit", "quarry/pit"}
	for _, told := range []string{
		"npm install quarry-pit", "npm i -D quarry-pit@1.2.3", "`npx quarry-pit`", "pip install quarry-pit",
		"pip install --upgrade quarry-pit==1", "uv add quarry-pit", "pipx run quarry-pit",
		"dotnet add package Quarry.Pit", "dotnet add app package quarry.pit", "go get github.com/quarry/pit@v1.2.3",
		"go install github.com/quarry/pit/cmd/pit@latest", "pulumi package add github.com/quarry/pit",
		"pulumi package add quarry-pit", "pulumi plugin install resource quarry-pit",
		"git clone https://github.com/quarry/pit.git", `"readme": "npm install quarry-pit\n"`,
	} {
		if tells(told, names) == "" {
			t.Errorf("not found: %s", told)
		}
	}
	for _, fine := range []string{
		"npm install", "npm install @pulumi/aws", "pip install -r requirements.txt", "go run ./quarry-pit",
		"quarry-pit --help", "npm install quarry-pit-of-others",
		"pulumi package add ../checkout/provider/cmd/quarry-pit",
	} {
		if name := tells(fine, names); name != "" {
			t.Errorf("%s is found in: %s", name, fine)
		}
	}
}
