package ci

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Vercel is Vercel, whose builds and functions get a token of their project and environment.
//
// Issuer: one for the team, or the one that all teams share, as the project's issuer mode says. Audience: the team's URL; a
// token can be exchanged for one with another audience, which the team's issuer signs whatever the mode. Subject: team,
// project and environment by name. AWS fills no key of its own for these issuers.
//
// Sources: vercelDocs, vercelAWS, vercelAudiences.
type Vercel struct{}

const (
	vercelHost      = "oidc.vercel.com"
	vercelDocs      = "https://vercel.com/docs/oidc/reference"
	vercelAWS       = "https://vercel.com/docs/oidc/aws"
	vercelAudiences = "https://vercel.com/changelog/custom-oidc-token-audiences"
	vercelNames     = "https://vercel.com/docs/project-configuration/general-settings#project-name"
)

// vercelEnvironments are those that the documentation lists. What the tokens of a custom environment carry is not documented.
var vercelEnvironments = []string{"production", "preview", "development"}

var vercelForm = newForm("owner:{team}:project:{project}:environment:{environment}",
	field{name: "team", sample: "acme"},
	field{name: "project", sample: "acme_website"},
	field{name: "environment", choices: vercelEnvironments})

// Section is "vercel".
func (Vercel) Section() string { return "vercel" }

// Title is "Vercel".
func (Vercel) Title() string { return "Vercel" }

var vercelPreview = Rule{
	ID: "vercel-preview", Severity: Medium,
	Summary:     "preview deployments get the role: they run the code of every branch that is not the production branch, which nobody need have reviewed",
	Remediation: "Give previews a role of their own, for data in which nothing matters.",
	Source:      vercelDocs,
}

var vercelDevelopment = Rule{
	ID: "vercel-development", Severity: Medium,
	Summary: "development tokens get the role: they lie on the machines of everybody who may pull the project's environment variables, and " +
		"hold for 12 hours",
	Remediation: "Give development a role of its own, for data in which nothing matters.",
	Source:      vercelDocs,
}

// Rules are the findings of Vercel.
func (Vercel) Rules() []Rule { return []Rule{vercelPreview, vercelDevelopment} }

// Issuer is what signs the tokens of Vercel.
func (Vercel) Issuer() Issuer {
	return Issuer{
		URL:   "https://" + vercelHost + "/TEAM",
		Hosts: []trust.Issuer{byAudience("oidc.vercel.com", `^owner:[^*?:]+:`), {Host: "oidc.vercel.com/*", Judge: judgeTenantIssuer}},
	}
}

// Forms are the forms of their subjects.
func (Vercel) Forms() []*form { return []*form{vercelForm} }

// Page is what people read about Vercel.
func (Vercel) Page() Page {
	return Page{
		Audience: "`https://vercel.com/TEAM`; a deployment of a project in the mode team can exchange its token for one with another audience",
		Names:    "projects by environment",
		Subjects: []string{"owner:TEAM:project:PROJECT:environment:ENVIRONMENT; ENVIRONMENT is `production`, `preview` or `development`"},
		Pitfalls: []string{
			"The issuer mode is a setting of each project, `team` unless somebody changed it. A project in the mode `global` has the issuer " +
				"`https://oidc.vercel.com`, which all teams share: write `issuerMode: global`. Audience and subject name the team there too, and both " +
				"are tested. Projects of both modes need two roles.",
			"The subject names no branch. What is a production deployment is a setting of the project: its production branch, and whoever may run `vercel --prod`.",
			"Previews run the code of any branch. A development token, as `vercel env pull` writes it into a file, is a person's.",
			"The subject holds names and no ids, and so do issuer and audience. Renaming a team or project locks its deployments out, and " +
				"whoever takes the old name gets in: change the trust first.",
			"What the subject of a custom environment such as `staging` holds is not documented, so there is no word for one.",
			"A token that was exchanged for another audience always comes from the team's issuer, so beside `issuerMode: global` no other audience can be given.",
			"Vercel sets `AWS_REGION` to the region of the function, unless the project has a variable of that name.",
		},
		Sources: []string{vercelDocs, vercelAWS, vercelAudiences, vercelNames},
		Example: `vercel:
  team: acme
  projects:
    - name: acme_website
      environments: [production]
`,
	}
}

var (
	// Which characters a slug has is not documented. What counts is that it is one part of a URL, and of a subject.
	vercelTeam = nameKind{"team", newExpression(`^[a-z0-9][a-z0-9_-]*$`),
		"must be the team's slug: the first part of the team's URL, https://vercel.com/SLUG, such as acme, in lower case as the URL has it",
		[]mistaken{
			{newExpression(`^team_[A-Za-z0-9]{20,}$`), "is the team's id, and the subject of a token carries the slug: the first part of the team's URL, https://vercel.com/SLUG"},
			{newExpression(`[/.]`), "is a URL; write the slug alone: the first part behind https://vercel.com/"},
		}}
	// Source: vercelNames
	vercelProject = nameKind{"project", newExpression(`^[a-z0-9._-]{1,100}$`),
		"must be the project's name, as Settings > General shows it: up to 100 lower-case letters, digits and . _ -, such as acme_website",
		[]mistaken{
			{newExpression(`^prj_[A-Za-z0-9]{20,}$`), "is the project's id, and the subject of a token carries the name, as Settings > General shows it"},
			{newExpression(`---`), "has ---, which Vercel allows in no project's name"},
		}}
)

// Read understands the section vercel.
func (Vercel) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	issuer := ""
	team, mode := vercelTeam.read(section.Field("team"), problems), readVercelMode(section.Field("issuerMode"), problems)
	audience := ""
	if team != "" {
		audience = "https://vercel.com/" + team
	}
	switch {
	case mode == "global":
		issuer = "https://" + vercelHost
	case mode == "team" && team != "":
		issuer = "https://" + vercelHost + "/" + team
	}
	t := newTrust(issuer, section, account, problems, audience)
	if mode == "global" && audience != "" {
		refuseVercelAudiences(section.Field("audiences"), audience, problems)
	}
	words := vercelWords{mode: mode, audience: audience, projects: map[string][]string{}}
	for _, v := range section.Field("projects").List {
		if v.Known {
			project := vercelProject.read(v.Field("name"), problems)
			for _, environment := range readVercelEnvironments(v.Field("environments"), problems) {
				if team != "" && project != "" && t.Issuer() != "" {
					trustVercel(&t, v, team, project, environment)
					words.projects[project] = addOnce(words.projects[project], environment)
				}
			}
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

// readVercelMode reads which issuer the projects have, "" when it is wrong or not known.
func readVercelMode(v input.Value, problems *input.Problems) string {
	switch text := v.Text(); {
	case !v.Present:
		return "team"
	case !v.HasText():
	case text == "team", text == "global":
		return text
	default:
		problems.Add(v, "must be team or global, as Settings > Security > Secure backend access with OIDC federation of the projects says", input.Got(v))
	}
	return ""
}

// refuseVercelAudiences reports audiences that no token of the shared issuer has.
// Source: vercelAudiences
func refuseVercelAudiences(list input.Value, audience string, problems *input.Problems) {
	for _, v := range list.Texts() {
		if v.Text() != audience {
			problems.Add(v, "is the audience of no token of the issuer that all teams share: that has https://vercel.com/TEAM, and a token that was "+
				"exchanged for another audience comes from the team's issuer. Leave audiences out, or use the issuer mode team", input.Got(v))
		}
	}
}

// readVercelEnvironments reads which deployments of a project are trusted. There is no default: previews run code that nobody
// has reviewed.
func readVercelEnvironments(list input.Value, problems *input.Problems) []string {
	if !list.Present {
		problems.Add(list, "is missing: say which deployments get the role, such as [production]. preview ones run the code of any branch, and are better "+
			"off with a role of their own")
	}
	var environments []string
	for _, v := range list.Texts() {
		if !slices.Contains(vercelEnvironments, v.Text()) {
			problems.Add(v, "must be "+orList(vercelEnvironments)+"; what the tokens of a custom environment carry is not documented", input.Got(v))
			continue
		}
		environments = addOnce(environments, v.Text())
	}
	return environments
}

// trustVercel adds the grant of one environment of a project.
func trustVercel(t *Trust, v input.Value, team, project, environment string) {
	phrase := fmt.Sprintf("project %s of team %s in environment %s", project, team, environment)
	rules := map[string]Rule{"preview": vercelPreview, "development": vercelDevelopment}
	if rule, risky := rules[environment]; risky {
		t.Findings = append(t.Findings, Finding{Rule: rule, Path: v.Field("environments").Path, Detail: phrase})
	}
	prefix := "owner:" + team + ":project:" + project
	t.trust(v.Path, "Vercel: "+phrase, subject{
		form: vercelForm, terms: exactlyAll(team, project, environment),
		job: func(texts []string) map[string]any {
			return map[string]any{"owner": texts[0], "owner_id": "team_A1b2C3d4E5f6G7h8J9k0L1m2", "project": texts[1],
				"project_id": "prj_A1b2C3d4E5f6G7h8J9k0L1m2N3p4", "environment": texts[2]}
		},
		others: map[string]string{
			"a custom environment of the project":                 prefix + ":environment:staging",
			"a project of the team without an environment":        prefix,
			"a subject with the ids in the place of the names":    "owner:team_A1b2C3d4E5f6G7h8J9k0L1m2:project:prj_A1b2C3d4E5f6G7h8J9k0L1m2N3p4:environment:" + environment,
			"a subject that says more behind the trusted subject": prefix + ":environment:" + environment + ":environment:" + environment,
		},
	})
}

// vercelWords is what a trust names, for the settings to paste.
type vercelWords struct {
	mode, audience string
	projects       map[string][]string // environments by project
}

// config is what to set: Vercel has no pipeline file that could hold it.
// Source: https://vercel.com/docs/oidc/aws
func (w *vercelWords) config(roleArn, region string, audiences []string) string {
	var b strings.Builder
	b.WriteString("# Set these in each project. In the code, awsCredentialsProvider of @vercel/oidc-aws-credentials-provider exchanges the token.\n")
	if w.mode != "" {
		fmt.Fprintf(&b, "issuerMode: %s # Settings > Security > Secure backend access with OIDC federation\n", w.mode)
	}
	if len(audiences) > 0 && w.audience != "" && !slices.Contains(audiences, w.audience) {
		fmt.Fprintf(&b, "awsCredentialsProvider:\n  audience: %s # without it the token has the team's URL\n", quoteYAML(audiences[0]))
	}
	if len(w.projects) > 0 {
		b.WriteString("projects:\n")
	}
	for _, project := range slices.Sorted(maps.Keys(w.projects)) {
		fmt.Fprintf(&b, "  - name: %s\n    environments: %s\n    environmentVariables:\n      AWS_ROLE_ARN: %s\n      AWS_REGION: %s\n",
			quoteYAML(project), flowYAML(w.projects[project]), roleArn, region)
	}
	return b.String()
}
