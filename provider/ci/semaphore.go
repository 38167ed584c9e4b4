package ci

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Semaphore is Semaphore on semaphoreci.com and on a domain of one's own.
//
// Issuer: the URL of the organization. Audience: the same, which no setting of a job changes. Subject: organization and
// repository by name, the project by id, and the git ref with its type. No part can hold a ":". Where Semaphore has switched
// it on for an organization, tokens have session tags. AWS fills no key of its own for this issuer.
//
// Sources: semaphoreDocs, semaphoreToken, semaphoreSource
type Semaphore struct{}

const (
	semaphoreDomain = "semaphoreci.com"

	semaphoreDocs   = "https://docs.semaphoreci.com/using-semaphore/openid"
	semaphoreToken  = "https://docs.semaphoreci.com/reference/openid"
	semaphoreYAML   = "https://docs.semaphoreci.com/reference/pipeline-yaml"
	semaphoreJobs   = "https://docs.semaphoreci.com/using-semaphore/jobs"
	semaphoreSource = "https://github.com/semaphoreio/semaphore/blob/main/zebra/lib/zebra/workers/job_request_factory/open_id_connect.ex"
)

var (
	semaphoreOrganization = field{name: "organization", sample: "acme"}
	semaphoreProject      = field{name: "project", texts: uuidTexts, sample: "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", other: "66666666-52b8-4c0e-8d3f-9b6a1e2f4c70"}
	semaphoreRepository   = field{name: "repository", sample: "web"}

	semaphoreForm = newForm("org:{organization}:project:{project}:repo:{repository}:ref_type:{ref type}:ref:{ref}",
		semaphoreOrganization, semaphoreProject, semaphoreRepository, field{name: "ref type", choices: []string{"branch", "tag", "pull-request"}},
		field{name: "ref", sample: "refs/heads/main", other: "refs/heads/mallory"})
	// semaphoreDebugForm is the subject of a session that debugs a project: it has no ref.
	semaphoreDebugForm = newForm("org:{organization}:project:{project}:repo:{repository}:ref_type::ref:",
		semaphoreOrganization, semaphoreProject, semaphoreRepository)
)

// Section is "semaphore".
func (Semaphore) Section() string { return "semaphore" }

// Title is "Semaphore".
func (Semaphore) Title() string { return "Semaphore" }

var (
	semaphoreAnyRef = Rule{
		ID: "semaphore-any-ref", Severity: High,
		Summary:     "whoever may push any branch or tag to the repository gets the role, without a review",
		Remediation: "Name the branches or tags that deploy.",
		Source:      semaphoreToken,
	}
	semaphorePullRequests = Rule{
		ID: "semaphore-pull-requests", Severity: High,
		Summary: "jobs of pull requests run code that nobody has reviewed, that of strangers too where the project builds pull requests of forks: " +
			"the subject does not tell one from the other",
		Remediation: "Name branches or tags. Give pull requests a role of their own, for an account in which nothing matters.",
		Source:      semaphoreToken,
	}
)

// Rules are the findings of Semaphore.
func (Semaphore) Rules() []Rule { return []Rule{semaphoreAnyRef, semaphorePullRequests} }

// Issuer is what signs the tokens of Semaphore.
func (Semaphore) Issuer() Issuer {
	return Issuer{
		URL:   "https://ORGANIZATION.semaphoreci.com",
		Hosts: []trust.Issuer{{Host: "*.semaphoreci.com", Judge: judgeTenantIssuer}},
	}
}

// Forms are the forms of their subjects.
func (Semaphore) Forms() []*form { return []*form{semaphoreForm, semaphoreDebugForm} }

// Page is what people read about Semaphore.
func (Semaphore) Page() Page {
	return Page{
		Beyond:   "semaphoreci.com and self-hosted",
		Audience: "`https://ORGANIZATION.semaphoreci.com`, the issuer; a job cannot ask for another",
		Names:    "projects; branches, tags, pull requests",
		Subjects: []string{
			"org:ORGANIZATION:project:PROJECT_ID:repo:REPOSITORY:ref_type:branch:ref:refs/heads/BRANCH",
			"org:ORGANIZATION:project:PROJECT_ID:repo:REPOSITORY:ref_type:tag:ref:refs/tags/TAG",
			"org:ORGANIZATION:project:PROJECT_ID:repo:REPOSITORY:ref_type:pull-request:ref:refs/pull/NUMBER/merge",
			"org:ORGANIZATION:project:PROJECT_ID:repo:REPOSITORY:ref_type::ref: of a session that debugs the project, which no word trusts",
		},
		Pitfalls: []string{
			"`sem debug job` gives a session the subject of the job it debugs, so whoever may debug jobs of a trusted branch has the role: say who may in the project's permissions.",
			"A pattern such as `ref_type:*` also fits pull requests of forks and debugging sessions; this package writes the type out.",
			"A scheduled or manual run on a branch has the subject of a push to it.",
			"`repository` is the name without its owner, as `SEMAPHORE_GIT_REPO_NAME` has it. Renaming the repository changes the subject; changing the organization's URL changes issuer, audience and subject.",
			"A token is good for 24 hours, every job gets one, and nothing switches that off in the pipeline.",
			"An admin who takes `sub` out of the organization's or the project's tokens locks every run out.",
			"Where Semaphore has switched on AWS session tags for the organization, AWS refuses its tokens unless `sessionTags` is `true`.",
			"A self-hosted Semaphore is named by `domain`, and the issuer is `https://ORGANIZATION.DOMAIN`. AWS must reach it over the internet.",
		},
		Sources: []string{semaphoreDocs, semaphoreToken, semaphoreSource, semaphoreYAML, semaphoreJobs},
		Example: `semaphore:
  organization: acme
  projects:
    - id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70
      repository: web
      branches: [main]
      tags: [v*]
`,
	}
}

// Semaphore checks the name of an organization so: 3 to 62 lower-case letters, digits and -, not beginning with -.
// Source: https://github.com/semaphoreio/semaphore/blob/main/guard/lib/guard/front_repo/organization.ex
// What a repository may be called is the git host's: only what would be ambiguous in a subject is refused.
var (
	semaphoreOrganizationName = nameKind{"organization", newExpression(`^[a-z0-9][a-z0-9-]{2,61}$`),
		"must be the organization's name in its URL, 3 to 62 lower-case letters, digits and -: acme for https://acme.semaphoreci.com",
		[]mistaken{
			{newExpression(`[./]`), "is a host or URL; write the organization alone: acme for https://acme.semaphoreci.com"},
			{newExpression(`^` + uuidTexts + `$`), "is an id, and tokens carry the organization's name in its URL: acme for https://acme.semaphoreci.com"},
		}}
	semaphoreProjectID = uuidKind("Semaphore", "project", "must be the project's id, a UUID, which a job has in SEMAPHORE_PROJECT_ID and "+
		"sem get project NAME prints, such as 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70; not its name")
	semaphoreRepositoryName = nameKind{"repository", newExpression(`^[^\s\p{Z}:/]+$`),
		"must be the repository's name, which a job has in SEMAPHORE_GIT_REPO_NAME, without white space and :, such as web",
		[]mistaken{{newExpression(`/`), "has an owner or is a URL; write the repository's name alone, which a job has in SEMAPHORE_GIT_REPO_NAME: web for acme/web"}}}
)

// Read understands the section semaphore.
func (Semaphore) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	issuer := ""
	domain := semaphoreDomain
	if v := section.Field("domain"); v.Present {
		domain = readHost(v, semaphoreDomain+" or that of the installation, without the organization in front", "semaphore.example.com", problems)
	}
	words := semaphoreWords{organization: semaphoreOrganizationName.read(section.Field("organization"), problems)}
	if words.organization != "" && domain != "" {
		issuer = "https://" + words.organization + "." + domain
	}
	t := newTrust(issuer, section, account, problems, issuer)
	if t.Issuer() != "" {
		refuseSemaphoreAudiences(section.Field("audiences"), t.Issuer(), problems)
	}
	for _, v := range section.Field("projects").List {
		if v.Known {
			words.readProject(&t, v, problems)
		}
	}
	t.Pipeline = words.config
	return []Trust{t}
}

// refuseSemaphoreAudiences reports audiences that no token has.
// Sources: semaphoreToken, semaphoreSource
func refuseSemaphoreAudiences(list input.Value, issuer string, problems *input.Problems) {
	for _, v := range list.Texts() {
		if v.Text() != issuer {
			problems.Add(v, "is the audience of no token of Semaphore: that is the issuer, https://ORGANIZATION.DOMAIN, and a job cannot ask for another. "+
				"Leave audiences out", input.Got(v))
		}
	}
}

// A semaphoreJob is a project with the refs whose jobs are trusted.
type semaphoreJob struct {
	organization, project, repository string
	refType                           string
	ref                               name
}

// readProject turns one item of projects into grants.
func (w *semaphoreWords) readProject(t *Trust, v input.Value, problems *input.Problems) {
	job := semaphoreJob{organization: w.organization, project: semaphoreProjectID.read(v.Field("id"), problems),
		repository: semaphoreRepositoryName.read(v.Field("repository"), problems)}
	shown := strings.TrimSpace("repository " + job.repository)
	for _, kind := range []refKind{branches, tags} {
		list := v.Field(kind.word)
		for _, n := range readRefs(list, kind, problems) {
			if n.prefix && n.text == "" {
				t.Findings = append(t.Findings, Finding{Rule: semaphoreAnyRef, Path: list.Path, Detail: shown + " on any " + kind.noun})
			}
			w.conditions = addOnce(w.conditions, semaphoreCondition(kind.noun, n))
			job.refType, job.ref = kind.noun, name{kind.namespace + n.text, n.prefix}
			job.trust(t, v.Path, n.phrase("on", kind.noun, kind.word))
		}
	}
	if pulls := v.Field("pullRequests"); pulls.Bool() {
		t.Findings = append(t.Findings, Finding{Rule: semaphorePullRequests, Path: pulls.Path, Detail: shown + " on pull requests"})
		w.conditions = addOnce(w.conditions, "pull_request =~ '.*'")
		job.refType, job.ref = "pull-request", name{"refs/", true}
		job.trust(t, v.Path, "on pull requests")
	}
	if !anyPresent(v, []string{"branches", "tags", "pullRequests"}) {
		problems.Add(v.Field("branches"), "is missing, and so are tags and pullRequests: true; give at least one of them, to say which jobs of the project are trusted")
	}
}

// trust adds the grant of the jobs, as far as it is known.
func (j semaphoreJob) trust(t *Trust, path, phrase string) {
	if t.Issuer() == "" || j.project == "" || j.repository == "" {
		return
	}
	prefix := fmt.Sprintf("org:%s:project:%s:repo:%s:", j.organization, j.project, j.repository)
	t.trust(path, fmt.Sprintf("Semaphore: repository %s of project %s at %s %s", j.repository, j.project, t.Host(), phrase), subject{
		form: semaphoreForm, terms: append(exactlyAll(j.organization, j.project, j.repository, j.refType), term{name: j.ref}),
		job: func(texts []string) map[string]any {
			return map[string]any{"org": texts[0], "prj_id": texts[1], "repo": texts[2], "ref_type": texts[3], "ref": texts[4], "job_type": "pipeline_job"}
		},
		others: map[string]string{
			"a session that debugs the project": semaphoreDebugForm.build(j.organization, j.project, j.repository),
			"a subject with a ref and no type":  prefix + "ref_type::ref:" + j.ref.sample(),
			"a subject with a type and no ref":  prefix + "ref_type:" + j.refType + ":ref:",
			"the compact subject":               fmt.Sprintf("%s:%s:%s:br:heads/main", j.organization, j.project, j.repository),
		},
	})
}

// semaphoreWords is what a trust names, for the pipeline to paste.
type semaphoreWords struct {
	organization string
	conditions   []string
}

var semaphorePlain = newExpression(`^[A-Za-z0-9._/+-]+$`)

// semaphoreCondition is a ref as a condition, which has texts and regular expressions between single quotes.
// Source: https://docs.semaphoreci.com/reference/conditions-dsl
func semaphoreCondition(keyword string, n name) string {
	expression := "^" + strings.ReplaceAll(regexp.QuoteMeta(n.text), "'", ".") // no quote can stand between quotes
	switch {
	case n.prefix && n.text == "":
		return keyword + " =~ '.*'"
	case n.prefix:
		return keyword + " =~ '" + expression + "'"
	case semaphorePlain.MatchString(n.text):
		return keyword + " = '" + n.text + "'"
	}
	return keyword + " =~ '" + expression + "$'"
}

// config is the .semaphore/semaphore.yml to paste: the token goes into a file, which the AWS CLI and the SDKs exchange by
// themselves.
// Sources: semaphoreToken, semaphoreYAML
func (w *semaphoreWords) config(roleArn, region string) string {
	var b strings.Builder
	b.WriteString("# .semaphore/semaphore.yml\nversion: v1.0\nname: Deploy\nagent:\n  machine:\n    type: e1-standard-2\n    os_image: ubuntu2404\n" +
		"blocks:\n  - name: Deploy\n")
	if len(w.conditions) > 0 {
		fmt.Fprintf(&b, "    run:\n      when: %q\n", strings.Join(w.conditions, " OR "))
	}
	fmt.Fprintf(&b, "    task:\n      env_vars:\n        - name: AWS_ROLE_ARN\n          value: %s\n        - name: AWS_REGION\n          value: %s\n", roleArn, region)
	b.WriteString("        - name: AWS_WEB_IDENTITY_TOKEN_FILE\n          value: /tmp/web-identity-token\n      jobs:\n        - name: Deploy\n          commands:\n" +
		"            - printf '%s' \"$SEMAPHORE_OIDC_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"\n            - aws sts get-caller-identity\n")
	return b.String()
}
