package ci

import (
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A hcpTerraformSubject is a sub, parsed: that of a workspace's run, or of a deployment of a Stack.
type hcpTerraformSubject struct {
	organization, project string
	workspace             string // "" in the subject of a Stack
	stack, deployment     string // "" in the subject of a workspace
	phase                 string // the run phase, or the Stack's operation
}

var (
	hcpTerraformRunForm   = regexp.MustCompile(`^organization:([^:]+):project:([^:]+):workspace:([^:]+):run_phase:([^:]+)$`)
	hcpTerraformStackForm = regexp.MustCompile(`^organization:([^:]+):project:([^:]+):stack:([^:]+):deployment:([^:]+):operation:([^:]+)$`)
)

// parseHCPTerraformSubject reads a subject of either form. No name holds a ":": HashiCorp allows none in those of projects,
// workspaces and Stacks, and a subject with more of them than its form has is none of these.
func parseHCPTerraformSubject(sub string) (hcpTerraformSubject, bool) {
	if p := hcpTerraformRunForm.FindStringSubmatch(sub); p != nil {
		return hcpTerraformSubject{organization: p[1], project: p[2], workspace: p[3], phase: p[4]}, true
	}
	if p := hcpTerraformStackForm.FindStringSubmatch(sub); p != nil {
		return hcpTerraformSubject{organization: p[1], project: p[2], stack: p[3], deployment: p[4], phase: p[5]}, true
	}
	return hcpTerraformSubject{}, false
}

// String builds the subject as HCP Terraform does.
func (s hcpTerraformSubject) String() string {
	text := "organization:" + s.organization + ":project:" + s.project
	if s.stack != "" {
		return text + ":stack:" + s.stack + ":deployment:" + s.deployment + ":operation:" + s.phase
	}
	return text + ":workspace:" + s.workspace + ":run_phase:" + s.phase
}

// unit is what plans and applies: the subject without its phase.
func (s hcpTerraformSubject) unit() hcpTerraformSubject {
	s.phase = ""
	return s
}

// phrase says in words what the subject names.
func (s hcpTerraformSubject) phrase() string {
	unit := "workspace " + s.workspace
	if s.stack != "" {
		unit = "deployment " + s.deployment + " of stack " + s.stack
	}
	return unit + " in " + s.organization + "/" + s.project
}

// A hcpTerraformName is a kind of name in the subject.
type hcpTerraformName struct {
	noun string
	id   *regexp.Regexp // what HashiCorp's ids of the kind look like; nil where it has none
	form *regexp.Regexp
	rule string
}

// HashiCorp documents the names of projects, workspaces and Stacks. Of organizations and deployments it documents none:
// there only what would be ambiguous in a subject is refused.
// Sources: https://developer.hashicorp.com/terraform/cloud-docs/api-docs/projects#create-a-project,
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/workspaces#create-a-workspace,
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/stacks#create-a-stack
var (
	hcpTerraformOrganization = hcpTerraformName{"organization", regexp.MustCompile(`^org-[A-Za-z0-9]{16}$`), regexp.MustCompile(`^[^\s\p{Z}:/]+$`),
		"must be the organization's name as its URL ends, without white space, : and /: acme for https://app.terraform.io/app/acme"}
	hcpTerraformProject = hcpTerraformName{"project", regexp.MustCompile(`^prj-[A-Za-z0-9]{16}$`), regexp.MustCompile(`^[\p{L}\p{N}_-][\p{L}\p{N}_ -]{1,38}[\p{L}\p{N}_-]$`),
		"must be the project's name: 3 to 40 letters, digits, spaces, - and _, without a space at either end, such as Default Project"}
	hcpTerraformWorkspaceName = hcpTerraformName{"workspace", regexp.MustCompile(`^ws-[A-Za-z0-9]{16}$`), regexp.MustCompile(`^[\p{L}\p{N}_-]+$`),
		"must be the workspace's name: letters, digits, - and _"}
	hcpTerraformStackName = hcpTerraformName{"Stack", regexp.MustCompile(`^st-[A-Za-z0-9]{16}$`), regexp.MustCompile(`^[\p{L}\p{N}_-]+$`),
		"must be the Stack's name: letters, digits, - and _"}
	hcpTerraformDeployment = hcpTerraformName{"deployment", nil, regexp.MustCompile(`^[^\s\p{Z}:]([^:]*[^\s\p{Z}:])?$`),
		"must be the label of a deployment block in the Stack's tfdeploy.hcl, without : and without a space at either end"}
)

// read reads a name, "" when there is none or it is wrong.
func (n hcpTerraformName) read(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case strings.ContainsAny(text, "*?"), strings.Contains(text, "${"):
		problems.Add(v, "must be one exact "+n.noun+", without *, ? and ${; list each "+n.noun+" that is meant", input.Got(v))
	case !printable(text):
		problems.Add(v, "has a control character or one beyond Latin-1, which IAM does not store in a policy", input.Got(v))
	case n.id != nil && n.id.MatchString(text):
		problems.Add(v, "is an id, and the subject of a token carries names; write the name of the "+n.noun, input.Got(v))
	case !n.form.MatchString(text):
		problems.Add(v, n.rule, input.Got(v))
	default:
		return text
	}
	return ""
}

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// readHCPTerraformHost reads hostname: that of HCP Terraform where it is left out, "" while it is not known.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html (no port)
func readHCPTerraformHost(v input.Value, problems *input.Problems) string {
	text := v.Text()
	switch {
	case !v.Present:
		return hcpTerraformHost
	case !v.HasText():
	case strings.ContainsAny(text, ":/"):
		problems.Add(v, "must be the host alone, without https://, port and path, such as terraform.example.com; IAM takes no issuer with a port", input.Got(v))
	case text != strings.ToLower(text):
		problems.Add(v, "has capital letters; write it in lower case, as the issuer of the tokens", input.Got(v))
	case !hostForm.MatchString(text):
		problems.Add(v, "must be the name of a host: "+hcpTerraformHost+", app.eu.terraform.io or that of the Terraform Enterprise installation", input.Got(v))
	default:
		return text
	}
	return ""
}
