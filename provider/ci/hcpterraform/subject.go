package hcpterraform

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A subject is a sub, parsed: that of a workspace's run, or of a deployment of a Stack.
type subject struct {
	organization, project string
	workspace             string // "" in the subject of a Stack
	stack, deployment     string // "" in the subject of a workspace
	phase                 string // the run phase, or the Stack's operation
}

var (
	runForm   = ci.NewExpression(`^organization:([^:]+):project:([^:]+):workspace:([^:]+):run_phase:([^:]+)$`)
	stackForm = ci.NewExpression(`^organization:([^:]+):project:([^:]+):stack:([^:]+):deployment:([^:]+):operation:([^:]+)$`)
)

// parseSubject reads a subject of either form. No name holds a ":": HashiCorp allows none in those of projects,
// workspaces and Stacks, and a subject with more of them than its form has is none of these.
func parseSubject(sub string) (subject, bool) {
	if p := runForm.FindStringSubmatch(sub); p != nil {
		return subject{organization: p[1], project: p[2], workspace: p[3], phase: p[4]}, true
	}
	if p := stackForm.FindStringSubmatch(sub); p != nil {
		return subject{organization: p[1], project: p[2], stack: p[3], deployment: p[4], phase: p[5]}, true
	}
	return subject{}, false
}

// String builds the subject as HCP Terraform does.
func (s subject) String() string {
	text := "organization:" + s.organization + ":project:" + s.project
	if s.stack != "" {
		return text + ":stack:" + s.stack + ":deployment:" + s.deployment + ":operation:" + s.phase
	}
	return text + ":workspace:" + s.workspace + ":run_phase:" + s.phase
}

// unit is what plans and applies: the subject without its phase.
func (s subject) unit() subject {
	s.phase = ""
	return s
}

// phrase says in words what the subject names.
func (s subject) phrase() string {
	unit := "workspace " + s.workspace
	if s.stack != "" {
		unit = "deployment " + s.deployment + " of stack " + s.stack
	}
	return unit + " in " + s.organization + "/" + s.project
}

// HashiCorp documents the names of projects, workspaces and Stacks. Of organizations and deployments it documents none:
// there only what would be ambiguous in a subject is refused.
// Sources: https://developer.hashicorp.com/terraform/cloud-docs/api-docs/projects#create-a-project,
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/workspaces#create-a-workspace,
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/stacks#create-a-stack
var (
	organization = ci.NameKind{Noun: "organization", Form: ci.NewExpression(`^[^\s\p{Z}:/]+$`),
		Rule: "must be the organization's name as its URL ends, without white space, : and /: acme for https://app.terraform.io/app/acme",
		Not:  []ci.Mistake{ci.IsAnID("organization", `^org-[A-Za-z0-9]{16}$`)}}
	project = ci.NameKind{Noun: "project", Form: ci.NewExpression(`^[\p{L}\p{N}_-][\p{L}\p{N}_ -]{1,38}[\p{L}\p{N}_-]$`),
		Rule: "must be the project's name: 3 to 40 letters, digits, spaces, - and _, without a space at either end, such as Default Project",
		Not:  []ci.Mistake{ci.IsAnID("project", `^prj-[A-Za-z0-9]{16}$`)}}
	workspaceName = ci.NameKind{Noun: "workspace", Form: ci.NewExpression(`^[\p{L}\p{N}_-]+$`),
		Rule: "must be the workspace's name: letters, digits, - and _", Not: []ci.Mistake{ci.IsAnID("workspace", `^ws-[A-Za-z0-9]{16}$`)}}
	stackName = ci.NameKind{Noun: "Stack", Form: ci.NewExpression(`^[\p{L}\p{N}_-]+$`),
		Rule: "must be the Stack's name: letters, digits, - and _", Not: []ci.Mistake{ci.IsAnID("Stack", `^st-[A-Za-z0-9]{16}$`)}}
	deployment = ci.NameKind{Noun: "deployment", Form: ci.NewExpression(`^[^\s\p{Z}:]([^:]*[^\s\p{Z}:])?$`),
		Rule: "must be the label of a deployment block in the Stack's tfdeploy.hcl, without : and without a space at either end", Not: nil}
)
