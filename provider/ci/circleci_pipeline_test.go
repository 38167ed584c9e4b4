package ci

import (
	"regexp"
	"strings"
	"testing"
)

func TestTheCircleCIConfigExchangesTheTokenOfTheOrganization(t *testing.T) {
	text, config := circleciSuite.pipeline(t, circleci(object{"vcsOrigin": origin, "branches": list{"main", "release/1.*"}}), inAWS)
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

	_, config = circleciSuite.pipeline(t, circleci(object{"vcsOrigin": origin, "tags": list{"v*"}}), inAWS)
	filters = at(config, "workflows", "deploy", "jobs", 0, "deploy", "filters")
	sameStrings(t, "tags", texts(at(filters, "tags", "only")), []string{"/^v.*/"})
	if at(filters, "branches", "ignore") != "/.*/" {
		t.Errorf("branches start the job: %v", filters)
	}
	_, config = circleciSuite.pipeline(t, circleci(object{}), inAWS)
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
		text, config := circleciSuite.pipeline(t, written, inAWS)
		command, _ := at(config, "jobs", "deploy", "steps", 2, "run", "command").(string)
		if !strings.Contains(command, "circleci run oidc get --claims "+want+" > ") || !strings.Contains(command, roleArn) || strings.Contains(text, "aws-cli/setup") {
			t.Errorf("%s:\n%s", audience, text)
		}
		written["circleci"].(object)["audiences"] = list{audience, organization}
		if text, _ := circleciSuite.pipeline(t, written, inAWS); !strings.Contains(text, "aws-cli/setup") {
			t.Errorf("the organization's audience is trusted too, and the orb is not used:\n%s", text)
		}
	}
}

func TestNamesOfTagsThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range awkward {
		if refProblem(name{text: text}, tags) != "" {
			continue
		}
		rendered, _ := circleciSuite.pipeline(t, circleci(object{"vcsOrigin": origin, "tags": list{text}}), inAWS)
		filters := at(yamlOf(t, rendered), "workflows", "deploy", "jobs", 0, "deploy", "filters", "tags", "only")
		sameStrings(t, "tags", texts(filters), []string{text})
	}
}
