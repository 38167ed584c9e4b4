package provider

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A caller says problems in the names of the language that a project is written in, where that is certain.
type caller struct{ python bool }

// callerOf finds out who wrote the inputs. The engine starts a plugin in the folder of the program; a project that lies
// there or above, and has the name of the one that asks, says what it is written in. The project of a program that the
// Automation API runs may lie elsewhere: then nothing is known, and names are those of the schema, as they are for all
// other languages: Go and C# write them with a capital letter, and nothing else is different.
// Source: https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/resource/plugin/provider_plugin.go
func callerOf(project string) caller {
	folder, err := os.Getwd()
	if err != nil {
		return caller{}
	}
	path, err := workspace.DetectProjectPathFrom(folder)
	if err != nil || path == "" {
		return caller{}
	}
	found, err := workspace.LoadProject(path)
	if err != nil || project != "" && found.Name.String() != project {
		return caller{}
	}
	return caller{python: found.Runtime.Name() == "python"}
}

// says is a problem with the inputs of a component or function in the caller's names.
func (c caller) says(token string, p input.Problem) input.Problem {
	if !c.python {
		return p
	}
	parsed, err := check.Package()
	if err != nil {
		return p
	}
	return parsed.Python(token, p)
}
