package gitlab

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestTheGitLabConfigurationExchangesTheTokenOfTheJob(t *testing.T) {
	words := object{
		"path":     web,
		"id":       "7",
		"branches": list{"main", "release/1.*", "c++", "a'b", `q"`, "on"},
		"tags":     list{"v*"},
	}
	_, config := suite.Pipeline(t, gitlab(words), citest.InAWS)
	job := citest.At(config, "deploy")
	if citest.At(job, "id_tokens", "AWS_ID_TOKEN", "aud") != issuer {
		t.Errorf("the job has %v", job)
	}
	citest.Exchanges(t, citest.At(job, "script", 0), ci.PrintVariable("AWS_ID_TOKEN"),
		"gitlab-$CI_PROJECT_ID-$CI_PIPELINE_ID-$CI_JOB_ID", "eu-west-1")
	var rules []string
	for i := range 7 {
		rule, _ := citest.At(job, "rules", i, "if").(string)
		rules = append(rules, rule)
	}
	citest.SameStrings(t, "rules", rules, []string{
		`$CI_COMMIT_BRANCH == "c++"`, `$CI_COMMIT_BRANCH == "main"`, `$CI_COMMIT_BRANCH == "on"`,
		`$CI_COMMIT_BRANCH =~ /^a'b$/`, `$CI_COMMIT_BRANCH =~ /^q"$/`, `$CI_COMMIT_BRANCH =~ /^release\/1\./`,
		"$CI_COMMIT_TAG =~ /^v/",
	})
	for _, c := range []struct{ url, audiences, want any }{
		{instance, nil, instance}, {instance, list{"x"}, "x"}, {instance, list{"a", instance}, instance},
		{issuer, list{"no"}, "no"}, {citest.Unknown{}, nil, issuer}, {instance, citest.Unknown{}, instance},
	} {
		written := onInstance(gitlab(object{"path": web, "branches": list{"*"}}), c.url)
		if c.audiences != nil {
			written["gitlab"].(object)["audiences"] = c.audiences
		}
		_, config := suite.Pipeline(t, written, citest.InAWS)
		if got := citest.At(config, "deploy", "id_tokens", "AWS_ID_TOKEN", "aud"); got != c.want {
			t.Errorf("%v: the audience is %v", c, got)
		}
		if got := citest.At(config, "deploy", "rules", 0, "if"); got != "$CI_COMMIT_BRANCH" {
			t.Errorf("the rule is %v", got)
		}
	}
}
