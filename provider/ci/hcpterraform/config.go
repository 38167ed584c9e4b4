package hcpterraform

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words is what a trust names, for the settings to paste: the phases of each workspace, and of each deployment.
type words struct {
	host, organization string
	units              []unit // in the order of the input, each once
	phases             map[unit][]string
	paths              map[unit]string // where each was first written
}

// add notes a phase of a unit, which was written at path.
func (w *words) add(u unit, phase, path string) {
	if _, known := w.phases[u]; !known {
		w.units = append(w.units, u)
		w.paths[u] = path
	}
	w.phases[u] = ci.AddOnce(w.phases[u], phase)
}

// sorted are the units of one kind: of workspaces, of Stacks, or of projects.
func (w *words) sorted(kind string) []unit {
	units := slices.DeleteFunc(slices.Clone(w.units), func(u unit) bool { return u.kind() != kind })
	slices.SortFunc(units, func(a, b unit) int { return strings.Compare(a.sub("", ""), b.sub("", "")) })
	return units
}

// config is what to set. HCP Terraform has no pipeline file: a workspace takes the role from its environment variables,
// a Stack from its own configuration.
// Sources:
// https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration#configure-hcp-terraform,
// https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate#configure-hcp-terraform
func (w *words) config(role ci.Role, audiences []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# HCP Terraform has no pipeline file: these are settings of its workspaces and "+
		"Stacks.\norganization: %s\n", ci.QuoteYAML(w.organization))
	if units := w.sorted("workspaces"); len(units) > 0 {
		b.WriteString("# Add these to each workspace under Variables, in the category \"Environment variable\", or " +
			"to a variable set of these workspaces alone.\nworkspaces:\n")
		for _, u := range units {
			fmt.Fprintf(&b, "  - project: %s\n    name: %s\n", ci.QuoteYAML(u.project), ci.QuoteYAML(u.workspace))
			w.environment(&b, u, role, audiences)
		}
	}
	if units := w.sorted("projects"); len(units) > 0 {
		b.WriteString("# Add these to a variable set of each project, in the category \"Environment variable\"." +
			"\nprojects:\n")
		for _, u := range units {
			fmt.Fprintf(&b, "  - name: %s\n", ci.QuoteYAML(u.project))
			w.environment(&b, u, role, audiences)
		}
	}
	if units := w.sorted("stacks"); len(units) > 0 {
		w.stacks(&b, units, role, audiences)
	}
	return b.String()
}

// variables are the environment variables of a variable set that serves all workspaces and projects: the role of the
// phases in which it trusts each of them.
// Source:
// https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration#configure-hcp-terraform
func (w *words) variables(role ci.Role, audiences []string) map[string]string {
	phases := []string{"apply", "plan"}
	for _, u := range w.units {
		phases = slices.DeleteFunc(phases, func(phase string) bool {
			return u.kind() != "stacks" && !slices.Contains(w.phases[u], phase)
		})
	}
	return variables(phases, role, audiences)
}

func variables(phases []string, role ci.Role, audiences []string) map[string]string {
	variables := map[string]string{
		"TFC_AWS_PROVIDER_AUTH": "true", "AWS_REGION": role.Region, "AWS_DEFAULT_REGION": role.Region,
	}
	if len(phases) > 1 {
		variables["TFC_AWS_RUN_ROLE_ARN"] = role.ARN
	} else if len(phases) == 1 {
		variables["TFC_AWS_"+strings.ToUpper(phases[0])+"_ROLE_ARN"] = role.ARN
	}
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		variables["TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE"] = audiences[0]
	}
	return variables
}

// environment writes the environment variables that hand the role to the runs of a unit.
func (w *words) environment(b *strings.Builder, u unit, role ci.Role, audiences []string) {
	b.WriteString("    environment:\n")
	if phases := w.phases[u]; len(phases) == 1 && phases[0] == "plan" {
		b.WriteString("      # The apply needs another role: TFC_AWS_APPLY_ROLE_ARN.\n")
	} else if len(phases) == 1 {
		b.WriteString("      # The plan needs another role, one that reads: TFC_AWS_PLAN_ROLE_ARN.\n")
	}
	variables := variables(w.phases[u], role, audiences)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		fmt.Fprintf(b, "      %s: %s\n", name, ci.QuoteYAML(variables[name]))
	}
}

// kind is the word for such units.
func (u unit) kind() string {
	switch {
	case u.stack != "":
		return "stacks"
	case u.every:
		return "projects"
	}
	return "workspaces"
}

// stacks writes the parts of each Stack's configuration that hand the role to its provider.
func (w *words) stacks(b *strings.Builder, units []unit, role ci.Role, audiences []string) {
	audience := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	b.WriteString("# Add these to the files of each Stack; what stands there already stays.\nstacks:\n")
	before := unit{}
	for i, u := range units {
		if u.project != before.project || u.stack != before.stack {
			fmt.Fprintf(b, "  - project: %s\n    name: %s\n    deployments.tfdeploy.hcl: |\n", ci.QuoteYAML(u.project),
				ci.QuoteYAML(u.stack))
			fmt.Fprintf(b, "      identity_token \"aws\" {\n        audience = [%q]\n      }\n", audience)
		}
		before = u
		comment := ""
		if phases := w.phases[u]; len(phases) == 1 {
			comment = " # trusted for the operation " + phases[0] + " alone"
		}
		fmt.Fprintf(b, "      deployment %q {\n        inputs = {\n          role_arn       = %q%s\n          "+
			"identity_token = identity_token.aws.jwt\n        }\n      }\n",
			u.deployment, role.ARN, comment)
		if i+1 < len(units) && units[i+1].project == u.project && units[i+1].stack == u.stack {
			continue
		}
		b.WriteString("    providers.tfcomponent.hcl: |\n      variable \"role_arn\" {\n        type = string\n      " +
			"}\n" +
			"      variable \"identity_token\" {\n        type      = string\n        ephemeral = true\n      }\n")
		fmt.Fprintf(b, "      provider \"aws\" \"this\" {\n        config {\n          region = %q\n          "+
			"assume_role_with_web_identity {\n"+
			"            role_arn           = var.role_arn\n            web_identity_token = "+
			"var.identity_token\n          }\n        }\n      }\n", role.Region)
	}
}
