package circleci

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const session = "circleci-$CIRCLE_PROJECT_REPONAME-$CIRCLE_BUILD_NUM-$CIRCLE_JOB"

func TestTheCircleCIConfigExchangesTheTokenOfTheOrganization(t *testing.T) {
	text, config := suite.Pipeline(t, circleci(object{"vcsOrigin": origin, "branches": list{"main", "release/1.*"}}),
		citest.InAWS)
	citest.Exchanges(t, citest.At(config, "jobs", "deploy", "steps", 2, "run", "command"),
		ci.PrintVariable("CIRCLE_OIDC_TOKEN_V2"), session, "eu-west-1")
	if orb, _ := citest.At(config, "orbs", "aws-cli").(string); !strings.HasPrefix(orb, "circleci/aws-cli@") {
		t.Errorf("the orb is %v", orb)
	}
	filters := citest.At(config, "workflows", "deploy", "jobs", 0, "deploy", "filters")
	only := citest.Texts(citest.At(filters, "branches", "only"))
	citest.SameStrings(t, "branches", only, []string{`/^release/1\..*/`, "main"})
	if citest.At(filters, "tags") != nil {
		t.Errorf("tags start the job:\n%s", text)
	}
	filter := regexp.MustCompile(strings.Trim(only[0], "/"))
	if !filter.MatchString("release/1.5") || filter.MatchString("release/15") || filter.MatchString("x/release/1.5") {
		t.Errorf("%s does not fit release/1.*", only[0])
	}

	_, config = suite.Pipeline(t, circleci(object{"vcsOrigin": origin, "tags": list{"v*"}}), citest.InAWS)
	filters = citest.At(config, "workflows", "deploy", "jobs", 0, "deploy", "filters")
	citest.SameStrings(t, "tags", citest.Texts(citest.At(filters, "tags", "only")), []string{"/^v.*/"})
	if citest.At(filters, "branches", "ignore") != "/.*/" {
		t.Errorf("branches start the job: %v", filters)
	}
	_, config = suite.Pipeline(t, circleci(object{}), citest.InAWS)
	if citest.At(config, "workflows", "deploy", "jobs", 0, "deploy", "filters") != nil {
		t.Errorf("any ref is trusted, and the job has filters")
	}
}

func TestAJobThatNeedsAnotherAudienceAsksForIt(t *testing.T) {
	for audience, want := range map[string]string{
		"sts.amazonaws.com": `'{"aud": "sts.amazonaws.com"}'`, `it's`: `'{"aud": "it'\''s"}'`, `"`: `'{"aud": "\""}'`,
	} {
		written := circleci(object{"vcsOrigin": origin, "branches": list{"main"}})
		written["circleci"].(object)["audiences"] = list{audience}
		_, config := suite.Pipeline(t, written, citest.InAWS)
		citest.Exchanges(t, citest.At(config, "jobs", "deploy", "steps", 2, "run", "command"),
			"circleci run oidc get --claims "+want, session, "eu-west-1")
		written["circleci"].(object)["audiences"] = list{audience, organization}
		if text, _ := suite.Pipeline(t, written, citest.InAWS); strings.Contains(text, "oidc get") {
			t.Errorf("the organization's audience is trusted too, and another token is asked for:\n%s", text)
		}
	}
}

func TestNamesOfTagsThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range citest.Awkward {
		if ci.RefProblem(ci.Name{Text: text}, ci.Tags) != "" {
			continue
		}
		rendered, _ := suite.Pipeline(t, circleci(object{"vcsOrigin": origin, "tags": list{text}}), citest.InAWS)
		filters := citest.At(citest.YamlOf(t, rendered), "workflows", "deploy", "jobs", 0, "deploy", "filters",
			"tags", "only")
		citest.SameStrings(t, "tags", citest.Texts(filters), []string{text})
	}
}
