package ci

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const roleArn = "arn:aws:iam::123456789012:role/ci/deploy+x=y,z@w"

// pipeline renders the YAML of the only section and reads it back.
func pipeline(t *testing.T, written object, account Account) (string, map[string]any) {
	t.Helper()
	text := mustRead(t, written, account)[0].Pipeline(roleArn, account.Region)
	var document map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("the pipeline is no YAML: %v\n%s", err, text)
	}
	return text, document
}

// at follows a path of keys and indices into a YAML document.
func at(document any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			fields, _ := document.(map[string]any)
			document = fields[s]
		case int:
			items, _ := document.([]any)
			if s >= len(items) {
				return nil
			}
			document = items[s]
		}
	}
	return document
}

func texts(items any) []string {
	var texts []string
	list, _ := items.([]any)
	for _, item := range list {
		text, _ := item.(string)
		texts = append(texts, text)
	}
	return texts
}

func TestTheWorkflowAsksForATokenAndExchangesIt(t *testing.T) {
	text, workflow := pipeline(t, github(acmeWeb, object{"branches": list{"main", "release/*"}, "tags": list{"v*"}}), inAWS)
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
		_, workflow := pipeline(t, written, c.account)
		if got := at(workflow, "jobs", "deploy", "steps", 1, "with", "audience"); got != c.want {
			t.Errorf("%v in %s: audience %v, want %v", c.audiences, c.account.Partition, got, c.want)
		}
	}
}

func TestAJobOfATrustedEnvironmentNamesIt(t *testing.T) {
	_, workflow := pipeline(t, github(acmeWeb, object{"environments": list{"yes", "Production:V1", "a # b", "null"}}), inAWS)
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
		_, workflow := pipeline(t, github(acmeWeb, object{"environments": list{wildcard}}), inAWS)
		if got := at(workflow, "jobs", "deploy-environment", "environment"); got != want {
			t.Errorf("%s: the job is in environment %v", wildcard, got)
		}
	}
	text, workflow := pipeline(t, github(acmeWeb, object{"environments": list{"prod"}, "pullRequests": true}), inAWS)
	if at(workflow, "jobs", "deploy", "steps", 1, "with") == nil || !strings.Contains(text, "  pull_request:\n") {
		t.Errorf("pull requests do not start the workflow:\n%s", text)
	}
}

// awkward are names that YAML 1.1 or 1.2 would read as something else when they are written bare.
var awkward = []string{
	"yes", "No", "on", "OFF", "y", "n", "true", "False", "null", "NULL", "1.0", "1e3", "0x1f", "12", "#x", "a#b", "!tag", "c++", "a]b", "a,b",
	"&a", "%x", "'q'", `"q"`, "`x`", "a=b", "-", "é", "{a}", "2026-01-01", "12_3", ".5", "=", "<<", "a\u00a0b", "a\u00adb",
}

// oneOrOther is what YAML 1.1 reads as a boolean or null: https://yaml.org/type/bool.html
var oneOrOther = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|~)$`)

// sameText reports that every scalar of the sequence is text in YAML 1.1 as in 1.2.
func sameText(t *testing.T, document string, path ...string) []string {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(document), &root); err != nil {
		t.Fatal(err)
	}
	node := root.Content[0]
	for _, step := range path {
		i := slices.IndexFunc(node.Content, func(key *yaml.Node) bool { return key.Value == step })
		if i < 0 {
			return nil
		}
		node = node.Content[i+1]
	}
	var texts []string
	for _, item := range node.Content {
		if item.Tag != "!!str" || item.Style&yaml.DoubleQuotedStyle == 0 && oneOrOther.MatchString(item.Value) {
			t.Errorf("%q would not be read as text", item.Value)
		}
		texts = append(texts, item.Value)
	}
	return texts
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
			rendered, workflow := pipeline(t, github(acmeWeb, words), inAWS)
			if got := at(workflow, "jobs", "deploy-environment", "environment"); got != text {
				t.Errorf("environment %q is read as %v", text, got)
			}
			for i, filter := range sameText(t, rendered, "on", "push", "tags") {
				if unescape(filter) != names[i] {
					t.Errorf("tag %q is read as %q", names[i], filter)
				}
			}
		}
		if names != nil {
			rendered, _ := pipeline(t, circleci(object{"vcsOrigin": origin, "tags": list{text}}), inAWS)
			filters := at(yamlOf(t, rendered), "workflows", "deploy", "jobs", 0, "deploy", "filters", "tags", "only")
			sameStrings(t, "tags", texts(filters), names)
		}
	}
}

func yamlOf(t *testing.T, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func TestABranchWithPatternCharactersIsNotAPatternInTheWorkflow(t *testing.T) {
	_, workflow := pipeline(t, github(acmeWeb, object{"branches": list{"c++", "!important", "a]", "v+*"}}), inAWS)
	sameStrings(t, "branches", texts(at(workflow, "on", "push", "branches")), []string{`\!important`, `a\]`, `c\+\+`, `v\+**`})
}

func TestTheCircleCIConfigExchangesTheTokenOfTheOrganization(t *testing.T) {
	text, config := pipeline(t, circleci(object{"vcsOrigin": origin, "branches": list{"main", "release/1.*"}}), inAWS)
	setup := at(config, "jobs", "deploy", "steps", 1, "aws-cli/setup")
	if at(setup, "role_arn") != roleArn || at(setup, "region") != "eu-west-1" {
		t.Errorf("the orb gets %v", setup)
	}
	if orb, _ := at(config, "orbs", "aws-cli").(string); !strings.HasPrefix(orb, "circleci/aws-cli@") {
		t.Errorf("the orb is %v", orb)
	}
	filters := at(config, "workflows", "deploy", "jobs", 0, "deploy", "filters")
	only := texts(at(filters, "branches", "only"))
	sameStrings(t, "branches", only, []string{`/^release/1\..*/`, "main"})
	if at(filters, "tags") != nil {
		t.Errorf("tags start the job:\n%s", text)
	}
	filter := regexp.MustCompile(strings.Trim(only[0], "/"))
	if !filter.MatchString("release/1.5") || filter.MatchString("release/15") || filter.MatchString("x/release/1.5") {
		t.Errorf("%s does not fit release/1.*", only[0])
	}

	_, config = pipeline(t, circleci(object{"vcsOrigin": origin, "tags": list{"v*"}}), inAWS)
	filters = at(config, "workflows", "deploy", "jobs", 0, "deploy", "filters")
	sameStrings(t, "tags", texts(at(filters, "tags", "only")), []string{"/^v.*/"})
	if at(filters, "branches", "ignore") != "/.*/" {
		t.Errorf("branches start the job: %v", filters)
	}
	_, config = pipeline(t, circleci(object{}), inAWS)
	if at(config, "workflows", "deploy", "jobs", 0, "deploy", "filters") != nil {
		t.Errorf("any ref is trusted, and the job has filters")
	}
}

func TestAJobThatNeedsAnotherAudienceAsksForIt(t *testing.T) {
	for audience, want := range map[string]string{
		"sts.amazonaws.com": `'{"aud": "sts.amazonaws.com"}'`, `it's`: `'{"aud": "it'\''s"}'`, `"`: `'{"aud": "\""}'`,
	} {
		written := circleci(object{"vcsOrigin": origin, "branches": list{"main"}})
		written["circleci"].(object)["audiences"] = list{audience}
		text, config := pipeline(t, written, inAWS)
		command, _ := at(config, "jobs", "deploy", "steps", 2, "run", "command").(string)
		if !strings.Contains(command, "circleci run oidc get --claims "+want+" > ") || !strings.Contains(command, roleArn) || strings.Contains(text, "aws-cli/setup") {
			t.Errorf("%s:\n%s", audience, text)
		}
		written["circleci"].(object)["audiences"] = list{audience, organization}
		if text, _ := pipeline(t, written, inAWS); !strings.Contains(text, "aws-cli/setup") {
			t.Errorf("the organization's audience is trusted too, and the orb is not used:\n%s", text)
		}
	}
}
