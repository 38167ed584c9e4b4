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
	plugin := citest.At(step, "plugins", 0, "aws-assume-role-with-web-identity#v1.6.0")
	if citest.At(plugin, "role-arn") != citest.RoleArn || citest.At(plugin, "region") != "eu-west-1" ||
		citest.At(step, "env", "BUILDKITE_OIDC_TOKEN_CLAIMS") != "pipeline_id" {
		t.Errorf("the step is not complete:\n%s", text)
	}
	for _, words := range []object{{}, {"branches": list{"*"}}, {"tags": list{"*"}}} {
		text, document := suite.Pipeline(t, buildkite(words), citest.InChina)
		step := citest.At(document, "steps", 0)
		if len(words) > 0 {
			step = citest.At(step, "steps", 0)
		}
		if citest.At(step, "plugins", 0, "aws-assume-role-with-web-identity#v1.6.0", "role-arn") != citest.RoleArn ||
			strings.Contains(text, "pipeline_id") {
			t.Errorf("%v:\n%s", words, text)
		}
	}
	written := buildkite(object{"id": pipelineID})
	written["buildkite"].(object)["audiences"] = list{"it's$x"}
	text, document = suite.Pipeline(t, written, citest.InAWS)
	command, _ := citest.At(document, "steps", 0, "command").(string)
	if !strings.Contains(command, `--audience 'it'\''s$$x' > "$$AWS_WEB_IDENTITY_TOKEN_FILE"`) ||
		!strings.Contains(command, "AWS_ROLE_ARN="+citest.RoleArn) ||
		!strings.Contains(command, "AWS_REGION=eu-west-1") || citest.At(document, "steps", 0, "plugins") != nil {
		t.Errorf("a job that needs another audience asks for it:\n%s", text)
	}
}
