package buildkite

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

func TestAPipelinesIDIsRequiredOfTokensAndRefusedWhereAWSCannotTestIt(t *testing.T) {
	for _, words := range []object{
		{"id": pipelineID, "branches": list{"main"}},
		{"id": pipelineID, "tags": list{"v*"}},
		{"id": pipelineID},
	} {
		trusts := suite.MustRead(t, buildkite(words), citest.InAWS)
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v: %v %v", words, err, problems.Sorted())
		}
		if findings := citest.FindingIDs(trusts); slices.Contains(findings, "buildkite-slugs-alone") {
			t.Errorf("%v: %v", words, findings)
		}
		cases := citest.Prepared(trusts, citest.InAWS)
		for _, m := range citest.Mutants(t, ci.Compile(trusts, citest.InAWS, nil).JSON()) {
			if citest.FirstWrong(m.Policy, cases) == nil && suite.Harmless[m.Name] == "" {
				t.Errorf("%v: not found: %s", words, m.Name)
			}
		}
		_, lines := suite.Read(object{"acceptRisks": suite.AllRisks(), "buildkite": buildkite(words)["buildkite"]},
			citest.InGov)
		citest.SameStrings(t, "problems outside aws", lines,
			[]string{"buildkite.pipelines[0].id: needs the condition key agent.buildkite.com:pipeline_id, which AWS " +
				"fills in the aws partition only; leave it out: here the slugs in the subject decide alone"})
	}
	_, lines := suite.Read(buildkite(object{"id": citest.Unknown{}, "branches": list{"main"}}), citest.InAWS)
	citest.SameStrings(t, "problems of an id that is not known yet", lines, []string{})
}

func TestBuildkitesIdentifiersAreSlugsAndUUIDsAndNothingElse(t *testing.T) {
	const (
		isID  = "is an id; Buildkite writes the slug into the subject: the part of the URL "
		alone = "must be the slug alone: the last part of the URL "
		org   = "buildkite.com/ORGANIZATION"
		pipe  = "buildkite.com/ORGANIZATION/PIPELINE"
		form  = ": letters, digits and hyphens, such as super-duper-app"
		id    = "must be the pipeline's UUID: BUILDKITE_PIPELINE_ID in a job's Environment tab, such as " + pipelineID
	)
	for _, c := range []struct{ property, text, rule string }{
		{"organization", pipelineID, isID + org}, {"organization", strings.ToUpper(pipelineID), isID + org},
		{"organization", "https://buildkite.com/acme", alone + org},
		{"organization", "", "must be the slug from the URL " + org + form},
		{"organization", "acme:pipeline:web", "must be the slug from the URL " + org + form},
		{"organization", "acm*", "must be the slug from the URL " + org + form},
		{"organization", "Acme Inc", "must be the slug from the URL " + org + form},
		{"slug", pipelineID, isID + pipe}, {"slug", "acme/web", alone + pipe},
		{"slug", "web:ref", "must be the slug from the URL " + pipe + form},
		{"slug", "we?", "must be the slug from the URL " + pipe + form},
		{"slug", "${x}", "must be the slug from the URL " + pipe + form},
		{"slug", "-web", "must be the slug from the URL " + pipe + form},
		{"slug", "web\n", "must be the slug from the URL " + pipe + form},
		{"slug", "web_1", "must be the slug from the URL " + pipe + form},
		{"slug", strings.Repeat("a", 101), "must be the slug from the URL " + pipe + form},
		{"id", "web", id}, {"id", "", id}, {"id", pipelineID + "0", id},
		{"id", "0184990a-4782-42b5-afc1-16715b10b1l0", id}, {"id", "*", id},
		{"id", strings.ToUpper(pipelineID),
			"has capital letters; Buildkite writes it in lower case, and AWS compares letter by letter"},
	} {
		item := object{"slug": "web", "id": pipelineID, "branches": list{"main"}}
		section, path := object{"organization": "acme", "pipelines": list{item}}, "buildkite.organization"
		if c.property == "organization" {
			section["organization"] = c.text
		} else {
			item[c.property], path = c.text, "buildkite.pipelines[0]."+c.property
		}
		_, lines := suite.Read(object{"buildkite": section}, citest.InAWS)
		citest.SameStrings(t, c.text, lines,
			[]string{path + ": " + c.rule + " " + input.Got(input.Value{Scalar: c.text})})
	}
	_, lines := suite.Read(buildkite(object{
		"branches": list{"mallory:main", "refs/heads/main", "*/main"},
		"tags":     list{"refs/tags/v1"},
	}), citest.InAWS)
	if len(lines) != 4 {
		t.Errorf("refs follow git's rules: %q", lines)
	}
}
