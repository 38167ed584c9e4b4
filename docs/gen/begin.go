package main

import (
	"fmt"
	"strings"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
)

// firstProgram is the smallest that a person may keep: one repository, one branch.
const firstProgram = `name: deploy
runtime: yaml
resources:
  deploy:
    type: ci-oidc-trust:CiOidcTrust
    properties:
      github:
        repositories:
          - repository: acme@1234567/web@89012345
            branches: [main]
      policyArns: [arn:aws:iam::aws:policy/AmazonS3FullAccess]
outputs:
  roleArn: ${deploy.roleArn}
`

// A beginning is how a person begins in a language who has nothing: the commands that make a project, and the file that
// the program goes into.
type beginning struct {
	heading, commands, remark string
	file, fence               string
	language                  program.Language
	write                     func(program string) string // what the printer leaves to be done, or nil
}

var beginnings = []beginning{
	{
		heading: "TypeScript", commands: "pulumi new typescript\n",
		file: "index.ts", fence: "ts", language: program.TypeScript,
	},
	{
		heading: "JavaScript", commands: "pulumi new javascript\n",
		remark: "No compiler looks at plain JavaScript, and this SDK drops an input whose name it does not know\n" +
			"without a word: [who finds which mistake](REPOSITORY/blob/main/docs/mistakes.md).\n\n",
		file: "index.js", fence: "js", language: program.TypeScript, write: commonJS,
	},
	{
		heading: "JavaScript, as ES modules", commands: "pulumi new javascript\nnpm pkg set type=module\n",
		file: "index.js", fence: "js", language: program.TypeScript,
	},
	{
		heading: "Python", commands: "pulumi new python\n",
		file: "__main__.py", fence: "python", language: program.Python,
	},
	{
		heading: "Go", commands: "pulumi new go\n",
		file: "main.go", fence: "go", language: program.Go,
	},
	{
		heading: "Java", commands: "pulumi new java --generate-only\n" +
			"cp CHECKOUT/examples/java/pom.xml pom.xml\npulumi stack init dev\n",
		remark: "This ~pom.xml~ finds the SDK where ~pulumi package add~ writes it, and has what the SDK needs.\n\n",
		file:   "src/main/java/myproject/App.java", fence: "java", language: program.Java,
		write: func(program string) string { return "package myproject;\n\n" + program },
	},
	{
		heading: "YAML", commands: "pulumi stack init dev\n",
		file: "Pulumi.yaml", fence: "yaml", language: program.YAML,
	},
}

// commonJS makes a CommonJS module of a program in TypeScript that has no types.
func commonJS(program string) string {
	const imported = `import { CiOidcTrust } from "pulumi-ci-oidc-trust";`
	return "\"use strict\";\n" + strings.NewReplacer(
		imported, `const { CiOidcTrust } = require("pulumi-ci-oidc-trust");`, "export const ", "exports.",
	).Replace(program)
}

// fromNothing says what a person types who begins in an empty folder. tests/sdks reads it here and does it.
func fromNothing() (string, error) {
	var b strings.Builder
	b.WriteString(`### From an empty folder

Make a project, write the program into the file that is named, and then, in every language:

~~~sh
pulumi package add CHECKOUT/provider/cmd/pulumi-resource-ci-oidc-trust
pulumi config set aws:region eu-central-1
pulumi up
~~~

In the programs, ~acme@1234567/web@89012345~ is the repository whose branch ~main~ gets the role. Yours is what
~gh api repos/OWNER/NAME --jq '"\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"'~ prints. ~policyArns~ is what the role
may do.

A test does all this as it stands here, with templates of the same shape as those that ~pulumi new~ fetches. It has
no .NET: for C# begin with [its example](REPOSITORY/tree/main/examples/dotnet).

`)
	for _, one := range beginnings {
		text, err := program.Translate(contract.Schema, []byte(firstProgram), one.language)
		if err != nil {
			return "", fmt.Errorf("%s: %w", one.heading, err)
		}
		if one.write != nil {
			text = one.write(text)
		}
		commands := "~~~sh\n" + one.commands + "~~~\n\n" + one.remark
		file := "~" + one.file + "~:\n\n~~~" + one.fence + "\n" + text + "~~~\n\n"
		if one.language == program.YAML { // the file is the project
			commands, file = file, commands
		}
		b.WriteString("#### " + one.heading + "\n\n" + commands + file)
	}
	return b.String(), nil
}
