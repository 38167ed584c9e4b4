package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// importLong is what the help of adopt says of --import.
const importLong = "With --import, FILE has the answers of `aws iam` about a role, one behind the other: get-role, " +
	"list-attached-role-policies,\n" +
	"list-role-policies and get-role-policy for each of these; or that of get-account-authorization-details with " +
	"get-role's for\n" +
	"description and session duration. Printed are the CiOidcTrust with everything that the role has, the file for " +
	"`pulumi import\n" +
	"--file`, the commands in their order, and what would change or be lost. The role is not made again."

// An importing is what the flags of --import say.
type importing struct {
	answers, folder string
	options         verb.ImportOptions
}

func (i *importing) flags(flags *pflag.FlagSet) {
	flags.StringVar(&i.answers, "import", "",
		"the answers of aws iam about a role to import (`FILE`, or - for standard input)")
	flags.StringVar(&i.options.Role, "role", "", "the role's `NAME` or ARN, if the answers are about several")
	flags.StringVar(&i.options.Name, "name", "", "the `NAME` of the component in the program (default the role's)")
	flags.BoolVar(&i.options.OwnProviders, "own-providers", false,
		"import the OIDC providers as well, kept when the stack goes (default: the program uses them as they are)")
	flags.StringVar(&i.folder, "out", "", "write the program and the import file into a `FOLDER`")
}

// run prints the import, or writes it.
func (i *importing) run(cmd *cobra.Command, language program.Language, asJSON bool) error {
	raw, err := read(cmd, i.answers, account.MaxDocument)
	if err != nil {
		return err
	}
	made, err := verb.ImportRole(raw, i.options)
	if err != nil {
		return err
	}
	text, err := made.Program(language)
	if err != nil {
		return err
	}
	file, err := made.FileJSON()
	if err != nil {
		return err
	}
	files := [][2]string{{programFiles[language], text}, {made.FileName(), file}}
	switch {
	case asJSON:
		err = printJSON(cmd, made)
	case i.folder != "":
		err = writeNew(i.folder, files)
	default:
		for _, f := range files {
			fmt.Fprintf(cmd.OutOrStdout(), "==> %s <==\n%s\n", f[0], f[1])
		}
	}
	if err != nil {
		return err
	}
	if !asJSON {
		explainImport(cmd, made)
	}
	switch made.Verdict {
	case "same":
		return nil
	case "undecided":
		return errUndecided
	}
	return errNo
}

// programFiles are the files that programs of a language are in.
var programFiles = map[program.Language]string{
	program.YAML: "Pulumi.yaml", program.TypeScript: "index.ts", program.Python: "__main__.py", program.Go: "main.go",
	program.Java: "App.java", program.CSharp: "Program.cs",
}

// writeNew writes files that are not there yet: nobody's program is overwritten.
func writeNew(folder string, files [][2]string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(folder, f[0])); err == nil {
			return fmt.Errorf("%s is there already; choose an empty folder with --out, and copy from it",
				filepath.Join(folder, f[0]))
		} else if !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(folder, f[0]), []byte(f[1]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// explainImport prints the commands, and what is not as it was.
func explainImport(cmd *cobra.Command, made *verb.Import) {
	var b strings.Builder
	part := func(heading string, lines []string) {
		if len(lines) == 0 {
			return
		}
		b.WriteString(heading + "\n")
		for _, line := range lines {
			b.WriteString("  " + plain(line) + "\n")
		}
	}
	part("==> commands <==", made.Commands)
	part("the first update changes:", made.Changes)
	part("lost, or not to be had:", made.Lost)
	part("note:", made.Notes)
	for _, p := range made.Placeholders {
		fmt.Fprintf(&b, "write what this prints in the place of %s, before the commands: %s\n", plain(p.Text),
			plain(p.Find))
	}
	fmt.Fprint(cmd.OutOrStdout(), b.String())
}
