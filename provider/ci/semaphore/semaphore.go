// Package semaphore is Semaphore: its issuer, its tokens, and the words in which its jobs are trusted.
package semaphore

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Semaphore on semaphoreci.com and self-hosted.
//
// Issuer: the URL of the organization. Audience: the same, which no setting of a job changes. Subject: organization and
// repository by name, the project by id, and the git ref with its type. No part can hold a ":". Tokens
// have session tags if Semaphore has turned them on for the organization. AWS fills no key of its own for this issuer.
//
// Sources: docs, token, source
type System struct{}

const (
	cloudDomain = "semaphoreci.com"

	docs     = "https://docs.semaphoreci.com/using-semaphore/openid"
	token    = "https://docs.semaphoreci.com/reference/openid"
	yamlDocs = "https://docs.semaphoreci.com/reference/pipeline-yaml"
	jobs     = "https://docs.semaphoreci.com/using-semaphore/jobs"
	source   = "https://github.com/semaphoreio/semaphore/blob/main/zebra/lib/zebra/workers/job_request_factory/open_id_connect.ex"
)

var (
	organizationField = ci.Field{Name: "organization", Sample: "acme", Decides: ci.Tenant}
	projectField      = ci.Field{
		Name:    "project",
		Decides: ci.Project,
		Texts:   ci.UUIDTexts,
		Sample:  "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70",
		Other:   "66666666-52b8-4c0e-8d3f-9b6a1e2f4c70",
	}
	repositoryField = ci.Field{Name: "repository", Sample: "web", Decides: ci.Project}

	form = ci.NewForm("org:{organization}:project:{project}:repo:{repository}:ref_type:{ref type}:ref:{ref}",
		organizationField, projectField, repositoryField,
		ci.Field{Name: "ref type", Choices: []string{"branch", "tag", "pull-request"}, Decides: ci.Event},
		ci.Field{Name: "ref", Sample: "refs/heads/main", Other: "refs/heads/mallory", Decides: ci.RefOf})
	// debugForm is the subject of a session that debugs a project: it has no ref.
	debugForm = ci.NewForm("org:{organization}:project:{project}:repo:{repository}:ref_type::ref:",
		organizationField, projectField, repositoryField)
)

// Section is "semaphore".
func (System) Section() string { return "semaphore" }

// Title is "Semaphore".
func (System) Title() string { return "Semaphore" }

var (
	anyRef = ci.Rule{
		ID: "semaphore-any-ref", Severity: ci.High, Unreviewed: true,
		Summary:     "whoever may push any branch or tag to the repository gets the role, without a review",
		Remediation: "Name the branches or tags that deploy.",
		Source:      token,
	}
	pullRequests = ci.Rule{
		ID: "semaphore-pull-requests", Severity: ci.High, Unreviewed: true,
		Summary: "jobs of pull requests run code that nobody has reviewed, that of strangers too where the project " +
			"builds pull requests of forks: the subject does not tell one from the other",
		Remediation: "Name branches or tags. Give pull requests a role of their own, for an account in " +
			"which nothing matters.",
		Source: token,
	}
)

// Rules are the findings of Semaphore.
func (System) Rules() []ci.Rule {
	return []ci.Rule{anyRef, pullRequests, ci.RefPrefix("main"), ci.RefPrefix("release/")}
}

// Issuer is what signs the tokens of Semaphore.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL:       "https://ORGANIZATION.semaphoreci.com",
		Hosts:     []ci.Host{tenant("*." + cloudDomain)},
		Installed: &installed,
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form, debugForm} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:     []string{"SEMAPHORE"},
		Variable:  "SEMAPHORE_OIDC_TOKEN",
		Condition: "the organization has the feature OpenID Connect",
		Source:    docs,
	}
}

// Semaphore's rule for the name of an organization: 3 to 62 lower-case letters, digits and -, not beginning with -.
// Source: https://github.com/semaphoreio/semaphore/blob/main/guard/lib/guard/front_repo/organization.ex
// What a repository may be called is the git host's: only what would be ambiguous in a subject is refused.
var (
	organization = ci.NameKind{Noun: "organization", Form: ci.NewExpression(`^[a-z0-9][a-z0-9-]{2,61}$`),
		Rule: "must be the organization's name in its URL, 3 to 62 lower-case letters, digits and -: acme for " +
			"https://acme.semaphoreci.com",
		Not: []ci.Mistake{
			{
				Form:   ci.NewExpression(`[./]`),
				Reason: "is a host or URL; write the organization alone: acme for https://acme.semaphoreci.com",
			},
			{Form: ci.NewExpression(`^` + ci.UUIDTexts + `$`), Reason: "is an id, and tokens carry the " +
				"organization's name in its URL: acme for https://acme.semaphoreci.com"},
		}}
	projectID = ci.UUIDKind("Semaphore",
		"project", "must be the project's id, a UUID, which a job has in SEMAPHORE_PROJECT_ID and "+
			"sem get project NAME prints, such as 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70; not its name")
	repository = ci.NameKind{Noun: "repository", Form: ci.NewExpression(`^[^\s\p{Z}:/]+$`),
		Rule: "must be the repository's name, which a job has in SEMAPHORE_GIT_REPO_NAME, without white " +
			"space and :, such as web",
		Not: []ci.Mistake{{Form: ci.NewExpression(`/`), Reason: "has an owner or is a URL; write the repository's " +
			"name alone, which a job has in SEMAPHORE_GIT_REPO_NAME: web for acme/web"}}}
)

// Read understands the section semaphore.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	domain := cloudDomain
	if v := section.Field("domain"); v.Present {
		domain = ci.ReadHost(v, cloudDomain+" or that of the installation, without the organization in front",
			"semaphore.example.com", problems)
	}
	w := words{organization: organization.Read(section.Field("organization"), problems)}
	if w.organization != "" && domain != "" {
		issuer = "https://" + w.organization + "." + domain
	}
	t := ci.NewTrust(issuer, section, account, problems, issuer)
	if t.Issuer() != "" {
		refuseAudiences(section.Field("audiences"), t.Issuer(), problems)
	}
	for _, v := range section.Field("projects").List {
		if v.Known {
			w.readProject(&t, v, problems)
		}
	}
	t.Pipeline = w.config
	return []ci.Trust{t}
}

// refuseAudiences reports audiences that no token has.
// Sources: token, source
func refuseAudiences(list input.Value, issuer string, problems *input.Problems) {
	for _, v := range list.Texts() {
		if v.Text() != issuer {
			problems.Add(v, "is the audience of no token of Semaphore: that is the issuer, "+
				"https://ORGANIZATION.DOMAIN, and a job cannot ask for another. Leave audiences out", input.Got(v))
		}
	}
}

// A job is a project with the refs whose jobs are trusted.
type job struct {
	organization, project, repository string
	refType                           string
	ref                               ci.Name
}

// readProject turns one item of projects into grants.
func (w *words) readProject(t *ci.Trust, v input.Value, problems *input.Problems) {
	j := job{organization: w.organization, project: projectID.Read(v.Field("id"), problems),
		repository: repository.Read(v.Field("repository"), problems)}
	shown := strings.TrimSpace("repository " + j.repository)
	f := w.files.Of(shown)
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		list := v.Field(kind.Word)
		names := ci.ReadRefs(list, kind, problems)
		t.Findings = append(t.Findings, ci.RefFindings(names, kind, anyRef, list.Path, shown)...)
		for _, n := range names {
			f.conditions = ci.AddOnce(f.conditions, condition(kind.Noun, n))
			j.refType, j.ref = kind.Noun, ci.Name{Text: kind.Namespace + n.Text, Prefix: n.Prefix}
			j.trust(t, v.Path, n.Phrase("on", kind.Noun, kind.Word))
		}
	}
	if pulls := v.Field("pullRequests"); pulls.Bool() {
		t.Findings = append(t.Findings,
			ci.Finding{Rule: pullRequests, Path: pulls.Path, Detail: shown + " on pull requests"})
		f.conditions = ci.AddOnce(f.conditions, "pull_request =~ '.*'")
		j.refType, j.ref = "pull-request", ci.Name{Text: "refs/", Prefix: true}
		j.trust(t, v.Path, "on pull requests")
	}
	if !ci.AnyPresent(v, []string{"branches", "tags", "pullRequests"}) {
		problems.Add(v.Field("branches"), "is missing, and so are tags and pullRequests: true; give at least one of "+
			"them, to say which jobs of the project are trusted")
	}
}

// trust adds the grant of the jobs, once all of it is known.
func (j job) trust(t *ci.Trust, path, phrase string) {
	if t.Issuer() == "" || j.project == "" || j.repository == "" {
		return
	}
	prefix := fmt.Sprintf("org:%s:project:%s:repo:%s:", j.organization, j.project, j.repository)
	t.Allow(path, fmt.Sprintf("Semaphore: repository %s of project %s at %s %s", j.repository, j.project, t.Host(),
		phrase), ci.Subject{
		Form:  form,
		Terms: append(ci.ExactlyAll(j.organization, j.project, j.repository, j.refType), ci.Term{Name: j.ref}),
		Job: func(texts []string) map[string]any {
			return map[string]any{
				"org":      texts[0],
				"prj_id":   texts[1],
				"repo":     texts[2],
				"ref_type": texts[3],
				"ref":      texts[4],
				"job_type": "pipeline_job",
			}
		},
		Others: map[string]string{
			"a session that debugs the project": debugForm.Build(j.organization, j.project, j.repository),
			"a subject with a ref and no type":  prefix + "ref_type::ref:" + j.ref.Sample(),
			"a subject with a type and no ref":  prefix + "ref_type:" + j.refType + ":ref:",
			"the compact subject": fmt.Sprintf("%s:%s:%s:br:heads/main", j.organization, j.project,
				j.repository),
		},
	})
}

// words is what a trust names, by repository, for the pipeline to paste.
type words struct {
	organization string
	files        ci.Files[file]
}

type file struct{ conditions []string }

var plain = ci.NewExpression(`^[A-Za-z0-9._/+-]+$`)

// condition is a ref as a condition, which has texts and regular expressions between single quotes.
// Source: https://docs.semaphoreci.com/reference/conditions-dsl
func condition(keyword string, n ci.Name) string {
	expression := "^" + strings.ReplaceAll(regexp.QuoteMeta(n.Text), "'", ".") // no quote can stand between quotes
	switch {
	case n.Prefix && n.Text == "":
		return keyword + " =~ '.*'"
	case n.Prefix:
		return keyword + " =~ '" + expression + "'"
	case plain.MatchString(n.Text):
		return keyword + " = '" + n.Text + "'"
	}
	return keyword + " =~ '" + expression + "$'"
}

// config is the .semaphore/semaphore.yml to paste. Semaphore runs command by command in one shell, and stops at the
// first that fails.
// Sources: token, yamlDocs
func (w *words) config(role ci.Role) string {
	exchange := ci.Exchange{
		Role: role, Token: ci.PrintVariable("SEMAPHORE_OIDC_TOKEN"),
		Missing: "The organization needs the feature OpenID Connect.",
		Session: "semaphore-$SEMAPHORE_PROJECT_NAME-$SEMAPHORE_JOB_ID",
	}
	return w.files.Print(func(*file) string { return ".semaphore/semaphore.yml" }, func(f *file) string {
		return f.config(exchange)
	})
}

func (w *file) config(exchange ci.Exchange) string {
	var b strings.Builder
	b.WriteString("version: v1.0\nname: Deploy\nagent:\n  machine:\n    type: " +
		"e1-standard-2\n    os_image: ubuntu2404\n" +
		"blocks:\n  - name: Deploy\n")
	if len(w.conditions) > 0 {
		fmt.Fprintf(&b, "    run:\n      when: %q\n", strings.Join(w.conditions, " OR "))
	}
	b.WriteString("    task:\n      jobs:\n        - name: Deploy\n          commands:\n" +
		exchange.List("            "))
	return b.String()
}
