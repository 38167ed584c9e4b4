// Command toolchain makes the pinned tools ready and prints the path of each one it is asked for.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sort"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

var tools = map[string]func(context.Context, toolchain.Progress) (string, error){
	"pulumi":        toolchain.Pulumi,
	"golangci-lint": toolchain.GolangciLint,
	"ruff":          toolchain.Ruff,
	"eslint":        toolchain.ESLint,
	"actionlint":    toolchain.Actionlint,
	"goreleaser":    toolchain.GoReleaser,
	"cyclonedx":     toolchain.CycloneDX,
	"zizmor":        toolchain.Zizmor,
	"shellcheck":    toolchain.Shellcheck,
	"moto":          toolchain.Moto,
	"schemas":       toolchain.PipelineSchemas,
	"codefresh":     toolchain.CodefreshValidator,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "toolchain:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	var all []string
	for name := range tools {
		all = append(all, name)
	}
	sort.Strings(all)
	if len(names) == 0 {
		names = all
	}
	for _, name := range names {
		tool, ok := tools[name]
		if !ok {
			return fmt.Errorf("no tool %q; there are: %s", name, strings.Join(all, ", "))
		}
		path, err := tool(ctx, func(line string) { fmt.Fprintln(os.Stderr, line) })
		if err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}
