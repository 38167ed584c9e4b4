package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// ESLint returns the path of the TypeScript linter. Its configuration lies in the folder that holds its node_modules,
// where the plugins it imports are found.
func ESLint(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	project := filepath.Join(root, "tests", "lint")
	dir, err := nodeProject(ctx, project, progress, "package.json", "package-lock.json", "eslint.config.js")
	return filepath.Join(dir, "node_modules", ".bin", "eslint"), err
}

// CodefreshValidator returns the folder with the node_modules of Codefresh's validator of pipeline files.
func CodefreshValidator(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	return NodeProject(ctx, filepath.Join(root, "tests", "pipelines", "codefresh"), progress)
}

// NPMCache is the folder for npm's own cache of packages.
func NPMCache() (string, error) {
	dir, err := Dir()
	return filepath.Join(dir, "npm-cache"), err
}

// NodeProject returns a folder with the node_modules that the lock file of a project describes.
func NodeProject(ctx context.Context, project string, progress Progress) (string, error) {
	return nodeProject(ctx, project, progress, "package.json", "package-lock.json")
}

// nodeProject returns a copy of the named files of a project, with the node_modules that its lock file describes.
func nodeProject(ctx context.Context, project string, progress Progress, names ...string) (string, error) {
	version, err := run(ctx, "", "node", "--version")
	if err != nil {
		return "", err
	}
	var files []string
	for _, name := range names {
		files = append(files, filepath.Join(project, name))
	}
	key, err := keyOf([]string{version}, files...)
	if err != nil {
		return "", err
	}
	cache, err := NPMCache()
	if err != nil {
		return "", err
	}
	return entry{kind: "npm", key: key, fill: func(ctx context.Context, dir string) error {
		progress(fmt.Sprintf("fetching the Node packages of %s (kept for later)", filepath.Base(project)))
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o644); err != nil {
				return err
			}
		}
		_, err := run(ctx, dir, "npm", "ci", "--cache", cache, "--prefer-offline", "--ignore-scripts", "--no-audit",
			"--no-fund")
		return err
	}}.path(ctx)
}
