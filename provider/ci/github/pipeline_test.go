package github

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestTheWorkflowAsksForATokenAndExchangesIt(t *testing.T) {
	text, workflow := suite.Pipeline(t,
		github(acmeWeb, object{"branches": list{"main", "release/*"}, "tags": list{"v*"}}), citest.InAWS)
	if citest.At(workflow, "permissions", "id-token") != "write" ||
		citest.At(workflow, "permissions", "contents") != "read" {
		t.Errorf("permissions are missing:\n%s", text)
	}
	step := citest.At(workflow, "jobs", "deploy", "steps", 1)
	if uses, _ := citest.At(step, "uses").(string); !strings.HasPrefix(uses,
		"aws-actions/configure-aws-credentials@v") {
		t.Errorf("the second step is %v", step)
	}
	if citest.At(step, "with", "role-to-assume") != citest.RoleArn ||
		citest.At(step, "with", "aws-region") != "eu-west-1" || citest.At(step, "with", "audience") != nil {
		t.Errorf("the action gets %v", citest.At(step, "with"))
	}
	citest.SameStrings(t, "branches", citest.Texts(citest.At(workflow, "on", "push", "branches")),
		[]string{"main", "release/**"})
	citest.SameStrings(t, "tags", citest.Texts(citest.At(workflow, "on", "push", "tags")), []string{"v**"})
	if citest.At(workflow, "on", "pull_request") != nil || strings.Contains(text, "pull_request") ||
		strings.Contains(text, "environment:") {
		t.Errorf("more starts the workflow than is trusted:\n%s", text)
	}
}

func TestTheWorkflowNamesTheAudienceOnlyWhenTheActionWouldAskForAnother(t *testing.T) {
	for _, c := range []struct {
		account   ci.Account
		audiences any
		want      any
	}{
		{citest.InAWS, nil, nil}, {citest.InGov, nil, nil}, {citest.InChina, nil, "sts.amazonaws.com.cn"},
		{citest.InAWS, list{"a", "sts.amazonaws.com"}, nil}, {citest.InAWS, list{"no"}, "no"},
		{citest.InChina, list{"sts.amazonaws.com"}, nil}, {citest.InChina, citest.Unknown{}, nil},
		{citest.InAWS, list{citest.Unknown{}}, nil},
	} {
		written := github(acmeWeb, object{"tags": list{"v1"}})
		if c.audiences != nil {
			written["github"].(object)["audiences"] = c.audiences
		}
		_, workflow := suite.Pipeline(t, written, c.account)
		if got := citest.At(workflow, "jobs", "deploy", "steps", 1, "with", "audience"); got != c.want {
			t.Errorf("%v in %s: audience %v, want %v", c.audiences, c.account.Partition, got, c.want)
		}
	}
}

func TestAJobOfATrustedEnvironmentNamesIt(t *testing.T) {
	_, workflow := suite.Pipeline(t,
		github(acmeWeb, object{"environments": list{"yes", "Production:V1", "a # b", "null"}}), citest.InAWS)
	var environments []string
	for i := 1; i <= 4; i++ {
		text, _ := citest.At(workflow, "jobs", "deploy-environment-"+string(rune('0'+i)), "environment").(string)
		environments = append(environments, text)
	}
	slices.Sort(environments)
	citest.SameStrings(t, "environments", environments, []string{"Production:V1", "a # b", "null", "yes"})
	if citest.At(workflow, "jobs", "deploy") != nil {
		t.Error("a job without an environment is not trusted")
	}
	for wildcard, want := range map[string]string{"*": "NAME", "prod-*": "prod-NAME"} {
		_, workflow := suite.Pipeline(t, github(acmeWeb, object{"environments": list{wildcard}}), citest.InAWS)
		if got := citest.At(workflow, "jobs", "deploy-environment", "environment"); got != want {
			t.Errorf("%s: the job is in environment %v", wildcard, got)
		}
	}
	text, workflow := suite.Pipeline(t, github(acmeWeb, object{"environments": list{"prod"}, "pullRequests": true}),
		citest.InAWS)
	if citest.At(workflow, "jobs", "deploy", "steps", 1, "with") == nil ||
		!strings.Contains(text, "  pull_request:\n") {
		t.Errorf("pull requests do not start the workflow:\n%s", text)
	}
}

// unescape reads a filter of GitHub's push event that holds no pattern.
func unescape(filter string) string {
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(filter, "$1")
}

func TestNamesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range citest.Awkward {
		words := object{"tags": list{text}, "environments": list{text}}
		var names []string
		if ci.RefProblem(ci.Name{Text: text}, ci.Tags) != "" {
			words = object{"environments": list{text}}
		} else {
			names = []string{text}
		}
		if environmentProblem(ci.Name{Text: text}) == "" {
			rendered, workflow := suite.Pipeline(t, github(acmeWeb, words), citest.InAWS)
			if got := citest.At(workflow, "jobs", "deploy-environment", "environment"); got != text {
				t.Errorf("environment %q is read as %v", text, got)
			}
			for i, filter := range citest.SameText(t, rendered, "on", "push", "tags") {
				if unescape(filter) != names[i] {
					t.Errorf("tag %q is read as %q", names[i], filter)
				}
			}
		}
	}
}

func TestABranchWithPatternCharactersIsNotAPatternInTheWorkflow(t *testing.T) {
	_, workflow := suite.Pipeline(t, github(acmeWeb, object{"branches": list{"c++", "!important", "a]", "v+*"}}),
		citest.InAWS)
	citest.SameStrings(t, "branches", citest.Texts(citest.At(workflow, "on", "push", "branches")),
		[]string{`\!important`, `a\]`, `c\+\+`, `v\+**`})
}
