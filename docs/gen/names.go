package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	namesBegin = "<!-- names: a test reads this table -->\n"
	namesEnd   = "<!-- end of names -->"
)

// A publicName is a name that anybody could register in a public place, and whether we have.
type publicName struct {
	where string // the registry, and what of it
	name  string
	ours  bool
}

// publicNames are the names of the table in docs/release.md. root is the checkout.
func publicNames(root string) ([]publicName, error) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "release.md"))
	if err != nil {
		return nil, err
	}
	return readNames(string(page))
}

func readNames(page string) (names []publicName, err error) {
	_, rest, begins := strings.Cut(page, namesBegin)
	table, _, ends := strings.Cut(rest, namesEnd)
	rows := strings.Split(strings.TrimSpace(table), "\n")
	if !begins || !ends || len(rows) < 3 {
		return nil, errors.New("docs/release.md has no table of names")
	}
	for _, row := range rows[2:] {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 4 || cells[3] != "yes" && cells[3] != "no" {
			return nil, fmt.Errorf("docs/release.md: want four cells, the last of them yes or no: %s", row)
		}
		names = append(names, publicName{
			where: cells[0], name: strings.Trim(cells[1], "`"), ours: cells[3] == "yes",
		})
	}
	return names, nil
}

// A wayToInstall is how a person takes a published package. The command is told only where its name is ours: whoever
// follows a page that names another's package runs that other's code.
type wayToInstall struct {
	language string
	where    string // of the table in docs/release.md
	command  string // %[1]s is the name, %[2]s the version
}

var waysToInstall = []wayToInstall{
	{"TypeScript, JavaScript", "npm, package", "npm install %[1]s@%[2]s"},
	{"Python", "PyPI, project", "pip install %[1]s==%[2]s"},
	{"Go", "Go module, SDK", "go get %[1]s@v%[2]s"},
	{"Java", "Maven Central, group", "in pom.xml: the dependency %[1]s:pulumi-ci-oidc-trust:%[2]s"},
	{"C#, F#, Visual Basic", "NuGet, package", "dotnet add package %[1]s --version %[2]s"},
	{
		"YAML, and any other language", "GitHub, repository",
		"pulumi package add github.com/%[1]s.git/provider/cmd/pulumi-resource-ci-oidc-trust@v%[2]s",
	},
}

// publishedCommands is what to write for the packages of the registries. All of them need the repository as well: the
// Pulumi CLI takes the plugin from its releases.
func publishedCommands(names []publicName, version string) (string, error) {
	by := map[string]publicName{}
	for _, name := range names {
		by[name.where] = name
	}
	var b strings.Builder
	for _, way := range waysToInstall {
		name, ok := by[way.where]
		if !ok {
			return "", fmt.Errorf("docs/release.md has no row for %s", way.where)
		}
		if name.ours && by["GitHub, repository"].ours {
			fmt.Fprintf(&b, "| %s | `%s` |\n", way.language, fmt.Sprintf(way.command, name.name, version))
		}
	}
	if b.Len() == 0 {
		return "No name of this package is ours yet in a public registry, so **install nothing by its name**:\n" +
			"whoever registers it first would run code with your AWS credentials. Here is what to write as soon as\n" +
			"a name [is ours](REPOSITORY/blob/main/docs/release.md).\n", nil
	}
	return "| language | command |\n|---|---|\n" + b.String(), nil
}
