// Package bitrise is Bitrise: its issuer, its tokens, and the words in which its builds are trusted.
package bitrise

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Bitrise, on bitrise.io.
//
// Issuer: one for all customers. Audience: what the step asks for, in any project, so it separates no customers.
// Subject: the slug of the project, which the API calls an app, and the workflow that was started. A slug is Bitrise's
// own and never another project's, so it pins the customer, whose workspace the subject does not name. Branch, tag and
// pull request are claims that AWS fills no keys with.
//
// Sources: docs, aws, slugs, request.
type System struct{}

const (
	host     = "token.builds.bitrise.io"
	audience = "sts.amazonaws.com"

	docs = "https://docs.bitrise.io/en/bitrise-platform/integrations/oidc-authentication/" +
		"oidc-authentication-overview.html"
	aws       = "https://docs.bitrise.io/en/bitrise-platform/integrations/oidc-authentication/oidc-for-aws.html"
	slugs     = "https://docs.bitrise.io/en/bitrise-ci/api/identifying-workspaces-and-apps-with-their-slugs.html"
	approving = "https://docs.bitrise.io/en/bitrise-ci/run-and-analyze-builds/starting-builds/" +
		"approving-pull-request-builds.html"
	request = "https://github.com/bitrise-steplib/bitrise-step-get-identity-token/blob/main/api/client.go"
)

// form is the subject of every build of a workflow.
// Source: docs
var form = ci.NewForm("app:{project}:workflow:{workflow}",
	ci.Field{Name: "project", Texts: `[^:]+`, Sample: "13aa9897-3891-4fe7-8cf5-5b2f75638b0e",
		Other: "00000000-0000-4000-8000-000000000bad", Decides: ci.Tenant},
	ci.Field{Name: "workflow", Sample: "deploy", Decides: ci.Event})

// Section is "bitrise".
func (System) Section() string { return "bitrise" }

// Title is "Bitrise".
func (System) Title() string { return "Bitrise" }

var anyBranch = ci.Rule{
	ID: "bitrise-any-branch", Severity: ci.High, Unreviewed: true,
	Summary: "every build of the workflow gets the role, without a review: the subject names no branch, so builds " +
		"of any branch, tag and pull request have it that start the workflow, and if bitrise.yml is in the " +
		"repository, whoever may push a branch writes there what the workflow does and what starts it",
	Remediation: "Keep bitrise.yml on bitrise.io and not in the repository, give the workflow triggers of protected " +
		"branches or tags alone and none of pull requests, and let few people start builds; then accept the risk.",
	Source: docs,
}

// Rules are the findings of Bitrise.
func (System) Rules() []ci.Rule { return []ci.Rule{anyBranch} }

// Issuer is what signs the tokens of Bitrise. AWS does not know it as shared: it stores any policy that trusts it.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host, Shared: true,
		Hosts: []ci.Host{{Host: host, Shared: true, Judge: judge}},
	}
}

// judge judges what a policy says of Bitrise's tokens. Whatever gets in gets in from any branch.
func judge(r *ci.Reading) []ci.Verdict {
	switch {
	case !r.NamesTenant():
		return ci.Judgement{}.Judge(r)
	case r.Exactly("workflow"):
		return []ci.Verdict{{Rule: anyBranch}}
	}
	return []ci.Verdict{{Rule: anyBranch, Detail: "any workflow", Other: []string{"workflow"}}}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"BITRISE_IO"},
		Request: &ci.HandOutRequest{
			Method: "POST", URL: "$BITRISE_BUILD_URL/id_token.json", Audience: "aud", Member: "id_token",
			Headers: map[string]string{
				"Authorization": "$BITRISE_BUILD_API_TOKEN", "BUILD_API_TOKEN": "$BITRISE_BUILD_API_TOKEN",
			},
		},
		Source: request,
	}
}

var (
	// Slugs are hexadecimal numbers, UUIDs among them; other forms are documented by example only.
	// Source: slugs
	project = ci.NameKind{Noun: "project", Form: ci.NewExpression(`^[0-9a-f][0-9a-f-]{14,62}[0-9a-f]$`),
		Rule: "must be the slug of the project, the hexadecimal number behind /app/ in the URL of its page, such as " +
			"13aa9897-3891-4fe7-8cf5-5b2f75638b0e",
		Not: []ci.Mistake{
			{Form: ci.NewExpression(`^https?://|/app/`), Reason: "is a URL; write the slug of the project alone, the " +
				"hexadecimal number behind /app/"},
			{Form: ci.NewExpression(`^[0-9A-Fa-f-]*[A-F][0-9A-Fa-f-]*$`), Reason: "has capital letters; write it in " +
				"lower case, as Bitrise shows it: AWS compares letter by letter"},
			{Form: ci.NewExpression(`^app:`), Reason: "is a subject; write the slug of the project alone, and its " +
				"workflows apart"},
		}}
	// Source: https://docs.bitrise.io/en/bitrise-ci/workflows-and-pipelines/workflows/creating-a-workflow.html
	workflow = ci.NameKind{Noun: "workflow", Form: ci.NewExpression(`^[A-Za-z0-9._-]+$`),
		Rule: "must be the id of the workflow, as bitrise.yml has it: letters, digits, -, _ and . alone",
		Not: []ci.Mistake{{Form: ci.NewExpression(`^_`), Reason: "is a utility workflow, which no build is started " +
			"with; name the workflow that it is chained to"}}}
)

// Read understands the section bitrise.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust("https://"+host, section, account, problems, audience)
	words := map[string][]string{}
	for _, v := range section.Field("projects").List {
		if !v.Known {
			continue
		}
		project := project.Read(v.Field("slug"), problems)
		for _, w := range v.Field("workflows").List {
			workflow := workflow.Read(w, problems)
			if project == "" || workflow == "" {
				continue
			}
			words[project] = ci.AddOnce(words[project], workflow)
			phrase := fmt.Sprintf("workflow %s of project %s", workflow, project)
			t.Findings = append(t.Findings, ci.Finding{Rule: anyBranch, Path: w.Path, Detail: phrase})
			t.Allow(w.Path, "Bitrise: any build of "+phrase, subjectOf(project, workflow))
		}
	}
	t.Pipeline = func(role ci.Role) string { return config(words, t.Audiences(), role) }
	return []ci.Trust{t}
}

// subjectOf is the subject of a workflow.
func subjectOf(project, workflow string) ci.Subject {
	return ci.Subject{
		Form: form, Terms: ci.ExactlyAll(project, workflow),
		Job: func(texts []string) map[string]any {
			return map[string]any{
				"app_slug": texts[0], "workflow": texts[1], "workspace_slug": "2dec5c71bbce73d9", "branch": "main",
				"build_number": "7", "repository_owner": "acme", "repository_slug": "web",
				"repository_url": "https://github.com/acme/web.git", "trigger_by": "webhook",
			}
		},
		Others: map[string]string{
			"a subject of the project alone":     "app:" + project,
			"a project without workflow":         "app:" + project + ":workflow:",
			"a subject with a branch":            "app:" + project + ":workflow:" + workflow + ":branch:main",
			"a subject with slashes in it":       "app/" + project + "/workflow/" + workflow,
			"a workspace in the project's place": "workspace:" + project + ":workflow:" + workflow,
			"a workflow whose name is the subject": "app:" + project + ":workflow:app:" + project + ":workflow:" +
				workflow,
			"a utility workflow of the same name":   "app:" + project + ":workflow:_" + workflow,
			"a pipeline of the project by the name": "app:" + project + ":pipeline:" + workflow,
		},
	}
}

// config is what to paste: bitrise.yml, or if there are several projects a map that has each of them under its slug.
func config(words map[string][]string, audiences []string, role ci.Role) string {
	audience := audience
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	projects := slices.Sorted(maps.Keys(words))
	if len(projects) == 0 {
		return file("", []string{"deploy"}, audience, role)
	}
	if len(projects) == 1 {
		return "# bitrise.yml of project " + projects[0] + "\n" +
			file("", words[projects[0]], audience, role)
	}
	var b strings.Builder
	b.WriteString("# What stands under each slug is the bitrise.yml of one project.\n")
	for _, project := range projects {
		fmt.Fprintf(&b, "%q:\n%s", project, file("  ", words[project], audience, role))
	}
	return b.String()
}

// file is the bitrise.yml of one project. The step exchanges the token, and hands the keys to the steps behind it; it
// sets no region for them.
// Sources: https://github.com/bitrise-steplib/bitrise-step-authenticate-with-aws/blob/main/step.yml,
// https://docs.bitrise.io/en/bitrise-ci/references/configuration-yaml-reference.html
func file(indent string, workflows []string, audience string, role ci.Role) string {
	exchange := ci.Exchange{
		Role:    role,
		Token:   System{}.HandOut().Request.Command(audience),
		Missing: "Only a build on Bitrise has one.",
		Session: "bitrise-$BITRISE_APP_SLUG-$BITRISE_BUILD_NUMBER-$BITRISE_TRIGGERED_WORKFLOW_ID",
	}
	var b strings.Builder
	b.WriteString("format_version: \"13\"\n" +
		"default_step_lib_source: https://github.com/bitrise-io/bitrise-steplib.git\nworkflows:\n")
	for _, workflow := range workflows {
		fmt.Fprintf(&b, "  %s:\n    steps:\n    - script@1:\n        inputs:\n        - content: |\n%s"+
			"          opts:\n            is_expand: false # the shell reads the variables, and nobody before it\n",
			ci.QuoteYAML(workflow), exchange.Script("            "))
	}
	return ci.Indent(b.String(), indent)
}
