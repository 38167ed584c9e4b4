package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Hosts are the languages whose host tests/tools/languagehost is.
var Hosts = []string{"go", "nodejs", "python"}

// OldHosts returns the folder of Pulumi's language hosts for Go, Node.js and Python of July 2023, the last that are
// served as Go modules. tests/tools/languagehost asks them to run programs and plugins, and to install dependencies.
func OldHosts(ctx context.Context, progress Progress) (string, error) {
	module, err := oldHostsModule()
	if err != nil {
		return "", err
	}
	const sdk = "github.com/pulumi/pulumi/sdk/v3"
	tools := []goTool{
		{name: "pulumi-language-go", pkg: sdk + "/go/pulumi-language-go"},
		{name: "pulumi-language-nodejs", pkg: sdk + "/nodejs/cmd/pulumi-language-nodejs"},
		{name: "pulumi-language-python", pkg: sdk + "/python/cmd/pulumi-language-python"},
	}
	for i := range tools {
		tools[i].ldflags, tools[i].expect = "-s -w", "about 30 seconds"
	}
	key, err := goToolsKey(module, tools)
	if err != nil {
		return "", err
	}
	return entry{kind: "language-hosts", key: key, fill: func(ctx context.Context, dir string) error {
		if err := buildGoTools(ctx, module, dir, progress, tools); err != nil {
			return err
		}
		// The host for Python starts programs by a script that lies beside it.
		source, err := run(ctx, module, "go", "list", "-m", "-f", "{{.Dir}}", sdk)
		if err != nil {
			return err
		}
		const script = "pulumi-language-python-exec"
		content, err := os.ReadFile(filepath.Join(source, "python", "cmd", script))
		if err != nil {
			return fmt.Errorf("the host for Python has no script: %w", err)
		}
		return os.WriteFile(filepath.Join(dir, script), content, 0o755)
	}}.path(ctx)
}

// OldHostsVersion is the version of the module that the old hosts are part of.
func OldHostsVersion(ctx context.Context) (string, error) {
	module, err := oldHostsModule()
	if err != nil {
		return "", err
	}
	return ModuleVersion(ctx, module, "github.com/pulumi/pulumi/sdk/v3")
}

func oldHostsModule() (string, error) {
	root, err := Root()
	return filepath.Join(toolsModule(root), "languagehost", "runner"), err
}
