package pipelines

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inside follows a path of keys into a schema.
func inside(schema map[string]any, path ...string) map[string]any {
	for _, key := range path {
		schema = schema[key].(map[string]any)
	}
	return schema
}

// addAWSTasks adds tasks of AWS's extension: the schema lists those that come with Azure DevOps, and refuses any other.
// Sources: https://github.com/aws/aws-toolkit-azure-devops/blob/master/src/tasks/AWSCLI/task.json,
// https://github.com/aws/aws-toolkit-azure-devops/blob/master/src/tasks/AWSShellScript/task.json
func addAWSTasks(schema map[string]any) {
	for name, task := range map[string]struct {
		texts, flags []string
		required     []any
	}{
		"AWSCLI@1": {
			texts: []string{"awsCredentials", "regionName", "awsCommand", "awsSubCommand", "awsArguments"},
			flags: []string{"failOnStandardError"}, required: []any{"awsCommand"},
		},
		"AWSShellScript@1": {
			texts: []string{"awsCredentials", "regionName", "arguments", "scriptType", "filePath", "inlineScript",
				"workingDirectory"},
			flags: []string{"disableAutoCwd", "failOnStandardError"}, required: []any{"scriptType"},
		},
	} {
		inputs := map[string]any{}
		for _, text := range task.texts {
			inputs[text] = map[string]any{"type": "string"}
		}
		for _, flag := range task.flags {
			inputs[flag] = map[string]any{"type": "boolean"}
		}
		named := map[string]any{"const": name}
		names := inside(schema, "definitions", "task", "properties", "task")
		names["anyOf"] = append(names["anyOf"].([]any), named)
		shapes := inside(schema, "definitions", "task")
		shapes["anyOf"] = append(shapes["anyOf"].([]any), map[string]any{"properties": map[string]any{
			"task":   named,
			"inputs": map[string]any{"properties": inputs, "additionalProperties": false, "required": task.required},
		}})
	}
}

// closeBitbucketSteps refuses keys of a step that the schema does not name: it would take any, oidc misspelt too.
func closeBitbucketSteps(schema map[string]any) {
	step := inside(schema, "definitions", "step")
	var names []any
	for _, part := range append([]any{inside(schema, "definitions", "step_base")}, step["allOf"].([]any)...) {
		fields, _ := part.(map[string]any)["properties"].(map[string]any)
		for name := range fields {
			names = append(names, name)
		}
	}
	step["propertyNames"] = map[string]any{"enum": names}
}

// addForgejosKey adds the key by which a Forgejo workflow, or a job of it, asks for a token.
// Source: https://forgejo.org/docs/next/user/actions/security-openid-connect
func addForgejosKey(schema map[string]any) {
	for _, fields := range []map[string]any{
		inside(schema, "properties"), inside(schema, "definitions", "normalJob", "properties"),
	} {
		fields["enable-openid-connect"] = map[string]any{"type": "boolean"}
	}
}

func TestForgejoHasOneKeyMoreThanGitHub(t *testing.T) {
	github, _ := schemasOf("github")[0].rules(t)
	forgejo, _ := schemasOf("forgejo")[0].rules(t)
	workflow := samples["github"].pipeline
	require.NoError(t, forgejo.Validate(parse(t, workflow)))
	for _, asking := range []string{
		"enable-openid-connect: true\n" + workflow,
		strings.Replace(workflow, "    runs-on:", "    enable-openid-connect: true\n    runs-on:", 1),
	} {
		require.Error(t, github.Validate(parse(t, asking)))
		require.NoError(t, forgejo.Validate(parse(t, asking)))
	}
	require.Error(t, forgejo.Validate(parse(t, "enable-openid-connect: please\n"+workflow)))
}
