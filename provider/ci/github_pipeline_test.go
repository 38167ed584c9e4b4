package ci

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheWorkflowAsksForATokenAndExchangesIt(t *testing.T) {
	text, workflow := githubSuite.pipeline(t, github(acmeWeb, object{"branches": list{"main", "release/*"}, "tags": list{"v*"}}), inAWS)
	if at(workflow, "permissions", "id-token") != "write" || at(workflow, "permissions", "contents") != "read" {
		t.Errorf("permissions are missing:\n%s", text)
	}
	step := at(workflow, "jobs", "deploy", "steps", 1)
	if uses, _ := at(step, "uses").(string); !strings.HasPrefix(uses, "aws-actions/configure-aws-credentials@v") {
		t.Errorf("the second step is %v", step)
	}
	if at(step, "with", "role-to-assume") != roleArn || at(step, "with", "aws-region") != "eu-west-1" || at(step, "with", "audience") != nil {
		t.Errorf("the action gets %v", at(step, "with"))
	}
	sameStrings(t, "branches", texts(at(workflow, "on", "push", "branches")), []string{"main", "release/**"})
	sameStrings(t, "tags", texts(at(workflow, "on", "push", "tags")), []string{"v**"})
	if at(workflow, "on", "pull_request") != nil || strings.Contains(text, "pull_request") || strings.Contains(text, "environment:") {
		t.Errorf("more starts the workflow than is trusted:\n%s", text)
	}
}

func TestTheWorkflowNamesTheAudienceOnlyWhenTheActionWouldAskForAnother(t *testing.T) {
	for _, c := range []struct {
		account   Account
		audiences any
		want      any
	}{
		{inAWS, nil, nil}, {inGov, nil, nil}, {inChina, nil, "sts.amazonaws.com.cn"},
		{inAWS, list{"a", "sts.amazonaws.com"}, nil}, {inAWS, list{"no"}, "no"}, {inChina, list{"sts.amazonaws.com"}, nil},
		{inChina, unknown{}, nil}, {inAWS, list{unknown{}}, nil},
	} {
		written := github(acmeWeb, object{"tags": list{"v1"}})
		if c.audiences != nil {
			written["github"].(object)["audiences"] = c.audiences
		}
		_, workflow := githubSuite.pipeline(t, written, c.account)
		if got := at(workflow, "jobs", "deploy", "steps", 1, "with", "audience"); got != c.want {
			t.Errorf("%v in %s: audience %v, want %v", c.audiences, c.account.Partition, got, c.want)
		}
	}
}

func TestAJobOfATrustedEnvironmentNamesIt(t *testing.T) {
	_, workflow := githubSuite.pipeline(t, github(acmeWeb, object{"environments": list{"yes", "Production:V1", "a # b", "null"}}), inAWS)
	var environments []string
	for i := 1; i <= 4; i++ {
		text, _ := at(workflow, "jobs", "deploy-environment-"+string(rune('0'+i)), "environment").(string)
		environments = append(environments, text)
	}
	slices.Sort(environments)
	sameStrings(t, "environments", environments, []string{"Production:V1", "a # b", "null", "yes"})
	if at(workflow, "jobs", "deploy") != nil {
		t.Error("a job without an environment is not trusted")
	}
	for wildcard, want := range map[string]string{"*": "NAME", "prod-*": "prod-NAME"} {
		_, workflow := githubSuite.pipeline(t, github(acmeWeb, object{"environments": list{wildcard}}), inAWS)
		if got := at(workflow, "jobs", "deploy-environment", "environment"); got != want {
			t.Errorf("%s: the job is in environment %v", wildcard, got)
		}
	}
	text, workflow := githubSuite.pipeline(t, github(acmeWeb, object{"environments": list{"prod"}, "pullRequests": true}), inAWS)
	if at(workflow, "jobs", "deploy", "steps", 1, "with") == nil || !strings.Contains(text, "  pull_request:\n") {
		t.Errorf("pull requests do not start the workflow:\n%s", text)
	}
}

// unescape reads a filter of GitHub's push event that holds no pattern.
func unescape(filter string) string {
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(filter, "$1")
}

func TestNamesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range awkward {
		words := object{"tags": list{text}, "environments": list{text}}
		var names []string
		if refProblem(name{text: text}, tags) != "" {
			words = object{"environments": list{text}}
		} else {
			names = []string{text}
		}
		if environmentProblem(name{text: text}) == "" {
			rendered, workflow := githubSuite.pipeline(t, github(acmeWeb, words), inAWS)
			if got := at(workflow, "jobs", "deploy-environment", "environment"); got != text {
				t.Errorf("environment %q is read as %v", text, got)
			}
			for i, filter := range sameText(t, rendered, "on", "push", "tags") {
				if unescape(filter) != names[i] {
					t.Errorf("tag %q is read as %q", names[i], filter)
				}
			}
		}
	}
}

func TestABranchWithPatternCharactersIsNotAPatternInTheWorkflow(t *testing.T) {
	_, workflow := githubSuite.pipeline(t, github(acmeWeb, object{"branches": list{"c++", "!important", "a]", "v+*"}}), inAWS)
	sameStrings(t, "branches", texts(at(workflow, "on", "push", "branches")), []string{`\!important`, `a\]`, `c\+\+`, `v\+**`})
}
