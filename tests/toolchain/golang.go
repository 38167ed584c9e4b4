package toolchain

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"
)

// A goTool is one command that the go.mod of a folder of tools pins.
type goTool struct {
	name    string
	pkg     string
	ldflags string
	expect  string // what a cold build costs, for the person who waits
}

// Pulumi returns the path of the Pulumi CLI. The YAML language host lies beside it, which is where the CLI looks for
// one.
func Pulumi(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	version, err := ModuleVersion(ctx, toolsModule(root), "github.com/pulumi/pulumi/pkg/v3")
	if err != nil {
		return "", err
	}
	dir, err := goTools(ctx, toolsModule(root), progress,
		goTool{
			name: "pulumi", pkg: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", expect: "about 6 minutes on 2 cores",
			// The Automation API asks the CLI for its version and refuses one that does not know it.
			ldflags: "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + version,
		},
		goTool{
			name: "pulumi-language-yaml", pkg: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
			ldflags: "-s -w", expect: "about 1 minute",
		},
	)
	return filepath.Join(dir, "pulumi"), err
}

// GolangciLint returns the path of the linter for Go. It has a module of its own: the 200 modules that come with it
// must not choose the versions that the Pulumi CLI is built with.
func GolangciLint(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := goTools(ctx, filepath.Join(root, "tests", "lint", "golangci"), progress, goTool{
		name: "golangci-lint", pkg: "github.com/golangci/golangci-lint/v2/cmd/golangci-lint",
		ldflags: "-s -w", expect: "about 2 minutes on 2 cores",
	})
	return filepath.Join(dir, "golangci-lint"), err
}

// Actionlint returns the path of the linter for workflows, which has a module of its own as golangci-lint has.
func Actionlint(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := goTools(ctx, filepath.Join(root, "tests", "lint", "actionlint"), progress, goTool{
		name: "actionlint", pkg: "github.com/rhysd/actionlint/cmd/actionlint",
		ldflags: "-s -w", expect: "about 15 seconds on 2 cores",
	})
	return filepath.Join(dir, "actionlint"), err
}

// ModuleVersion is the version of a dependency that the go.mod in dir selects.
func ModuleVersion(ctx context.Context, dir, dependency string) (string, error) {
	return run(ctx, dir, "go", "list", "-m", "-f", "{{.Version}}", dependency)
}

func toolsModule(root string) string { return filepath.Join(root, "tests", "tools") }

// goTools returns the folder that holds the given commands of one module.
func goTools(ctx context.Context, module string, progress Progress, tools ...goTool) (string, error) {
	key, err := goToolsKey(module, tools)
	if err != nil {
		return "", err
	}
	return entry{kind: tools[0].name, key: key, fill: func(ctx context.Context, dir string) error {
		return buildGoTools(ctx, module, dir, progress, tools)
	}}.path(ctx)
}

// goToolsKey changes with what the commands are built from.
func goToolsKey(module string, tools []goTool) (string, error) {
	words := []string{runtime.Version()}
	for _, tool := range tools {
		words = append(words, tool.pkg, tool.ldflags)
	}
	return keyOf(words, filepath.Join(module, "go.mod"), filepath.Join(module, "go.sum"))
}

// buildGoTools builds commands of one module into a folder.
func buildGoTools(ctx context.Context, module, dir string, progress Progress, tools []goTool) error {
	for _, tool := range tools {
		progress(fmt.Sprintf("building %s (%s the first time; kept for later)", tool.name, tool.expect))
		start := time.Now()
		output := filepath.Join(dir, tool.name)
		if _, err := run(ctx, module, "go", "build", "-ldflags", tool.ldflags, "-o", output, tool.pkg); err != nil {
			return err
		}
		progress(fmt.Sprintf("built %s in %s", tool.name, time.Since(start).Round(time.Second)))
	}
	return nil
}
