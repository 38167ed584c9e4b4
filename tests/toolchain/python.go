package toolchain

import (
	"context"
	"fmt"
	"path/filepath"
)

// Ruff returns the path of the Python linter.
func Ruff(ctx context.Context, progress Progress) (string, error) {
	return pythonLinter(ctx, "ruff", "requirements.txt", progress)
}

// Zizmor returns the path of the linter that looks for holes in workflows.
func Zizmor(ctx context.Context, progress Progress) (string, error) {
	return pythonLinter(ctx, "zizmor", "zizmor.txt", progress)
}

// Shellcheck returns the path of the linter of shell scripts, also of those in workflows.
func Shellcheck(ctx context.Context, progress Progress) (string, error) {
	return pythonLinter(ctx, "shellcheck", "shellcheck.txt", progress)
}

// pythonLinter returns the path of a command that a requirements file in tests/lint pins.
func pythonLinter(ctx context.Context, name, requirements string, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := pip(ctx, name, filepath.Join(root, "tests", "lint", requirements), progress, "install", "--target")
	return filepath.Join(dir, "bin", name), err
}

// Wheelhouse returns a folder with a wheel of every package that a requirements file names, for `pip install --no-index
// --find-links`.
func Wheelhouse(ctx context.Context, requirements string, progress Progress) (string, error) {
	return pip(ctx, "wheels", requirements, progress, "download", "--only-binary=:all:", "--dest")
}

// pip runs one pip command that writes into a folder of the cache; the folder is its last argument.
func pip(ctx context.Context, kind, requirements string, progress Progress, args ...string) (string, error) {
	version, err := run(ctx, "", "python3", "-c", "import sys; print(sys.version)")
	if err != nil {
		return "", err
	}
	key, err := keyOf([]string{version}, requirements)
	if err != nil {
		return "", err
	}
	return entry{kind: kind, key: key, fill: func(ctx context.Context, dir string) error {
		progress(fmt.Sprintf("fetching the Python packages of %s (kept for later)", filepath.Base(requirements)))
		command := append([]string{"-m", "pip", "--disable-pip-version-check", "--quiet"}, args...)
		_, err := run(ctx, "", "python3", append(command, dir, "--requirement", requirements)...)
		return err
	}}.path(ctx)
}

// Moto returns the folder to put on PYTHONPATH for `python3 -m moto.server`.
func Moto(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	return pip(ctx, "moto", filepath.Join(root, "tests", "moto", "requirements.txt"), progress, "install", "--target")
}

// PipelineSchemas returns the folder of the JSON schemas that CI systems publish for their pipeline files.
func PipelineSchemas(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	requirements := filepath.Join(root, "tests", "pipelines", "requirements.txt")
	dir, err := pip(ctx, "schemas", requirements, progress, "install", "--no-deps", "--only-binary=:all:",
		"--require-hashes", "--target")
	return filepath.Join(dir, "check_jsonschema", "builtin_schemas", "vendor"), err
}

// PythonClients returns the folder to put on PYTHONPATH for `python3 -m awscli` and for boto3. The requirements are a
// file in tests/clients.
func PythonClients(ctx context.Context, requirements string, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	return pip(ctx, "clients", filepath.Join(root, "tests", "clients", requirements), progress, "install", "--target")
}

// Mypy returns the folder to put on PYTHONPATH for `python3 -m mypy`.
func Mypy(ctx context.Context, requirements string, progress Progress) (string, error) {
	return pip(ctx, "mypy", requirements, progress, "install", "--only-binary=:all:", "--target")
}

// Twine returns the folder to put on PYTHONPATH for `python3 -m twine`, which holds packages to what PyPI asks.
func Twine(ctx context.Context, progress Progress) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	requirements := filepath.Join(root, "tests", "release", "twine.txt")
	return pip(ctx, "twine", requirements, progress, "install", "--only-binary=:all:", "--target")
}

// CSharpParser returns the folder to put on PYTHONPATH for the modules tree_sitter and tree_sitter_c_sharp.
func CSharpParser(ctx context.Context, requirements string, progress Progress) (string, error) {
	return pip(ctx, "csharp", requirements, progress, "install", "--only-binary=:all:", "--target")
}
