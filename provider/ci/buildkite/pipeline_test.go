package buildkite

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestTheBuildkitePipelineAsksForWhatTheRoleRequires(t *testing.T) {
	text, document := suite.Pipeline(t, buildkite(object{
		"id":       pipelineID,
		"branches": list{"main", "release/*", "it's", "a$b"},
		"tags":     list{"v1.*"},
	}), citest.InAWS)
	group := citest.At(document, "steps", 0)
	const want = `(build.tag == null && build.branch == "main") || (build.tag == null && ` +
		`build.branch =~ /^a\$$b$$/) || ` +
		`(build.tag == null && build.branch =~ /^it's$$/) || (build.tag == null && build.branch =~ /^release\//) || ` +
		`(build.tag =~ /^v1\./)`
	if got := citest.At(group, "if"); got != want {
		t.Errorf("the condition is\n%s\nwant\n%s", got, want)
	}
	step := citest.At(group, "steps", 0)
	if citest.At(step, "env", "BUILDKITE_OIDC_TOKEN_CLAIMS") != "pipeline_id" {
		t.Errorf("the step is not complete:\n%s", text)
	}
	exchanges(t, step, "'sts.amazonaws.com'", "eu-west-1")
	for _, words := range []object{{}, {"branches": list{"*"}}, {"tags": list{"*"}}} {
		text, document := suite.Pipeline(t, buildkite(words), citest.InChina)
		step := citest.At(document, "steps", 0)
		if len(words) > 0 {
			step = citest.At(step, "steps", 0)
		}
		if strings.Contains(text, "pipeline_id") {
			t.Errorf("%v:\n%s", words, text)
		}
		exchanges(t, step, "'sts.amazonaws.com'", "cn-north-1")
	}
	written := buildkite(object{"id": pipelineID})
	written["buildkite"].(object)["audiences"] = list{"it's$x"}
	_, document = suite.Pipeline(t, written, citest.InAWS)
	exchanges(t, citest.At(document, "steps", 0), `'it'\''s$x'`, "eu-west-1")
}

// exchanges holds the command of a step against what it must have, as the agent leaves it when it uploads the pipeline.
func exchanges(t *testing.T, step any, audience, region string) {
	t.Helper()
	command := strings.ReplaceAll(citest.TextAt(step, "command"), "$$", "$")
	citest.Exchanges(t, command, "buildkite-agent oidc request-token --audience "+audience,
		"buildkite-$BUILDKITE_PIPELINE_SLUG-$BUILDKITE_BUILD_NUMBER-$BUILDKITE_JOB_ID", region)
}
