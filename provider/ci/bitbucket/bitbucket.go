// Package bitbucket is Bitbucket Pipelines: its issuer, its tokens, and the words in which its jobs are trusted.
package bitbucket

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Bitbucket Pipelines on bitbucket.org.
//
// Issuer: one per workspace, by its ID. Audience: one of the workspace's UUID, unless the pipeline asks for another, so
// it says nothing of the tenant. Subject: the UUIDs of repository and step, with that of the deployment environment in
// between where the step names one, each in braces. It names no branch. AWS fills no key of its own for this issuer.
//
// Sources: docs, aws; samples of the subject:
// https://github.com/Cyclenerd/google-workload-identity-federation-for-bitbucket,
// https://github.com/terraform-aws-modules/terraform-aws-iam/tree/master/examples/iam-bitbucket-oidc-role,
// https://github.com/gravitational/teleport/blob/master/lib/bitbucket/bitbucket.go
type System struct{}

const (
	docs        = "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/"
	aws         = "https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/"
	audiences   = "https://www.atlassian.com/blog/bitbucket/bitbucket-pipelines-oidc-now-supports-multiple-audiences"
	permissions = "https://bitbucket.org/blog/deployment-permissions-now-available-in-bitbucket-pipelines"
)

// The subjects, in which every UUID stands between braces. Bitbucket makes the UUIDs, so nobody chooses one, and no
// subject of one form is as long as one of the other: the question marks for a UUID never reach over a separator.
var (
	repositoryField = ci.Field{Name: "repository", Texts: ci.UUIDTexts, Length: 36, Decides: ci.Project,
		Sample: "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", Other: "66666666-52b8-4c0e-8d3f-9b6a1e2f4c70"}
	environmentField = ci.Field{Name: "environment", Texts: ci.UUIDTexts, Length: 36, Decides: ci.Event,
		Sample: "5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b70", Other: "66666666-7a4b-4f60-9c81-2d3e4f5a6b70"}
	stepField = ci.Field{Name: "step", Texts: ci.UUIDTexts, Length: 36, Decides: ci.Nothing,
		Sample: "8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80", Other: "66666666-9c5d-4e61-ad92-3e4f5a6b7c80"}

	stepForm        = ci.NewForm("{{repository}}:{{step}}", repositoryField, stepField)
	environmentForm = ci.NewForm("{{repository}}:{{environment}}:{{step}}", repositoryField, environmentField,
		stepField)
)

// Section is "bitbucket".
func (System) Section() string { return "bitbucket" }

// Title is "Bitbucket Pipelines".
func (System) Title() string { return "Bitbucket Pipelines" }

var anyStep = ci.Rule{
	ID: "bitbucket-any-step", Severity: ci.High, Unreviewed: true,
	Summary: "whoever may push a branch to the repository gets the role: the pipeline of every branch may have a " +
		"step without environment, or one in an environment that takes deployments of any branch",
	Remediation: "Name the environments that deploy by their UUIDs, and limit them to branches in their " +
		"deployment permissions.",
	Source: permissions,
}

var anyBranch = ci.Rule{
	ID: "bitbucket-any-branch", Severity: ci.Low,
	Summary: "the subject names no branch: a step of any branch gets the role if the environment takes deployments " +
		"of that branch, and one without deployment permissions takes those of every branch",
	Remediation: "Limit each environment to the branches that deploy, by its deployment permissions (Premium plan).",
	Source:      permissions,
}

// Rules are the findings of Bitbucket.
func (System) Rules() []ci.Rule { return []ci.Rule{anyStep, anyBranch} }

// Issuer is what signs the tokens of Bitbucket Pipelines.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL:   "https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc",
		Hosts: []ci.Host{{Host: "api.bitbucket.org/2.0/workspaces/*", Judge: reads}},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{stepForm, environmentForm} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:    []string{"BITBUCKET_BUILD_NUMBER"},
		Variable: "BITBUCKET_STEP_OIDC_TOKEN", Condition: "the step has oidc: true",
		Source: docs,
	}
}

// What a workspace's ID may hold is documented for new ones alone (no capital letters); what would change the URL is
// refused.
// Source: https://support.atlassian.com/bitbucket-cloud/docs/change-a-workspace-id/
var workspace = ci.NameKind{Noun: "workspace", Form: ci.NewExpression(`^[a-z0-9_-]+$`),
	Rule: "must be the workspace's ID in lower case, as it stands in URLs: acme for https://bitbucket.org/acme/web",
	Not: []ci.Mistake{
		{
			Form:   ci.NewExpression(`://|/`),
			Reason: "is a URL or path; write the workspace's ID alone: acme for https://bitbucket.org/acme/web",
		},
		{Form: ci.NewExpression(`^\{?` + ci.UUIDTexts + `\}?$`),
			Reason: "is the workspace's UUID, and the issuer carries its ID: acme for https://bitbucket.org/acme/web"},
	}}

// uuid is a kind of UUID in braces. where says where it stands.
func uuid(noun, where string, not ...ci.Mistake) ci.NameKind {
	const example = `, such as "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"`
	kind := ci.UUIDKind("Bitbucket", noun, "must be the UUID of the "+noun+" in braces, from "+where+example,
		append(not, ci.Mistake{
			Form:   ci.UUID,
			Reason: "has no braces; write them around the UUID, as Bitbucket does and its tokens have them" + example,
		})...)
	kind.Form = ci.NewExpression(`^\{` + ci.UUIDTexts + `\}$`)
	return kind
}

const settings = "Repository settings > OpenID Connect"

var (
	workspaceUUID = uuid("workspace", settings, ci.Mistake{Form: ci.NewExpression(`^ari:`),
		Reason: "is the audience; write the UUID at its end, in braces, and leave audiences out"})
	repositoryUUID = uuid("repository", settings, ci.Mistake{Form: ci.NewExpression(`^[^{}]+/[^{}]+$`),
		Reason: "is the name of a repository, which tokens do not carry; write its UUID in braces, from " + settings})
	environmentUUID = uuid("environment", settings)
)

// Read understands the section bitbucket.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	words := words{
		workspace:     workspace.Read(section.Field("workspace"), problems),
		workspaceUUID: workspaceUUID.Read(section.Field("workspaceUuid"), problems),
	}
	if words.workspace != "" {
		issuer = "https://api.bitbucket.org/2.0/workspaces/" + words.workspace + "/pipelines-config/identity/oidc"
	}
	t := ci.NewTrust(issuer, section, account, problems, words.audience())
	if v := section.Field("workspaceUuid"); !v.Present && !section.Field("audiences").Present {
		problems.Add(v, `is missing, and audiences too: the audience of a token is made of the workspace's UUID, `+
			`such as "{6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11}"`)
	}
	for _, v := range section.Field("repositories").List {
		if v.Known {
			readRepository(v, &t, &words, problems)
		}
	}
	t.Pipeline = func(role ci.Role) string { return words.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readRepository turns one item of repositories into grants.
func readRepository(v input.Value, t *ci.Trust, words *words, problems *input.Problems) {
	repository := repositoryUUID.Read(v.Field("uuid"), problems)
	known := t.Issuer() != "" && repository != ""
	f := words.files.Of(strings.TrimSpace("repository " + repository))
	trust := func(phrase string, form *ci.Form, terms ...ci.Term) {
		if known {
			words.trust(t, v.Path, "steps of repository "+repository+" of "+words.workspace+" "+phrase, form,
				append([]ci.Term{unbraced(repository)}, terms...))
		}
	}
	risk := func(rule ci.Rule, at input.Value, phrase string) {
		t.Findings = append(t.Findings,
			ci.Finding{Rule: rule, Path: at.Path, Detail: strings.TrimSpace("repository "+repository) + " " + phrase})
	}
	environments, without := v.Field("environments"), v.Field("stepsWithoutEnvironment")
	if !environments.Present && (!without.Present || without.Known && !without.Bool()) {
		problems.Add(environments, "is missing: name the deployment environments whose steps get the role. "+
			"stepsWithoutEnvironment: true trusts the steps that name none, those of every branch")
	}
	for _, item := range environments.Texts() {
		if item.Text() == "*" && len(environments.List) > 1 {
			problems.Add(item,
				"trusts every environment, so the others beside it would say nothing; write it alone, or leave it out")
		} else if item.Text() == "*" {
			f.anyEnvironment = true
			risk(anyStep, environments, "in any environment")
			trust("in any environment", environmentForm, ci.Anything, ci.Anything)
		} else if environment := environmentUUID.Read(item, problems); environment != "" {
			f.environments = ci.AddOnce(f.environments, environment)
			if known {
				risk(anyBranch, item, "in environment "+environment)
			}
			trust("in environment "+environment, environmentForm, unbraced(environment), ci.Anything)
		}
	}
	if without.Bool() {
		f.withoutEnvironment = true
		risk(anyStep, without, "without environment")
		trust("without environment", stepForm, ci.Anything)
	}
}

// unbraced is the term of a UUID that was written in braces.
func unbraced(id string) ci.Term { return ci.Exactly(strings.Trim(id, "{}")) }

// words is what a trust names, for its tokens and for the pipeline to paste.
type words struct {
	workspace, workspaceUUID string
	files                    ci.Files[file]
}

// file is what a repository's pipeline has steps for.
type file struct {
	environments                       []string
	anyEnvironment, withoutEnvironment bool
}

// audience is what tokens carry unless the pipeline asks for another; "" while it is not known.
func (w *words) audience() string {
	if w.workspaceUUID == "" {
		return ""
	}
	return "ari:cloud:bitbucket::workspace/" + strings.Trim(w.workspaceUUID, "{}")
}

// trust adds the grant of the steps with a subject.
func (w *words) trust(t *ci.Trust, path, phrase string, f *ci.Form, terms []ci.Term) {
	workspace := strings.Trim(w.workspaceUUID, "{}")
	repository, environment, step := terms[0].Name.Text, environmentField.Sample, stepField.Sample
	if len(terms) == 3 && !terms[1].Open {
		environment = terms[1].Name.Text
	}
	others := map[string]string{
		"a step in an environment of another repository": environmentForm.Build(repositoryField.Other,
			repository, step),
		"a subject that begins with the workspace": environmentForm.Build(workspace, repository, step),
		"a subject of four UUIDs": environmentForm.Build(repository, environment,
			environment+"}:{"+step),
		"a subject without braces": repository + ":" + environment + ":" + step,
	}
	if f == stepForm {
		others["a step in an environment"] = environmentForm.Build(repository, environment, step)
	} else {
		others["a step without environment"] = stepForm.Build(repository, step)
	}
	t.Allow(path, "Bitbucket Pipelines: "+phrase,
		ci.Subject{Form: f, Terms: terms, Others: others, Job: func(texts []string) map[string]any {
			braced := func(id string) string { return "{" + id + "}" }
			claims := map[string]any{"repositoryUuid": braced(texts[0]), "stepUuid": braced(texts[len(texts)-1]),
				"branchName":   "main",
				"pipelineUuid": "{7d3e4f5a-8b6c-4d72-be93-4f5a6b7c8d90}"}
			if workspace != "" {
				claims["workspaceUuid"] = braced(workspace)
			}
			if len(texts) == 3 {
				claims["deploymentEnvironmentUuid"] = braced(texts[1])
			}
			return claims
		}})
}

// deployments are the lines of the steps by which a step names its environment, whose name the user knows; "" is a step
// without.
func (w *file) deployments() []string {
	var lines []string
	for _, environment := range w.environments {
		lines = append(lines, "          deployment: NAME # of the environment "+environment+"\n")
	}
	if w.anyEnvironment {
		lines = append(lines, "          deployment: NAME # any environment\n")
	}
	if w.withoutEnvironment || len(lines) == 0 {
		lines = append(lines, "")
	}
	return lines
}

// config is the bitbucket-pipelines.yml to paste: one step for each environment, and one without where that is trusted.
// Sources: aws, audiences
func (w *words) config(role ci.Role, audiences []string) string {
	exchange := ci.Exchange{
		Role: role, Token: ci.PrintVariable("BITBUCKET_STEP_OIDC_TOKEN"), Missing: "The step has oidc: true.",
		Session: "bitbucket-$BITBUCKET_REPO_SLUG-$BITBUCKET_BUILD_NUMBER-$BITBUCKET_STEP_UUID",
	}
	options := ""
	if len(audiences) > 0 && !slices.Contains(audiences, w.audience()) {
		options = fmt.Sprintf("options:\n  oidc:\n    audiences: %s\n", ci.FlowYAML(audiences[:1]))
	}
	return w.files.Print(func(*file) string { return "bitbucket-pipelines.yml" }, func(f *file) string {
		return options + f.config(exchange)
	})
}

func (w *file) config(exchange ci.Exchange) string {
	var b strings.Builder
	b.WriteString("pipelines:\n  branches:\n    main: # the branch that deploys\n")
	for _, deployment := range w.deployments() {
		b.WriteString("      - step:\n          name: Deploy\n          oidc: true\n" + deployment +
			"          image: amazon/aws-cli\n          script:\n            - |\n" + exchange.Script("              "))
	}
	return b.String()
}
