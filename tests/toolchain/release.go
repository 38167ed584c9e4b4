package toolchain

import (
	"context"
	"path/filepath"
)

// GoReleaser returns the path of the program that makes the archives of a release.
func GoReleaser(ctx context.Context, progress Progress) (string, error) {
	return releaseTool(ctx, "goreleaser", progress, goTool{
		name: "goreleaser", pkg: "github.com/goreleaser/goreleaser/v2",
		ldflags: "-s -w", expect: "about 2 minutes on 2 cores",
	})
}

// CycloneDX returns the path of the program that lists the modules a binary was made of, for GoReleaser.
func CycloneDX(ctx context.Context, progress Progress) (string, error) {
	return releaseTool(ctx, "cyclonedx", progress, goTool{
		name: "cyclonedx-gomod", pkg: "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod",
		ldflags: "-s -w", expect: "about 15 seconds on 2 cores",
	})
}

// releaseTool builds a tool in a module below tests/tools.
func releaseTool(ctx context.Context, module string, progress Progress, tool goTool) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := goTools(ctx, filepath.Join(toolsModule(root), module), progress, tool)
	return filepath.Join(dir, tool.name), err
}

// Once runs fill unless an earlier run has done so for the same words and the same content of files: what takes
// minutes is then known already. It keeps that it was done, and whatever fill writes into dir. If fill fails, nothing
// is kept.
func Once(
	ctx context.Context, kind string, words, files []string, fill func(ctx context.Context, dir string) error,
) (dir string, err error) {
	key, err := keyOf(words, files...)
	if err != nil {
		return "", err
	}
	return entry{kind: kind, key: key, fill: fill}.path(ctx)
}
