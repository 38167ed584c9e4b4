// Package depot is Depot CI: its issuer, its tokens, and the words in which its jobs are trusted.
package depot

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Depot CI, which runs the workflows of repositories on GitHub. GitHub Actions on Depot's runners is not
// meant: its jobs get GitHub's tokens.
//
// Issuer: one for all customers. Audience: what the job asks for. Subject: Depot's organization, the repository, the
// ref and the sandbox that the job runs in. AWS fills no further key for this issuer.
//
// Sources: docs, runs, https://depot.dev/docs/ci/compatibility
type System struct{}

const (
	docs = "https://depot.dev/docs/ci/oidc"
	runs = "https://depot.dev/docs/ci/how-to-guides/manage-workflow-runs"

	host     = "identity.depot.dev"
	audience = "sts.amazonaws.com"
)

// form is the subject. What tells the jobs of a repository apart, REF/sandbox/ID, is one field: a ref may contain
// "/sandbox/", and which characters the id has is not documented, so no separator certainly ends the ref. The field may
// have any text, and stands last, so that it cannot be taken for another.
var form = ci.NewForm("spiffe://"+host+"/org/{organization}/ci/github/{owner}/{repository}/ref/{job}",
	ci.Field{Name: "organization", Texts: `[^/]+`, Sample: "a1b2c3d4e5", Decides: ci.Tenant},
	ci.Field{Name: "owner", Texts: `[^/]+`, Sample: "acme", Decides: ci.Project},
	ci.Field{Name: "repository", Texts: `[^/]+`, Sample: "web", Decides: ci.Project},
	ci.Field{Name: "job", Texts: `(?s:.+)`, Sample: "refs/heads/main/sandbox/snd_1a2b3c4d5e6f", Decides: ci.RefOf})

// Section is "depot".
func (System) Section() string { return "depot" }

// Title is "Depot CI".
func (System) Title() string { return "Depot CI" }

var anyJob = ci.Rule{
	ID: "depot-any-job", Severity: ci.High, Unreviewed: true,
	Summary: "every job of the repository gets the role, without a review: those of any branch and tag that somebody " +
		"pushes, of pull requests, and of depot ci run, which runs changes that nobody has pushed",
	Remediation: "Give the role little, and let few people push to the repository and use the organization in Depot; " +
		"where a branch or an environment must be named, deploy with GitHub Actions.",
	Source: runs,
}

// Rules are the findings of Depot CI.
func (System) Rules() []ci.Rule { return []ci.Rule{anyJob} }

// Issuer is what signs the tokens of Depot CI.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host, Shared: true,
		// AWS does not know it as shared: it stores any policy that trusts it.
		Hosts: []ci.Host{{Host: host, Shared: true, Forms: []*ci.Form{form, otherForm}, Judge: judge}},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{form} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"GITHUB_ACTIONS"}, Request: workflow.HandOutRequest(),
		Condition: "permissions: id-token: write in the workflow",
		Source:    docs,
	}
}

var (
	// No rule is documented for ids; those that the documentation shows are letters, digits and an underscore.
	organization = ci.NameKind{Noun: "organization", Form: ci.NewExpression(`^[A-Za-z0-9_-]+$`),
		Rule: "must be the id of the organization in Depot, as depot org show prints it, such as a1b2c3d4e5; not the " +
			"name it is displayed by",
		Not: []ci.Mistake{{Form: ci.NewExpression(`[:/]`), Reason: "is a URL or more than an organization; write the " +
			"id of the organization alone, as depot org show prints it, such as a1b2c3d4e5"}}}
	// The names that GitHub allows.
	repository = ci.NameKind{Noun: "repository",
		Form: ci.NewExpression(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}$`),
		Rule: "must be the repository's owner and name on GitHub, such as acme/web",
		Not: []ci.Mistake{
			{
				Form:   ci.NewExpression(`://|^git@|^github\.com/|\.git$`),
				Reason: "is a URL; write the repository's owner and name alone, such as acme/web",
			},
			{Form: ci.NewExpression(`^[^/@]+@[0-9]+/[^/@]+@[0-9]+$`), Reason: "has ids, which the tokens of Depot do " +
				"not have in their subject; write owner and name alone, such as acme/web"},
			{Form: ci.NewExpression(`^[^/]+/[^/]+/ref/`), Reason: "names more than a repository, and there is no " +
				"word for its branches; write owner and name alone, such as acme/web"},
			{
				Form:   ci.NewExpression(`/\.{1,2}$`),
				Reason: "is not the name of a repository; write owner and name as GitHub shows them, such as acme/web",
			},
		}}
)

// Read understands the section depot.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust("https://"+host, section, account, problems, audience)
	organization := organization.Read(section.Field("organizationId"), problems)
	var repositories []string
	for _, v := range section.Field("repositories").List {
		if !v.Known {
			continue
		}
		repository := repository.Read(v.Field("repository"), problems)
		t.Findings = append(t.Findings,
			ci.Finding{Rule: anyJob, Path: v.Path, Detail: cmp.Or(repository, "the repository")})
		if repository == "" || organization == "" {
			continue
		}
		repositories = ci.AddOnce(repositories, repository)
		trustRepository(&t, v.Path, organization, repository)
	}
	t.Pipeline = func(role ci.Role) string {
		return workflowFile(repositories, role, t.Audiences())
	}
	return []ci.Trust{t}
}

// trustRepository adds the grant of all jobs of a repository.
func trustRepository(t *ci.Trust, path, organization, repository string) {
	owner, name, _ := strings.Cut(repository, "/")
	job := form.Fields[3].Sample
	at := func(path string) string { return "spiffe://" + host + "/org/" + organization + path }
	t.Allow(path, fmt.Sprintf("Depot CI: any job of repository %s in organization %s", repository, organization),
		ci.Subject{
			Form: form, Terms: append(ci.ExactlyAll(organization, owner, name), ci.Term{Name: ci.Name{Prefix: true}}),
			Job: jobClaims,
			Others: map[string]string{
				"another repository with a branch named after the trusted one": form.Build(organization, owner,
					"mallory",
					"refs/heads/"+repository+"/ref/"+job),
				"a repository below an owner named after the trusted one": at("/ci/github/" + repository +
					"/mallory/ref/" + job),
				"a repository below another owner and the trusted one's": at("/ci/github/mallory/" + repository +
					"/ref/" + job),
				"a repository that is not on GitHub": at("/ci/mallory/" + repository +
					"/ref/" + job),
				"a subject without a ref": at("/ci/github/" + repository +
					"/sandbox/snd_1a2b3c4d5e6f"),
				"a subject of another trust domain": "spiffe://" + host + ".example" +
					strings.TrimPrefix(form.Build(organization, owner, name, job), "spiffe://"+host),
				"GitHub's own subject": "repo:" + repository +
					":ref:refs/heads/main",
			},
		})
}

// jobClaims gives the further claims of a token.
// Source: docs
func jobClaims(texts []string) map[string]any {
	ref, _, _ := strings.Cut(texts[3], "/sandbox/")
	repository := texts[1] + "/" + texts[2]
	const sha, workflow = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2", ".depot/workflows/ci.yaml"
	return map[string]any{
		"actor": "my-username", "actor_id": "1000000", "base_ref": "", "event_name": "push", "head_ref": "",
		"job_id": "job_1a2b3c4d5e6f", "org_id": texts[0], "ref": ref, "ref_type": "branch", "repository": repository,
		"repository_id": "123456789", "repository_owner": texts[1], "repository_owner_id": "12345678",
		"repository_visibility": "private", "run_attempt": "1", "run_id": "run_1a2b3c4d5e6f", "run_number": "42",
		"sha": sha, "workflow": workflow, "workflow_ref": repository + "/" + workflow + "@" + ref, "workflow_sha": sha,
	}
}

// workflowFile is the workflow to paste. Depot takes GitHub's syntax and its actions, from a folder of its own.
// Sources: docs, https://depot.dev/docs/ci/compatibility
func workflowFile(repositories []string, role ci.Role, audiences []string) string {
	var b strings.Builder
	b.WriteString("# .depot/workflows/deploy.yml")
	if len(repositories) > 0 {
		fmt.Fprintf(&b, " in %s", strings.Join(repositories, ", "))
	}
	b.WriteString("\nname: deploy\non:\n  push:\n    branches: [main] # the branch that deploys\n  " +
		"workflow_dispatch:\njobs:\n  deploy:\n    runs-on: depot-ubuntu-latest\n" +
		"    permissions:\n      id-token: write # without it there is no token\n      contents: read\n")
	workflow.Steps(&b, role, audiences, false)
	return b.String()
}
