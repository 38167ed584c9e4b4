package hcpterraform

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// everyOf is a section that trusts every workspace of projects, beside further properties.
func everyOf(further object, phase string, projects ...string) object {
	var items list
	for _, name := range projects {
		items = append(items, object{"name": name, "runPhases": list{phase}})
	}
	section := object{"organization": "acme", "projects": items}
	for name, value := range further {
		section[name] = value
	}
	return object{"hcpTerraform": section}
}

func TestEveryWorkspaceOfAProjectGetsInAndNothingElseDoes(t *testing.T) {
	trusts := suite.MustRead(t, everyOf(nil, "apply", "Default Project"), citest.InAWS)
	const before = "organization:acme:project:Default Project:"
	for sub, want := range map[string]bool{
		before + "workspace:web:run_phase:apply":                                               true,
		before + "workspace:made-tomorrow:run_phase:apply":                                     true,
		before + "workspace:run_phase:run_phase:apply":                                         true,
		before + "workspace:web:run_phase:plan":                                                false,
		before + "workspace:web:run_phase:apply:x":                                             false,
		before + "workspace:web:run_phase:applyx":                                              false,
		before + "stack:web:deployment:production:operation:apply":                             false,
		before + "stack:workspace:deployment:x:operation:apply":                                false,
		"organization:acme:project:Default Project 2:workspace:web:run_phase:apply":            false,
		"organization:acme:project:Default:workspace:web:run_phase:apply":                      false,
		"organization:acme:project:default project:workspace:web:run_phase:apply":              false,
		"organization:mallory:project:Default Project:workspace:web:run_phase:apply":           false,
		"organization:acme-evil:project:Default Project:workspace:web:run_phase:apply":         false,
		"organization:mallory:project:x:workspace:" + before + "workspace:web:run_phase:apply": false,
		"organization:acme:module:web:operation:test_run":                                      false,
		"organization:acme:workspace:web:run_phase:apply":                                      false,
	} {
		token := ci.With(documentedRun(), map[string]any{"sub": sub})
		if got := citest.Admitted(trusts, citest.InAWS, token); got != want {
			t.Errorf("the policy says %v to %s", got, sub)
		}
		if got := trusts[0].Admits(token); got != want {
			t.Errorf("the grants say %v to %s", got, sub)
		}
	}
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"hcp-terraform-any-workspace"})
	citest.SameStrings(t, "sentences", ci.Sentences(trusts),
		[]string{"HCP Terraform: apply of every workspace in acme/Default Project"})
}

func TestAnyNumberOfWorkspacesFitsByTheirProjects(t *testing.T) {
	trusts := suite.MustRead(t, everyOf(nil, "apply", "Default Project", "platform"), citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%v %v", err, problems.Sorted())
	}
}

// Whoever may create a workspace, or open a pull request of one, would write by a plan what only an apply may write.
func TestPlanAndApplyNeverShareARoleThatTrustsEveryWorkspaceOfAProject(t *testing.T) {
	const rule = "must be the one phase that the whole section trusts"
	workspace := object{"project": "Default Project", "name": "web", "runPhases": list{"plan"}}
	stack := object{"project": "platform", "name": "s", "deployments": list{"d"}, "operations": list{"apply"}}
	both := everyOf(nil, "apply", "Default Project")
	both["hcpTerraform"].(object)["projects"].(list)[0].(object)["runPhases"] = list{"plan", "apply"}
	twice := everyOf(nil, "apply", "Default Project", "Default Project")
	twice["hcpTerraform"].(object)["projects"].(list)[1].(object)["runPhases"] = list{"plan"}
	for what, written := range map[string]object{
		"both in one item":                both,
		"the same project twice":          twice,
		"a workspace of the project":      everyOf(object{"workspaces": list{workspace}}, "apply", "Default Project"),
		"a workspace of another project":  everyOf(object{"workspaces": list{workspace}}, "apply", "platform"),
		"a stack's deployment beside one": everyOf(object{"stacks": list{stack}}, "plan", "platform"),
	} {
		_, lines := suite.Read(written, citest.InAWS)
		if len(lines) == 0 || !strings.HasPrefix(lines[0], "hcpTerraform.projects[0].runPhases: "+rule) {
			t.Errorf("%s: %q", what, lines)
		}
	}
	workspace["runPhases"] = list{"apply"}
	suite.MustRead(t, everyOf(object{"workspaces": list{workspace}}, "apply", "platform"), citest.InAWS)
	_, lines := suite.Read(everyOf(nil, "apply", "Default*"), citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "hcpTerraform.projects[0].name: must be one exact project") {
		t.Errorf("%q", lines)
	}
	_, lines = suite.Read(object{"hcpTerraform": object{
		"organization": "acme", "projects": list{object{"name": "platform"}},
	}}, citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "projects[0].runPhases: is missing") {
		t.Errorf("%q", lines)
	}
	trusts := suite.MustRead(t, object{"hcpTerraform": object{"organization": "acme", "projects": list{
		object{"name": citest.Unknown{}, "runPhases": list{"apply"}}}}}, citest.InAWS)
	if len(trusts[0].Grants) > 0 {
		t.Errorf("granted before the project is known: %v", ci.Sentences(trusts))
	}
}

func TestTheSettingsOfAProjectGoIntoAVariableSet(t *testing.T) {
	text, settings := suite.Pipeline(t, everyOf(nil, "apply", "Default Project", "yes"), citest.InAWS)
	for at, name := range []string{"Default Project", "yes"} {
		project := citest.At(settings, "projects", at)
		if citest.At(project, "name") != name ||
			citest.At(project, "environment", "TFC_AWS_APPLY_ROLE_ARN") != citest.RoleArn ||
			citest.At(project, "environment", "TFC_AWS_PROVIDER_AUTH") != "true" {
			t.Errorf("%v:\n%s", project, text)
		}
	}
	if citest.At(settings, "workspaces") != nil || strings.Contains(text, "*") {
		t.Errorf("%s", text)
	}
}
