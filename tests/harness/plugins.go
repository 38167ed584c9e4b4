package harness

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// installPlugins builds the two plugins from this checkout and puts them where the engine keeps those it has
// downloaded.
func (w *World) installPlugins(ctx context.Context) error {
	version, err := w.schemaVersion()
	if err != nil {
		return err
	}
	// Our provider's children take any AWS plugin; this is the version that the stand-in imitates.
	awsVersion, err := toolchain.ModuleVersion(ctx, w.root, "github.com/pulumi/pulumi-aws/sdk/v6")
	if err != nil {
		return err
	}
	plugins := []struct{ name, version, module, pkg string }{
		{"ci-oidc-trust", version, ".", "./provider/cmd/pulumi-resource-ci-oidc-trust"},
		{"aws", strings.TrimPrefix(awsVersion, "v"), "tests", "./awsplugin/cmd/pulumi-resource-aws"},
	}
	for _, plugin := range plugins {
		binary := "pulumi-resource-" + plugin.name
		folder := filepath.Join(w.pulumiHome(), "plugins", "resource-"+plugin.name+"-v"+plugin.version)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		module := filepath.Join(w.root, plugin.module)
		if err := toolchain.Build(ctx, module, plugin.pkg, filepath.Join(folder, binary), w.progress); err != nil {
			return err
		}
	}
	return nil
}

// InstallJava puts the language host for Java where the engine looks for one.
func (w *World) InstallJava(ctx context.Context) error {
	from, err := toolchain.JavaHost(ctx, w.progress)
	if err != nil {
		return err
	}
	version, err := toolchain.ModuleVersion(ctx, filepath.Join(w.root, "tests", "tools", "java"),
		"github.com/pulumi/pulumi-java/pkg")
	if err != nil {
		return err
	}
	folder := filepath.Join(w.pulumiHome(), "plugins", "language-java-"+version)
	return os.CopyFS(folder, os.DirFS(from))
}

// InstallHosts puts the language hosts for Go, Node.js and Python where the engine looks for them, and takes our plugin
// from where the engine keeps those that it has downloaded: what runs then is compiled from its source by the host for
// Go, for whoever names its folder.
func (w *World) InstallHosts(ctx context.Context) error {
	old, err := toolchain.OldHosts(ctx, w.progress)
	if err != nil {
		return err
	}
	version, err := toolchain.OldHostsVersion(ctx)
	if err != nil {
		return err
	}
	host := filepath.Join(w.dir, "languagehost")
	module := filepath.Join(w.root, "tests", "tools")
	if err := toolchain.Build(ctx, module, "./languagehost", host, w.progress); err != nil {
		return err
	}
	for _, language := range toolchain.Hosts {
		name := "pulumi-language-" + language
		folder := filepath.Join(w.pulumiHome(), "plugins", "language-"+language+"-"+version)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := os.Link(host, filepath.Join(folder, name)); err != nil {
			return err
		}
		if err := os.Symlink(old, filepath.Join(folder, "runner")); err != nil {
			return err
		}
	}
	plugin, err := w.Plugin()
	if err != nil {
		return err
	}
	return os.RemoveAll(filepath.Dir(plugin))
}

func (w *World) schemaVersion() (string, error) {
	raw, err := os.ReadFile(filepath.Join(w.root, "schema.json"))
	if err != nil {
		return "", err
	}
	var schema struct{ Version string }
	err = json.Unmarshal(raw, &schema)
	return schema.Version, err
}

// Plugin is the path of our plugin's binary.
func (w *World) Plugin() (string, error) {
	version, err := w.schemaVersion()
	return filepath.Join(w.pulumiHome(), "plugins", "resource-ci-oidc-trust-v"+version,
		"pulumi-resource-ci-oidc-trust"), err
}
