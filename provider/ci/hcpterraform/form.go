package hcpterraform

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// No name holds a ":": HashiCorp allows none in those of projects, workspaces and Stacks. Of organizations and
// deployments nothing is documented; one with a ":" would be of no form, and a trusted name has none.
// Sources: tokens, stacks
var (
	runForm = ci.NewForm("organization:{organization}:project:{project}:workspace:{workspace}:run_phase:{run phase}",
		organizationField, projectField,
		ci.Field{Name: "workspace", Sample: "web", Decides: ci.Project},
		ci.Field{Name: "run phase", Choices: phases, Sample: "apply", Decides: ci.Event})
	deploymentForm = ci.NewForm(
		"organization:{organization}:project:{project}:stack:{stack}:deployment:{deployment}:operation:{operation}",
		organizationField, projectField,
		ci.Field{Name: "stack", Sample: "network", Decides: ci.Project},
		ci.Field{Name: "deployment", Sample: "production", Decides: ci.Project},
		ci.Field{Name: "operation", Choices: phases, Sample: "apply", Decides: ci.Event})
	// No word trusts the tests of a module.
	testForm = ci.NewForm("organization:{organization}:module:{module}:operation:{operation}",
		organizationField,
		ci.Field{Name: "module", Sample: "terraform-aws-vpc", Decides: ci.Project},
		ci.Field{Name: "operation", Choices: []string{"test_run"}, Sample: "test_run", Decides: ci.Event})

	organizationField = ci.Field{Name: "organization", Sample: "acme", Decides: ci.Tenant}
	projectField      = ci.Field{Name: "project", Sample: "Default Project", Decides: ci.Project}

	phases = []string{"plan", "apply"}
)

// A unit is what plans and applies: a workspace, every workspace of a project, or a deployment of a Stack.
type unit struct {
	project           string
	workspace         string // "" for a deployment
	stack, deployment string // "" for a workspace
	every             bool   // every workspace of the project; the workspace is then "*"
}

// everyWorkspace are the workspaces of a project. No name of one holds a ":", so the "*" ends before :run_phase:. Nor
// does one of an organization, or a stranger's could be called acme:project:P:workspace:x: HashiCorp's own client takes
// letters, digits, "-", "." and "_".
// Source: https://github.com/hashicorp/go-tfe/blob/main/validations.go
func everyWorkspace(project string) unit { return unit{project: project, workspace: "*", every: true} }

// subject is what a grant for a phase wants of sub.
func (u unit) subject(organization, phase string) ci.Subject {
	s := ci.Subject{
		Form: u.form(), Terms: ci.ExactlyAll(u.texts(organization, phase)...), Job: u.claims,
		Others: u.others(organization, phase),
	}
	if u.every {
		s.Pattern = u.sub(organization, phase)
		s.Terms[2] = ci.Term{Name: ci.Name{Prefix: true}}
	}
	return s
}

// known reports that every name of the unit is known and right.
func (u unit) known() bool {
	return u.project != "" && (u.workspace != "" || u.stack != "" && u.deployment != "")
}

// form is the form of the unit's subjects.
func (u unit) form() *ci.Form {
	if u.stack != "" {
		return deploymentForm
	}
	return runForm
}

// texts are those of the unit's subject, one for each field of its form.
func (u unit) texts(organization, phase string) []string {
	if u.stack != "" {
		return []string{organization, u.project, u.stack, u.deployment, phase}
	}
	return []string{organization, u.project, u.workspace, phase}
}

// sub is the unit's subject.
func (u unit) sub(organization, phase string) string {
	return u.form().Build(u.texts(organization, phase)...)
}

// phrase names the unit in words.
func (u unit) phrase(organization string) string {
	name := "workspace " + u.workspace
	if u.every {
		name = "every workspace"
	}
	if u.stack != "" {
		name = "deployment " + u.deployment + " of stack " + u.stack
	}
	return name + " in " + organization + "/" + u.project
}

// HashiCorp documents the names of projects, workspaces and Stacks. Of organizations and deployments it documents none:
// there only what would be ambiguous in a subject is refused.
// Sources: https://developer.hashicorp.com/terraform/cloud-docs/api-docs/projects#create-a-project,
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/workspaces#create-a-workspace,
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/stacks#create-a-stack
var (
	organization = ci.NameKind{Noun: "organization", Form: ci.NewExpression(`^[^\s\p{Z}:/]+$`),
		Rule: "must be the organization's name as its URL ends, without white space, : and /: acme for " +
			"https://app.terraform.io/app/acme",
		Not: []ci.Mistake{ci.IsAnID("organization", `^org-[A-Za-z0-9]{16}$`)}}
	project = ci.NameKind{Noun: "project",
		Form: ci.NewExpression(`^[\p{L}\p{N}_-][\p{L}\p{N}_ -]{1,38}[\p{L}\p{N}_-]$`),
		Rule: "must be the project's name: 3 to 40 letters, digits, spaces, - and _, without a space at either end, " +
			"such as Default Project",
		Not: []ci.Mistake{ci.IsAnID("project", `^prj-[A-Za-z0-9]{16}$`)}}
	workspaceName = ci.NameKind{Noun: "workspace", Form: ci.NewExpression(`^[\p{L}\p{N}_-]+$`),
		Rule: "must be the workspace's name: letters, digits, - and _",
		Not:  []ci.Mistake{ci.IsAnID("workspace", `^ws-[A-Za-z0-9]{16}$`)}}
	stackName = ci.NameKind{Noun: "Stack", Form: ci.NewExpression(`^[\p{L}\p{N}_-]+$`),
		Rule: "must be the Stack's name: letters, digits, - and _",
		Not:  []ci.Mistake{ci.IsAnID("Stack", `^st-[A-Za-z0-9]{16}$`)}}
	deploymentName = ci.NameKind{Noun: "deployment", Form: ci.NewExpression(`^[^\s\p{Z}:]([^:]*[^\s\p{Z}:])?$`),
		Rule: "must be the label of a deployment block in the Stack's tfdeploy.hcl, without : and without a " +
			"space at either end", Not: nil}
)
