package ci

import (
	"fmt"
	"slices"
	"strings"
)

// trust adds the job's grant. It requires the audience that Pulumi Cloud gives to such tokens, unless the user chose others.
func (j pulumiJob) trust(t *Trust, organization string, chosen bool) {
	s := subject{
		form: j.form, terms: exactlyAll(append([]string{organization}, j.texts...)...), audiences: []string{j.platform + organization},
		job: j.claims, others: j.others(organization),
	}
	if chosen {
		s.audiences = nil
	}
	t.trust(j.path, fmt.Sprintf("Pulumi Cloud: %s of organization %s%s", j.phrase, organization, j.how), s)
}

// kind is what has tokens with the job's audience.
func (j pulumiJob) kind() string {
	switch {
	case j.form == pulumiDeploymentForm:
		return "Pulumi Deployments"
	case j.platform == "":
		return "ESC environments of the project default"
	}
	return "ESC environments"
}

// claims are the further claims of a token with the given texts in its subject.
// Sources: https://www.pulumi.com/docs/esc/guides/configuring-oidc/#default-token-claim,
// https://www.pulumi.com/docs/deployments/guides/oidc/#custom-claims
func (j pulumiJob) claims(texts []string) map[string]any {
	if j.form == pulumiDeploymentForm {
		return map[string]any{"org": texts[0], "project": texts[1], "stack": texts[2], "operation": texts[3], "scope": "write",
			"stackId": strings.Join(texts[:3], "/"), "deployment": "17"}
	}
	environment, user := texts[1], "mona"
	switch j.form {
	case pulumiUserLastForm:
		user = texts[2]
	case pulumiUserFirstForm:
		environment, user = texts[2], texts[1]
	}
	return map[string]any{"current_env": environment, "root_env": environment, "trigger_user": user}
}

// others are subjects of the other kinds of token that name the same things.
func (j pulumiJob) others(organization string) map[string]string {
	elsewhere := j.name
	if j.project == "default" {
		elsewhere = "web/" + j.name
	}
	path := j.project + "/" + j.name
	others := map[string]string{
		"an environment that Pulumi IaC opens":               pulumiOpenedForm.build(organization, "<yaml>"),
		"an environment of the same name in another project": pulumiOpenedForm.build(organization, elsewhere),
		"a subject that names the organization alone":        "pulumi:environments:pulumi.organization.login:" + organization,
		"a subject by rootEnvironment.name":                  "pulumi:environments:pulumi.organization.login:" + organization + ":rootEnvironment.name:" + path,
		"a token of fn::open::oidc":                          "pulumi:org:" + organization + ":env:" + path,
	}
	if j.form == pulumiDeploymentForm {
		others["an environment with the stack's name"] = pulumiOpenedForm.build(organization, path)
		return others
	}
	others["a deployment of a stack with the environment's name"] = pulumiDeploymentForm.build(organization, j.project, j.name, "update")
	if j.form != pulumiOpenedForm {
		others["the environment without subjectAttributes"] = pulumiOpenedForm.build(organization, path)
	}
	return others
}

// pulumiConfig is what to set: definitions of environments, and settings of stacks.
// Sources: https://www.pulumi.com/docs/esc/providers/login/aws-login/,
// https://www.pulumi.com/registry/packages/pulumiservice/api-docs/deploymentsettings/
func pulumiConfig(jobs []pulumiJob, roleArn, region string) string {
	var environments, stacks []string
	for _, j := range jobs {
		item := fmt.Sprintf("  - project: %s\n    name: %s\n", quoteYAML(j.project), quoteYAML(j.name))
		if j.form == pulumiDeploymentForm {
			stacks = addOnce(stacks, item+fmt.Sprintf("    operationContext:\n      oidc:\n        aws:\n          roleARN: %s\n          sessionName: pulumi-deployments\n"+
				"      environmentVariables:\n        AWS_REGION: %s\n", roleArn, region))
			continue
		}
		attributes := ""
		if len(j.attributes) > 0 {
			attributes = "                subjectAttributes: " + flowYAML(j.attributes) + "\n"
		}
		environments = addOnce(environments, item+fmt.Sprintf("    definition:\n      values:\n        aws:\n          login:\n            fn::open::aws-login:\n              oidc:\n"+
			"                duration: 1h\n                roleArn: %s\n                sessionName: pulumi-esc\n%s        environmentVariables:\n"+
			"          AWS_ACCESS_KEY_ID: ${aws.login.accessKeyId}\n          AWS_SECRET_ACCESS_KEY: ${aws.login.secretAccessKey}\n"+
			"          AWS_SESSION_TOKEN: ${aws.login.sessionToken}\n          AWS_REGION: %s\n", roleArn, attributes, region))
	}
	return pulumiList("# Put each definition into the environment of Pulumi ESC; what stands there already stays.", "environments", environments) +
		pulumiList("# Set these under Settings > Deploy of each stack, or with a pulumiservice:DeploymentSettings resource.", "stacks", stacks)
}

// pulumiList is a list of YAML items under a comment and a name, nothing when there is none.
func pulumiList(comment, name string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	return comment + "\n" + name + ":\n" + strings.Join(slices.Sorted(slices.Values(items)), "")
}
