package verb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/child"
)

// A leave is a resource by which another program, or Terraform, manages the role or its providers now. What stays there
// would be deleted with it.
type leave struct {
	command  string // takes it out of the state, and leaves what it stands for
	provider string // its ARN, if it is an OIDC provider
	address  string // in Terraform's configuration
}

// A stackResource is one of a Pulumi stack.
// Source: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/
type stackResource struct {
	URN    string         `json:"urn"`
	Type   string         `json:"type"`
	ID     string         `json:"id"`
	Inputs map[string]any `json:"inputs"`
}

// ofStack are the resources of a stack that are about the role, those that depend on others first.
func (e *existing) ofStack(resources []stackResource) []leave {
	var found []leave
	for _, r := range slices.Backward(resources) { // a stack lists what others depend on before these
		ours := false
		one := leave{command: "pulumi state delete " + quoteShell(r.URN) + " --yes"}
		switch r.Type {
		case child.RoleType:
			ours = r.ID == e.Name
		case child.ProviderType:
			ours, one.provider = true, r.ID
		default:
			of, _ := r.Inputs["role"].(string)
			ours = of == e.Name && strings.HasPrefix(r.Type, "aws:iam/rolePolic")
		}
		if ours {
			found = append(found, one)
		}
	}
	return found
}

// A terraformResource is one of a state, with an instance for each member of count or for_each.
// Source: https://developer.hashicorp.com/terraform/internals/json-format
type terraformResource struct {
	Module    string `json:"module"`
	Mode      string `json:"mode"`
	Type      string `json:"type"`
	Name      string `json:"name"`
	Instances []struct {
		IndexKey   any            `json:"index_key"`
		Attributes map[string]any `json:"attributes"`
	} `json:"instances"`
}

// terraformRole is the attribute of a resource that names the role.
var terraformRole = map[string]string{
	"aws_iam_role": "name", "aws_iam_role_policy_attachment": "role", "aws_iam_role_policy": "role",
	"aws_iam_role_policies_exclusive": "role_name", "aws_iam_role_policy_attachments_exclusive": "role_name",
}

// ofTerraform are the resources of a state that are about the role.
func (e *existing) ofTerraform(resources []terraformResource) []leave {
	var found []leave
	for _, r := range resources {
		for _, instance := range r.Instances {
			one := leave{address: r.Type + "." + r.Name}
			if r.Module != "" {
				one.address = r.Module + "." + one.address
			}
			if instance.IndexKey != nil {
				index, err := json.Marshal(instance.IndexKey)
				if err != nil {
					continue
				}
				one.address += "[" + string(index) + "]"
			}
			one.command = "terraform state rm " + quoteShell(one.address)
			attribute, about := terraformRole[r.Type]
			name, _ := instance.Attributes[attribute].(string)
			if r.Type == "aws_iam_openid_connect_provider" {
				one.provider, _ = instance.Attributes["arn"].(string)
			}
			if r.Mode == "managed" && (about && name == e.Name || one.provider != "") {
				found = append(found, one)
			}
		}
	}
	return found
}

// quoteShell writes a text as one word of a POSIX shell.
func quoteShell(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// leaving are the commands by which what manages the role now lets go of it. What manages a provider may go on: the
// program uses the provider as it is, unless it is imported.
func (m *Import) leaving(role *existing) []string {
	var commands []string
	for _, l := range role.leaves {
		if l.provider == "" || m.imports(l.provider) {
			commands = append(commands, l.command)
			continue
		}
		if !slices.ContainsFunc(m.sections(), func(arn string) bool { return arn == l.provider }) {
			continue
		}
		m.Notes = append(m.Notes, fmt.Sprintf("%s may stay where it is managed now. Before it is taken out there run "+
			"this, or it is deleted under the role: %s", l.provider, l.command))
	}
	if len(commands) > 0 {
		m.Notes = append(m.Notes, "with the first commands, take the same resources out of the program or "+
			"configuration that has them now: as long as they stand there, it would make the role again")
	}
	return commands
}

// imports reports that the import file has a resource of an id.
func (m *Import) imports(id string) bool {
	return slices.ContainsFunc(m.File.Resources, func(r ImportedResource) bool { return r.ID == id })
}

// sections are the ARNs of the providers that the role trusts.
func (m *Import) sections() []string {
	var arns []string
	for _, arn := range m.Providers {
		arns = append(arns, arn)
	}
	return arns
}
