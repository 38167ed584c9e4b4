// Package vercel is Vercel: its issuer, its tokens, and the words in which its jobs are trusted.
package vercel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is Vercel, whose builds and functions get a token of their project and environment.
//
// Issuer: one for the team, or the one that all teams share, as the project's issuer mode says. Audience: the team's
// URL; a token can be exchanged for one with another audience, which the team's issuer signs whatever the mode.
// Subject: team, project and environment by name. AWS fills no key of its own for these issuers.
//
// Sources: docs, aws, audiences.
type System struct{}

const (
	host      = "oidc.vercel.com"
	docs      = "https://vercel.com/docs/oidc/reference"
	aws       = "https://vercel.com/docs/oidc/aws"
	audiences = "https://vercel.com/changelog/custom-oidc-token-audiences"
	names     = "https://vercel.com/docs/project-configuration/general-settings#project-name"
)

// namedEnvironments are those that the documentation lists. What the tokens of a custom environment carry is not
// documented.
var namedEnvironments = []string{"production", "preview", "development"}

var form = ci.NewForm("owner:{team}:project:{project}:environment:{environment}",
	ci.Field{Name: "team", Sample: "acme", Decides: ci.Tenant},
	ci.Field{Name: "project", Sample: "acme_website", Decides: ci.Project},
	ci.Field{Name: "environment", Choices: namedEnvironments, Decides: ci.Event})

// Section is "vercel".
func (System) Section() string { return "vercel" }

// Title is "Vercel".
func (System) Title() string { return "Vercel" }

var preview = ci.Rule{
	ID: "vercel-preview", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary: "preview deployments get the role: they run the code of every branch that is not the production branch, " +
		"which nobody need have reviewed",
	Remediation: "Give previews a role of their own, for data in which nothing matters.",
	Source:      docs,
}

var development = ci.Rule{
	ID: "vercel-development", Severity: ci.Medium,
	Summary: "development tokens get the role: they lie on the machines of everybody who may pull the project's " +
		"environment variables, and hold for 12 hours",
	Remediation: "Give development a role of its own, for data in which nothing matters.",
	Source:      docs,
}

// Rules are the findings of Vercel.
func (System) Rules() []ci.Rule { return []ci.Rule{preview, development} }

// Issuer is what signs the tokens of Vercel.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host + "/TEAM",
		Hosts: []ci.Host{
			{Host: host, Shared: true, Control: trust.Control{Claims: []string{"aud"}}, Forms: []*ci.Form{anyForm},
				Claims: []ci.Field{teamAudience}, Judge: reads},
			{Host: host + "/*", Forms: []*ci.Form{anyForm}, Fixes: teamOf, Judge: reads},
		},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:    []string{"VERCEL"},
		Variable: "VERCEL_OIDC_TOKEN",
		Condition: "Secure backend access with OIDC federation in the project's settings; a function finds the token " +
			"in the header x-vercel-oidc-token of its request",
		Source: docs,
	}
}

var (
	// Which characters a slug has is not documented. What counts is that it is one part of a URL, and of a subject.
	team = ci.NameKind{Noun: "team", Form: ci.NewExpression(`^[a-z0-9][a-z0-9_-]*$`),
		Rule: "must be the team's slug: the first part of the team's URL, https://vercel.com/SLUG, such as acme, in " +
			"lower case as the URL has it",
		Not: []ci.Mistake{
			{Form: ci.NewExpression(`^team_[A-Za-z0-9]{20,}$`), Reason: "is the team's id, and the subject of a " +
				"token carries the slug: the first part of the team's URL, https://vercel.com/SLUG"},
			{
				Form:   ci.NewExpression(`[/.]`),
				Reason: "is a URL; write the slug alone: the first part behind https://vercel.com/",
			},
		}}
	// Source: names
	project = ci.NameKind{Noun: "project", Form: ci.NewExpression(`^[a-z0-9._-]{1,100}$`),
		Rule: "must be the project's name, as Settings > General shows it: up to 100 lower-case letters, digits and " +
			". _ -, such as acme_website",
		Not: []ci.Mistake{
			{Form: ci.NewExpression(`^prj_[A-Za-z0-9]{20,}$`), Reason: "is the project's id, and the subject of a " +
				"token carries the name, as Settings > General shows it"},
			{Form: ci.NewExpression(`---`), Reason: "has ---, which Vercel allows in no project's name"},
		}}
)

// Read understands the section vercel.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	team, mode := team.Read(section.Field("team"), problems), readMode(section.Field("issuerMode"), problems)
	audience := ""
	if team != "" {
		audience = "https://vercel.com/" + team
	}
	switch {
	case mode == "global":
		issuer = "https://" + host
	case mode == "team" && team != "":
		issuer = "https://" + host + "/" + team
	}
	t := ci.NewTrust(issuer, section, account, problems, audience)
	if mode == "global" && audience != "" {
		refuseAudiences(section.Field("audiences"), audience, problems)
	}
	w := words{mode: mode, audience: audience, projects: map[string][]string{}}
	for _, v := range section.Field("projects").List {
		if v.Known {
			project := project.Read(v.Field("name"), problems)
			for _, environment := range readEnvironments(v.Field("environments"), problems) {
				if team != "" && project != "" && t.Issuer() != "" {
					allow(&t, v, team, project, environment)
					w.projects[project] = ci.AddOnce(w.projects[project], environment)
				}
			}
		}
	}
	t.Pipeline = func(role ci.Role) string { return w.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readMode reads which issuer the projects have, "" when it is wrong or not known.
func readMode(v input.Value, problems *input.Problems) string {
	switch text := v.Text(); {
	case !v.Present:
		return "team"
	case !v.HasText():
	case text == "team", text == "global":
		return text
	default:
		problems.Add(v, "must be team or global, as Settings > Security > Secure backend access with OIDC federation "+
			"of the projects says", input.Got(v))
	}
	return ""
}

// refuseAudiences reports audiences that no token of the shared issuer has.
// Source: audiences
func refuseAudiences(list input.Value, audience string, problems *input.Problems) {
	for _, v := range list.Texts() {
		if v.Text() != audience {
			problems.Add(v, "is the audience of no token of the issuer that all teams share: that has "+
				"https://vercel.com/TEAM, and a token that was exchanged for another audience comes from the team's "+
				"issuer. Leave audiences out, or use the issuer mode team", input.Got(v))
		}
	}
}

// readEnvironments reads which deployments of a project are trusted. There is no default: previews run code that nobody
// has reviewed.
func readEnvironments(list input.Value, problems *input.Problems) []string {
	if !list.Present {
		problems.Add(list, "is missing: say which deployments get the role, such as [production]. preview ones run "+
			"the code of any branch, and are better off with a role of their own")
	}
	var environments []string
	for _, v := range list.Texts() {
		if !slices.Contains(namedEnvironments, v.Text()) {
			problems.Add(v, "must be "+ci.OrList(namedEnvironments)+
				"; what the tokens of a custom environment carry is not documented", input.Got(v))
			continue
		}
		environments = ci.AddOnce(environments, v.Text())
	}
	return environments
}

// allow adds the grant of one environment of a project.
func allow(t *ci.Trust, v input.Value, team, project, environment string) {
	phrase := fmt.Sprintf("project %s of team %s in environment %s", project, team, environment)
	rules := map[string]ci.Rule{"preview": preview, "development": development}
	if rule, risky := rules[environment]; risky {
		t.Findings = append(t.Findings, ci.Finding{Rule: rule, Path: v.Field("environments").Path, Detail: phrase})
	}
	prefix := "owner:" + team + ":project:" + project
	t.Allow(v.Path, "Vercel: "+phrase, ci.Subject{
		Form: form, Terms: ci.ExactlyAll(team, project, environment),
		Job: func(texts []string) map[string]any {
			return map[string]any{"owner": texts[0], "owner_id": "team_A1b2C3d4E5f6G7h8J9k0L1m2", "project": texts[1],
				"project_id": "prj_A1b2C3d4E5f6G7h8J9k0L1m2N3p4", "environment": texts[2]}
		},
		Others: map[string]string{
			"a custom environment of the project":          prefix + ":environment:staging",
			"a project of the team without an environment": prefix,
			"a subject with the ids in the place of the names": "owner:team_A1b2C3d4E5f6G7h8J9k0L1m2:project:" +
				"prj_A1b2C3d4E5f6G7h8J9k0L1m2N3p4:environment:" + environment,
			"a subject that says more behind the trusted subject": prefix + ":environment:" + environment +
				":environment:" + environment,
		},
	})
}

// words is what a trust names, for the settings to paste.
type words struct {
	mode, audience string
	projects       map[string][]string // environments by project
}

// config is what to set: Vercel has no pipeline file that could hold it.
// Source: https://vercel.com/docs/oidc/aws
func (w *words) config(role ci.Role, audiences []string) string {
	var b strings.Builder
	b.WriteString("# Set these in each project. In the code, awsCredentialsProvider of " +
		"@vercel/oidc-aws-credentials-provider exchanges the token.\n")
	if w.mode != "" {
		fmt.Fprintf(&b, "issuerMode: %s # Settings > Security > Secure backend access with OIDC federation\n", w.mode)
	}
	asks := len(audiences) > 0 && w.audience != "" && !slices.Contains(audiences, w.audience)
	if asks || role.Seconds() > 3600 {
		b.WriteString("awsCredentialsProvider:\n")
	}
	if asks {
		fmt.Fprintf(&b, "  audience: %s # without it the token has the team's URL\n", ci.QuoteYAML(audiences[0]))
	}
	if role.Seconds() > 3600 {
		fmt.Fprintf(&b, "  durationSeconds: %d\n", role.Seconds())
	}
	if len(w.projects) > 0 {
		b.WriteString("projects:\n")
	}
	for _, project := range slices.Sorted(maps.Keys(w.projects)) {
		fmt.Fprintf(&b, "  - name: %s\n    environments: %s\n    environmentVariables:\n      AWS_ROLE_ARN: "+
			"%s\n%s",
			ci.QuoteYAML(project), ci.FlowYAML(w.projects[project]), role.ARN,
			ci.RegionEnvironment("      ", role.Region))
	}
	return b.String()
}
