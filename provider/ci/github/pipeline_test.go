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

// The role refuses a run by hand on any branch where only tags, pull requests or the merge queue are trusted.
func TestARunByHandIsOfferedOnlyWhereItIsTrusted(t *testing.T) {
	for _, c := range []struct {
		words  object
		byHand bool
		only   any // the condition of the job without an environment
	}{
		{object{"branches": list{"main"}}, true, nil},
		{object{"branches": list{"main"}, "tags": list{"v*"}, "environments": list{"prod"}}, true, nil},
		{object{"environments": list{"prod"}}, true, nil},
		{object{"environments": list{"prod"}, "tags": list{"v*"}}, true, "github.event_name != 'workflow_dispatch'"},
		{object{"environments": list{"prod"}, "pullRequests": true}, true,
			"github.event_name != 'workflow_dispatch'"},
		{object{"tags": list{"v*"}}, false, nil},
		{object{"pullRequests": true}, false, nil},
		{object{"mergeQueue": list{"main"}}, false, nil},
		{object{"tags": list{"v*"}, "pullRequests": true}, false, nil},
	} {
		text, workflow := suite.Pipeline(t, github(acmeWeb, c.words), citest.InAWS)
		on, _ := citest.At(workflow, "on").(object)
		if _, byHand := on["workflow_dispatch"]; byHand != c.byHand ||
			citest.At(workflow, "jobs", "deploy", "if") != c.only {
			t.Errorf("%v:\n%s", c.words, text)
		}
	}
}

// A workflow that starts by what another repository is trusted for is refused by the role.
func TestTheWorkflowOfARepositoryHasNoEventOfAnother(t *testing.T) {
	written := github(acmeWeb, object{"tags": list{"v*"}})
	section := written["github"].(object)
	api := object{"repository": "acme@1234567/api@89012346", "branches": list{"main"}}
	section["repositories"] = append(section["repositories"].(list), api)
	text, workflow := suite.Pipeline(t, written, citest.InAWS)
	if !strings.HasPrefix(text, "# .github/workflows/deploy.yml in acme/api\n") ||
		citest.At(workflow, "on", "push", "tags") != nil || citest.At(workflow, "on", "push", "branches", 0) != "main" {
		t.Error(text)
	}
	_, other, found := strings.Cut(text, "# .github/workflows/deploy.yml in acme/web is another one:\n#\n")
	if !found {
		t.Fatal(text)
	}
	workflow = citest.YamlOf(t, strings.TrimPrefix(strings.ReplaceAll("\n"+other, "\n# ", "\n"), "\n"))
	if citest.At(workflow, "on", "push", "tags", 0) != "v**" || citest.At(workflow, "on", "push", "branches") != nil ||
		strings.Contains(other, "workflow_dispatch") ||
		citest.At(workflow, "jobs", "deploy", "steps", 1, "with") == nil {
		t.Errorf("%s\n%v", text, workflow)
	}
	api["tags"] = list{"v*"}
	delete(api, "branches")
	text, _ = suite.Pipeline(t, written, citest.InAWS)
	if !strings.HasPrefix(text, "# .github/workflows/deploy.yml\n") || strings.Contains(text, " is another one") {
		t.Error(text)
	}
}

func TestTheSessionOfAWorkflowsJobLeadsBackToItAndLastsAsLongAsTheRoleAllows(t *testing.T) {
	trusts := suite.MustRead(t, github(acmeWeb, object{"branches": list{"main"}}), citest.InAWS)
	role := citest.Role("eu-west-1")
	role.Duration = 7200
	workflow := citest.YamlOf(t, trusts[0].Pipeline(role))
	with := citest.At(workflow, "jobs", "deploy", "steps", 1, "with")
	if citest.At(with, "role-duration-seconds") != 7200 || citest.At(with, "retry-max-attempts") != 3 ||
		citest.At(with, "unset-current-credentials") != true || citest.At(with, "role-session-name") !=
		"github-${{ github.repository_id }}-${{ github.run_id }}-${{ github.job }}" {
		t.Errorf("%v", with)
	}
	if citest.At(workflow, "jobs", "deploy", "steps", 0, "uses") != "actions/checkout@v7.0.1" {
		t.Errorf("%v", workflow)
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
