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

// unclaimed are the names of docs/release.md that are not ours yet.
func unclaimed(t *testing.T) (names []string) {
	t.Helper()
	all, err := publicNames(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if !name.ours {
			names = append(names, name.name)
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

// A manifest that names a package makes `npm install`, `pip install -r`, `mvn` and `dotnet restore` fetch it.
func TestNoExampleDependsOnANameThatIsNotOurs(t *testing.T) {
	names := unclaimed(t)
	manifests, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, path := range manifests {
		name := filepath.Base(path)
		if !slices.Contains([]string{
			"package.json", "requirements.txt", "go.mod", "pom.xml", "Pulumi.yaml",
		}, name) && filepath.Ext(name) != ".csproj" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		read++
		for _, name := range names {
			// The package's own token, and the folder that `pulumi package add` writes, name nothing in a registry.
			for line := range strings.Lines(string(text)) {
				if depends(line, name) {
					t.Errorf("%s depends on %s, and docs/release.md says that it is not ours", path, name)
				}
			}
		}
	}
	if read < 10 {
		t.Errorf("only %d manifests were read", read)
	}
}

// depends reports whether a line of a manifest names a package to fetch. It overlooks the names of the example itself
// and of the SDK's folder, and the tokens of resources.
func depends(line, name string) bool {
	line = strings.NewReplacer("sdks/ci-oidc-trust", "", "ci-oidc-trust:", "").Replace(line)
	trimmed := strings.TrimSpace(line)
	for _, own := range []string{"name: ", `"name": `, "module example.com/", "<artifactId>ci-oidc-trust-java<"} {
		if strings.HasPrefix(trimmed, own) {
			return false
		}
	}
	return strings.Contains(strings.ToLower(line), strings.ToLower(name))
}

func TestAnExampleThatDependsOnANameThatIsNotOursIsFound(t *testing.T) {
	for line, name := range map[string]string{
		`        "quarry-pit": "^0.1.0"`:                                "quarry-pit",
		"quarry-pit>=0.1.0,<1.0.0":                                      "quarry-pit",
		"require github.com/quarry/pit/sdk/go v0.1.0":                   "github.com/quarry/pit/sdk/go",
		"            <groupId>io.github.quarry</groupId>":               "io.github.quarry",
		`    <PackageReference Include="Quarry.Pit" Version="0.1.0" />`: "Quarry.Pit",
		"      pluginDownloadURL: github://api.github.com/quarry/pit":   "quarry/pit",
	} {
		if !depends(line, name) {
			t.Errorf("not found: %s", line)
		}
	}
}

// As soon as a name is ours, the page has its command, and before that no page has one.
func TestThePageTellsTheCommandOfAPublishedPackageOnlyWhereItsNameIsOurs(t *testing.T) {
	names, err := publicNames(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for i := range names {
		names[i].ours = false
	}
	none, err := publishedCommands(names, "1.2.3")
	if err != nil || !strings.Contains(none, "install nothing by its name") {
		t.Errorf("%s %v", none, err)
	}
	for i := range names {
		names[i].ours = names[i].where != "PyPI, project"
	}
	some, err := publishedCommands(names, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"`npm install " + "pulumi-ci-oidc-trust@1.2.3`",
		"`go get " + "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go@v1.2.3`",
		"io.github.ci-oidc-trust:pulumi-ci-oidc-trust:1.2.3`", "`dotnet add package " + "CiOidc.Trust --version 1.2.3`",
		"`pulumi package add " + "github.com/ci-oidc-trust/pulumi-ci-oidc-trust.git/provider/cmd/" +
			"pulumi-resource-ci-oidc-trust@v1.2.3`",
	} {
		if !strings.Contains(some, command) {
			t.Errorf("not there: %s\n%s", command, some)
		}
	}
	if strings.Contains(some, "pip install") {
		t.Errorf("PyPI's name is not ours: %s", some)
	}
	for i := range names {
		names[i].ours = names[i].where != "GitHub, repository"
	}
	if text, err := publishedCommands(names, "1.2.3"); err != nil || strings.Contains(text, "npm install") {
		t.Errorf("the plugin comes from the repository, which is not ours: %s %v", text, err)
	}
	if _, err := publishedCommands(names[:2], "1.2.3"); err == nil {
		t.Error("a row is missing, and nothing is said")
	}
	if _, err := readNames(namesBegin + "| a | b |\n|---|---|\n| x | y | z | perhaps |\n" + namesEnd); err == nil {
		t.Error("neither yes nor no, and nothing is said")
	}
}
