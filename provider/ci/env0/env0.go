// Package env0 is env zero: its issuer, its tokens, and the words in which its jobs are trusted.
package env0

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is env zero, formerly env0.
//
// Issuer: one for all customers, with a slash at its end that the condition keys have too. Audience: that of azp, one
// for all customers. Subject: the organization's OIDC user, and nothing else, so it is what keeps other customers out.
// Every token of a deployment carries session tags: AWS refuses it without sts:TagSession, and tests the tags, which
// name the project.
//
// Sources: docs, aws, identifier, tags.
type System struct{}

const (
	issuer     = "https://login.app.env0.com/"
	audience   = "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b"
	docs       = "https://docs.envzero.com/guides/integrations/oidc-integrations"
	aws        = "https://docs.envzero.com/guides/integrations/oidc-integrations/oidc-with-aws"
	identifier = "https://docs.envzero.com/guides/integrations/oidc-integrations/oidc-retrieving-your-subject-identifier"
	tags       = "https://docs.envzero.com/changelogs/2023/06/aws-session-tags-for-oidc"

	revisions = "https://docs.envzero.com/guides/policies-governance/pin-deployments-to-an-approved-revision"
)

// form is the subject of every token of an organization.
var form = ci.NewForm("auth0|{user}", ci.Field{
	Name:    "user",
	Texts:   `[0-9A-Za-z]+`,
	Sample:  "6f0000000000000000000a01",
	Other:   "6f0000000000000000000bad",
	Decides: ci.Tenant,
})

// Section is "env0".
func (System) Section() string { return "env0" }

// Title is "env zero".
func (System) Title() string { return "env zero" }

var anyProject = ci.Rule{
	ID: "env0-any-project", Severity: ci.High,
	Summary: "every project of the organization gets the role: the subject names the organization alone, so whoever " +
		"may deploy anything in it, from any repository and branch, can do what the role can",
	Remediation: "List the projects in projectIds: AWS tests the session tag projectId.",
	Source:      aws,
}

var pullRequestPlans = ci.Rule{
	ID: "env0-pull-request-plans", Severity: ci.Medium, Unreviewed: true,
	Summary: "plans of pull requests share the role with deployments that change something, so code that nobody has " +
		"merged can change whatever a deployment can",
	Remediation: "Name the kinds of deployment in deploymentTypes, such as [deploy, destroy], without prPlan; give " +
		"plans a role of their own, one that only reads.",
	Source: docs,
}

var onlyPullRequestPlans = ci.Rule{
	ID: "env0-only-pull-request-plans", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary:     "plans of pull requests get the role: they run code that nobody has merged",
	Remediation: "Give this role read access at most, and deploy with another role.",
	Source:      docs,
}

var anyBranch = ci.Rule{
	ID: "env0-any-branch", Severity: ci.Low,
	Summary: "neither subject nor session tags name a branch: a deployment of any revision gets the role, and who " +
		"asks for a deployment may name the revision",
	Remediation: "Pin deployments to approved revisions by an approval policy of the organization, which is checked " +
		"after the plan, and let few people deploy in the project.",
	Source: revisions,
}

// Rules are the findings of env zero.
func (System) Rules() []ci.Rule {
	return []ci.Rule{anyProject, pullRequestPlans, onlyPullRequestPlans, anyBranch}
}

// Issuer is what signs the tokens of env zero.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true,
		Hosts: []ci.Host{{Host: "login.app.env0.com/", Shared: true, Claims: tagged, Judge: reads}},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:     []string{"ENV0_ENVIRONMENT_ID"},
		Variable:  "ENV0_OIDC_TOKEN",
		Condition: "the project has an OIDC credential, or the organization's policy enables OIDC during deployments",
		Source:    docs,
	}
}

var (
	// That it is auth0| and an id is documented by example only; it is tested as a whole.
	user = ci.NameKind{Noun: "subject", Form: ci.NewExpression(`^auth0\|[0-9A-Za-z]+$`),
		Rule: "must be the organization's subject identifier, auth0| and an id: Organization Settings > Policies " +
			"> Enable OIDC > show",
		Not: []ci.Mistake{
			{Form: ci.UUID, Reason: "is the id of an organization; write its subject identifier, such as " +
				"auth0|6f0000000000000000000a01: Organization Settings > Policies > Enable OIDC > show"},
			{Form: ci.NewExpression(`^auth0\|[0-9a-f]*[A-F][0-9A-Fa-f]*$`), Reason: "has capital letters; write it " +
				"in lower case, as env zero shows it: AWS compares letter by letter"},
		}}
	project = ci.UUIDKind("env zero", "project",
		"must be the id of the project, the UUID in the URL of its page, in lower case")
	// The documentation names some types and ends in dots, so any word is taken; one that does not exist lets nobody
	// in.
	types    = []string{"deploy", "destroy", "prPlan", "task"}
	typeName = ci.NameKind{
		Noun: "deployment type",
		Form: ci.NewExpression(`^[A-Za-z]+$`),
		Rule: "must be a type of deployment as tokens have it: deploy, destroy, prPlan, task or another word",
		Not:  nil,
	}
)

// Read understands the section env0.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust(issuer, section, account, problems, audience)
	ci.RequireAudience(section, "every token of env zero, azp, which AWS compares in the place of aud", audience,
		problems)
	t.AlwaysTagged()
	ids, types := section.Field("projectIds"), section.Field("deploymentTypes")
	sub := user.Read(section.Field("subject"), problems)
	projects, kinds := project.ReadAll(ids, problems), readTypes(types, problems)
	if !ids.Present {
		t.Findings = append(t.Findings, ci.Finding{Rule: anyProject, Path: section.Path, Detail: sub})
	}
	for _, project := range projects {
		t.Findings = append(t.Findings, ci.Finding{Rule: anyBranch, Path: ids.Path, Detail: "project " + project})
	}
	switch {
	case !types.Present || len(kinds) > 1 && slices.Contains(kinds, "prPlan"):
		t.Findings = append(t.Findings, ci.Finding{Rule: pullRequestPlans, Path: section.Path, Detail: sub})
	case slices.Contains(kinds, "prPlan"):
		t.Findings = append(t.Findings, ci.Finding{Rule: onlyPullRequestPlans, Path: types.Path, Detail: sub})
	}
	t.Pipeline = func(role ci.Role) string { return config(projects, role) }
	if sub == "" || types.Present && len(kinds) == 0 {
		return []ci.Trust{t}
	}
	trusted := projects
	if !ids.Present {
		trusted = []string{""}
	}
	for _, project := range trusted {
		t.Allow(section.Path, sentence(sub, project, kinds), subjectOf(sub, project, kinds))
	}
	return []ci.Trust{t}
}

// readTypes reads types of deployment, sorted and each once.
func readTypes(list input.Value, problems *input.Problems) []string {
	var kinds []string
	for _, v := range list.List {
		kind := typeName.Read(v, problems)
		i := slices.IndexFunc(types, func(known string) bool { return strings.EqualFold(known, kind) })
		switch {
		case i >= 0 && kind != types[i]:
			problems.Add(v, "differs from a type of deployment in letter case, and AWS compares "+
				"letter by letter; write "+types[i], input.Got(v))
		case kind != "":
			kinds = ci.AddOnce(kinds, kind)
		}
	}
	return kinds
}

// sentence says what is trusted in a project, "" for any.
func sentence(sub, project string, kinds []string) string {
	what, where := "deployments of any type", "any project"
	if len(kinds) > 0 {
		what = "deployments of type " + ci.OrList(kinds)
	}
	if project != "" {
		where = "project " + project
	}
	return fmt.Sprintf("env zero: %s in %s of organization %s", what, where, sub)
}

// subjectOf is the subject of an organization with the tags of a project and of the types of deployment, where they
// matter.
func subjectOf(sub, project string, kinds []string) ci.Subject {
	user, tags := strings.TrimPrefix(sub, "auth0|"), map[string][]string{}
	made := map[string]string{
		"organizationId": "0c7f4a52-8b3e-4d16-a5c9-2e1f7b6d3a80", "projectId": "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21",
		"templateId": "71e5b0a4-6c2d-4f38-b9d7-5a0c3e8f1b92", "environmentId": "a8d2c6f0-1e3b-4759-8c4d-6f9b0a7e5d13",
		"deployerEmail": "mona@acme.example", "deploymentType": "deploy",
	}
	if project != "" {
		tags["projectId"], made["projectId"] = []string{project}, project
	}
	if len(kinds) > 0 {
		tags["deploymentType"], made["deploymentType"] = kinds, kinds[0]
	}
	return ci.Subject{
		Form: form, Terms: ci.ExactlyAll(user), Aud: "https://app.env0.com", Tags: tags,
		Job: func([]string) map[string]any {
			claims := ci.With(ci.SessionTags(made),
				map[string]any{"apiKeyType": "oidc", "organization": made["organizationId"], "gty": "password"})
			for tag, value := range made {
				claims[tag] = value
			}
			return claims
		},
		Others: map[string]string{
			"a person who signs in":                "google-oauth2|" + user,
			"the organization's id":                "auth0|" + made["organizationId"],
			"the id without what stands before it": user,
		},
	}
}

// hours is the length of a session, as env zero writes it.
func hours(role ci.Role) string {
	if role.Seconds()%3600 != 0 {
		return fmt.Sprintf("%d minutes", role.Seconds()/60)
	}
	if n := role.Seconds() / 3600; n > 1 {
		return fmt.Sprintf("%d hours", n)
	}
	return "1 hour"
}

// config is what to set: env zero has no pipeline file that could hold it.
// Source: aws
func config(projects []string, role ci.Role) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Add a deployment credential of the type AWS OIDC under Organization Settings > Credentials, "+
		"and attach it to the projects.\n"+
		"credential:\n  type: AWS OIDC\n  roleArn: %s\n  duration: %s\n", role.ARN, hours(role))
	if len(projects) > 0 {
		b.WriteString("  projectIds: " + ci.FlowYAML(slices.Compact(slices.Sorted(slices.Values(projects)))) + "\n")
	}
	b.WriteString("# Add this to the environment variables of each project.\nenvironment:\n" +
		ci.RegionEnvironment("  ", role.Region))
	return b.String()
}
