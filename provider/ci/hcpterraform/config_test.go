package hcpterraform

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestTheVariablesOfAWorkspaceNameTheRoleForThePhaseThatItTrusts(t *testing.T) {
	for _, c := range []struct {
		phases list
		want   string
		others []string
	}{
		{list{"apply"}, "TFC_AWS_APPLY_ROLE_ARN", []string{"TFC_AWS_PLAN_ROLE_ARN", "TFC_AWS_RUN_ROLE_ARN"}},
		{list{"plan"}, "TFC_AWS_PLAN_ROLE_ARN", []string{"TFC_AWS_APPLY_ROLE_ARN", "TFC_AWS_RUN_ROLE_ARN"}},
		{list{"plan", "apply"}, "TFC_AWS_RUN_ROLE_ARN", []string{"TFC_AWS_APPLY_ROLE_ARN", "TFC_AWS_PLAN_ROLE_ARN"}},
	} {
		text, settings := suite.Pipeline(t, hcp(object{"runPhases": c.phases}), citest.InAWS)
		workspace := citest.At(settings, "workspaces", 0)
		if citest.At(settings, "organization") != "acme" || citest.At(workspace, "project") != "Default Project" ||
			citest.At(workspace, "name") != "web" {
			t.Errorf("the workspace is not named:\n%s", text)
		}
		environment := citest.At(workspace, "environment")
		if citest.At(environment, c.want) != citest.RoleArn || citest.At(environment, "TFC_AWS_PROVIDER_AUTH") !=
			"true" || citest.At(environment, "AWS_REGION") != "eu-west-1" {
			t.Errorf("%v: the variables are %v", c.phases, environment)
		}
		for _, other := range append(c.others, "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE") {
			if citest.At(environment, other) != nil {
				t.Errorf("%v: %s is set too", c.phases, other)
			}
		}
		if citest.At(settings, "stacks") != nil {
			t.Errorf("there is no Stack:\n%s", text)
		}
	}
}

// A variable set serves all workspaces: the role of a phase in which one of them is refused is not in it.
func TestTheVariablesOfAllWorkspacesNameTheRoleForThePhasesThatAllTrust(t *testing.T) {
	for _, c := range []struct {
		first, second list
		want          string
	}{
		{list{"plan", "apply"}, list{"apply", "plan"}, "TFC_AWS_RUN_ROLE_ARN"},
		{list{"plan", "apply"}, list{"plan"}, "TFC_AWS_PLAN_ROLE_ARN"},
		{list{"apply"}, list{"apply"}, "TFC_AWS_APPLY_ROLE_ARN"},
		{list{"apply"}, list{"plan"}, ""},
	} {
		written := hcp(object{"runPhases": c.first})
		section := written["hcpTerraform"].(object)
		section["workspaces"] = append(section["workspaces"].(list),
			object{"project": "Default Project", "name": "api", "runPhases": c.second})
		variables := suite.MustRead(t, written, citest.InAWS)[0].PipelineVariables(citest.Role("eu-west-1"))
		names := []string{"AWS_DEFAULT_REGION", "AWS_REGION", "TFC_AWS_PROVIDER_AUTH"}
		if c.want != "" {
			names = append(names, c.want)
			if variables[c.want] != citest.RoleArn {
				t.Errorf("%v", variables)
			}
		}
		slices.Sort(names)
		citest.SameStrings(t, "variables", slices.Sorted(maps.Keys(variables)), names)
	}
}

func TestTheSettingsAskForTheAudienceOnlyWhenTheDefaultIsNotTrusted(t *testing.T) {
	for _, c := range []struct {
		audiences any
		want      any
	}{
		{list{"aws.workload.identity"}, nil}, {list{"a", "aws.workload.identity"}, nil}, {list{"on"}, "on"},
		{citest.Unknown{}, nil}, {list{citest.Unknown{}}, nil},
	} {
		written := hcp(applies)
		written["hcpTerraform"].(object)["audiences"] = c.audiences
		_, settings := suite.Pipeline(t, written, citest.InAWS)
		if got := citest.At(settings, "workspaces", 0, "environment", "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE"); got !=
			c.want {
			t.Errorf("%v: the workspace asks for %v", c.audiences, got)
		}
		written = hcp(production)
		written["hcpTerraform"].(object)["audiences"] = c.audiences
		_, settings = suite.Pipeline(t, written, citest.InAWS)
		want := "aws.workload.identity"
		if c.want != nil {
			want = "on"
		}
		if got, _ := citest.At(settings, "stacks", 0, "deployments.tfdeploy.hcl").(string); !strings.Contains(got,
			`audience = ["`+want+`"]`) {
			t.Errorf("%v: the Stack has\n%s", c.audiences, got)
		}
	}
}

func TestAStackHandsTheRoleToItsProvider(t *testing.T) {
	text, settings := suite.Pipeline(t,
		hcp(object{"deployments": list{"production", `a "b`}, "operations": list{"apply", "plan"}}), citest.InAWS)
	stacks, _ := citest.At(settings, "stacks").([]any)
	if len(stacks) != 1 || citest.At(settings, "workspaces") != nil {
		t.Fatalf("there is one Stack:\n%s", text)
	}
	deployments, _ := citest.At(stacks[0], "deployments.tfdeploy.hcl").(string)
	for _, part := range []string{`deployment "production" {`, `deployment "a \"b" {`, `= "` + citest.RoleArn + "\"\n",
		"identity_token = identity_token.aws.jwt"} {
		if !strings.Contains(deployments, part) {
			t.Errorf("%s is missing:\n%s", part, deployments)
		}
	}
	if strings.Count(deployments, `identity_token "aws"`) != 1 {
		t.Errorf("the token is declared more than once:\n%s", deployments)
	}
	providers, _ := citest.At(stacks[0], "providers.tfcomponent.hcl").(string)
	for _, part := range []string{`region = "eu-west-1"`, "role_arn           = var.role_arn",
		"web_identity_token = var.identity_token", "ephemeral = true"} {
		if !strings.Contains(providers, part) {
			t.Errorf("%s is missing:\n%s", part, providers)
		}
	}
	_, settings = suite.Pipeline(t, hcp(production), citest.InAWS)
	if deployments, _ := citest.At(settings, "stacks", 0, "deployments.tfdeploy.hcl").(string); !strings.Contains(
		deployments, "# trusted for the operation apply alone",
	) {
		t.Errorf("nothing says that the plan needs another role:\n%s", deployments)
	}
}

func TestNamesOfWorkspacesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range []string{
		"yes", "No", "on", "null", "12", "0x1f", "1e3", "-", "é", "2026-01-01", "12_3", "_",
	} {
		words := object{"name": text, "runPhases": list{"apply"}}
		if len(text) > 2 {
			words["project"] = text
		}
		_, settings := suite.Pipeline(t, hcp(words), citest.InAWS)
		if got := citest.At(settings, "workspaces", 0, "name"); got != text {
			t.Errorf("workspace %q is read as %v", text, got)
		}
		if got := citest.At(settings, "workspaces", 0, "project"); words["project"] != nil && got != text {
			t.Errorf("project %q is read as %v", text, got)
		}
	}
}

func TestTheSettingsAreTheSameWhateverTheOrderOfTheInput(t *testing.T) {
	items := list{}
	for _, name := range []string{"b", "a", "c"} {
		items = append(items, object{"project": "platform", "name": name, "runPhases": list{"apply"}})
	}
	written := object{"hcpTerraform": object{"organization": "acme", "workspaces": items}}
	before, _ := suite.Pipeline(t, written, citest.InAWS)
	slices.Reverse(items)
	if after, _ := suite.Pipeline(t, written, citest.InAWS); after != before {
		t.Errorf("the order of the input shows:\n%s\n%s", before, after)
	}
}
