package pulumicloud

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// trust adds the job's grant. It requires the audience that Pulumi Cloud gives to such tokens, unless the user chose
// others.
func (j unit) trust(t *ci.Trust, organization string, chosen bool) {
	s := ci.Subject{
		Form: j.form, Terms: ci.ExactlyAll(append([]string{organization}, j.texts...)...),
		Audiences: []string{j.platform + organization}, Job: j.claims, Others: j.others(organization),
	}
	if chosen {
		s.Audiences = nil
	}
	t.Allow(j.path, fmt.Sprintf("Pulumi Cloud: %s of organization %s%s", j.phrase, organization, j.how), s)
}

// kind is what has tokens with the job's audience.
func (j unit) kind() string {
	switch {
	case j.form == deploymentForm:
		return "Pulumi Deployments"
	case j.platform == "":
		return "ESC environments of the project default"
	}
	return "ESC environments"
}

// claims are the further claims of a token with the given texts in its subject.
// Sources: https://www.pulumi.com/docs/esc/guides/configuring-oidc/#default-token-claim,
// https://www.pulumi.com/docs/deployments/guides/oidc/#custom-claims
func (j unit) claims(texts []string) map[string]any {
	if j.form == deploymentForm {
		return map[string]any{"org": texts[0], "project": texts[1], "stack": texts[2], "operation": texts[3],
			"scope":   "write",
			"stackId": strings.Join(texts[:3], "/"), "deployment": "17"}
	}
	environment, user := texts[1], "mona"
	switch j.form {
	case userLastForm:
		user = texts[2]
	case userFirstForm:
		environment, user = texts[2], texts[1]
	}
	return map[string]any{"current_env": environment, "root_env": environment, "trigger_user": user}
}

// others are subjects of the other kinds of token that name the same things.
func (j unit) others(organization string) map[string]string {
	elsewhere := j.name
	if j.project == "default" {
		elsewhere = "web/" + j.name
	}
	path := j.project + "/" + j.name
	others := map[string]string{
		"an environment that Pulumi IaC opens":               openedForm.Build(organization, "<yaml>"),
		"an environment of the same name in another project": openedForm.Build(organization, elsewhere),
		"a subject that names the organization alone": "pulumi:environments:pulumi.organization.login:" +
			organization,
		"a subject by rootEnvironment.name": "pulumi:environments:pulumi.organization.login:" + organization +
			":rootEnvironment.name:" + path,
		"a token of fn::open::oidc": "pulumi:org:" + organization + ":env:" + path,
	}
	if j.form == deploymentForm {
		others["an environment with the stack's name"] = openedForm.Build(organization, path)
		return others
	}
	others["a deployment of a stack with the environment's name"] = deploymentForm.Build(organization, j.project,
		j.name, "update")
	if j.form != openedForm {
		others["the environment without subjectAttributes"] = openedForm.Build(organization, path)
	}
	return others
}

// duration is the length of a session, as Pulumi writes it.
func duration(role ci.Role) string {
	if role.Seconds()%3600 != 0 {
		return fmt.Sprintf("%ds", role.Seconds())
	}
	return fmt.Sprintf("%dh", role.Seconds()/3600)
}

// config is what to set: definitions of environments, and settings of stacks.
// Sources: https://www.pulumi.com/docs/esc/providers/login/aws-login/,
// https://www.pulumi.com/registry/packages/pulumiservice/api-docs/deploymentsettings/
func config(jobs []unit, role ci.Role) string {
	var environments, stacks []string
	for _, j := range jobs {
		item := fmt.Sprintf("  - project: %s\n    name: %s\n", ci.QuoteYAML(j.project), ci.QuoteYAML(j.name))
		if j.form == deploymentForm {
			stacks = ci.AddOnce(stacks,
				item+fmt.Sprintf("    operationContext:\n      oidc:\n        aws:\n          roleARN: %s\n          "+
					"duration: %s\n          sessionName: pulumi-deployments\n      environmentVariables:\n%s",
					role.ARN, duration(role), ci.RegionEnvironment("        ", role.Region)))
			continue
		}
		attributes := ""
		if len(j.attributes) > 0 {
			attributes = "                subjectAttributes: " + ci.FlowYAML(j.attributes) + "\n"
		}
		environments = ci.AddOnce(environments,
			item+fmt.Sprintf("    definition:\n      values:\n        aws:\n          login:\n            "+
				"fn::open::aws-login:\n              oidc:\n"+
				"                duration: %s\n                roleArn: %s\n                sessionName: "+
				"pulumi-esc\n%s        environmentVariables:\n"+
				"          AWS_ACCESS_KEY_ID: ${aws.login.accessKeyId}\n          AWS_SECRET_ACCESS_KEY: "+
				"${aws.login.secretAccessKey}\n"+
				"          AWS_SESSION_TOKEN: ${aws.login.sessionToken}\n          %s",
				duration(role), role.ARN, attributes,
				strings.TrimSpace(ci.RegionEnvironment("          ", role.Region))+"\n"))
	}
	return listYAML("# Put each definition into the environment of Pulumi ESC; what stands there already stays.",
		"environments", environments) +
		listYAML("# Set these under Settings > Deploy of each stack, or with a "+
			"pulumiservice:DeploymentSettings resource.", "stacks", stacks)
}

// listYAML is a list of YAML items under a comment and a name, nothing when there is none.
func listYAML(comment, name string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	return comment + "\n" + name + ":\n" + strings.Join(slices.Sorted(slices.Values(items)), "")
}
