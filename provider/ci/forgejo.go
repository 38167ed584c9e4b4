package ci

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Forgejo is Forgejo Actions, from Forgejo 15 on, of any instance.
//
// Issuer: the instance's URL with /api/actions behind it, one for all its users. Audience: what the job asks for. Subject:
// owner, repository and ref, or pull_request in place of the ref. Since Forgejo 16 ids stand behind the names, except in
// repositories whose Actions were enabled before. AWS fills no key of its own for this issuer.
//
// Sources: forgejoDocs, forgejoFormatPR.
type Forgejo struct{}

const (
	forgejoDocs     = "https://forgejo.org/docs/next/user/actions/security-openid-connect"
	forgejoFormatPR = "https://codeberg.org/forgejo/forgejo/pulls/12355"
	forgejoSource   = "https://codeberg.org/forgejo/forgejo/src/branch/forgejo/services/actions/task.go"

	forgejoAudience = "sts.amazonaws.com"
	forgejoPath     = "/api/actions"
	codeberg        = "https://codeberg.org" + forgejoPath
)

// Section is "forgejo".
func (Forgejo) Section() string { return "forgejo" }

// Title is "Forgejo Actions".
func (Forgejo) Title() string { return "Forgejo Actions" }

var (
	forgejoAnyRef = Rule{
		ID: "forgejo-any-ref", Severity: High,
		Summary:     "whoever may push any branch or tag to the repository gets the role, without a review",
		Remediation: "Name the branches or tags that deploy, and protect them.",
		Source:      forgejoDocs,
	}
	forgejoOpenInstance = Rule{
		ID: "forgejo-open-instance", Severity: High,
		Summary: "everybody may have an account on this instance, and the subject is not the repository's alone. Without ids whoever takes the names, " +
			"once they are given up, has the same one; with ids so does a repository that still sends subjects without them, once its owner renames " +
			"both so that they read like the names with the ids",
		Remediation: "Have the subjects carry ids and write ownerId and repositoryId, register the owner's name with the id behind it on the instance, so that " +
			"nobody else can, and accept the risk; or deploy from an instance of your own.",
		Source: forgejoFormatPR,
	}
	forgejoLookalike = Rule{
		ID: "forgejo-lookalike", Severity: Medium,
		Summary: "the subject is not the repository's alone: a repository of this instance that still sends subjects without ids has the same one, once " +
			"its owner renames both so that they read like the names with the ids",
		Remediation: "If not everybody with an account on the instance may have the role, register the owner's name with the id behind it, so that nobody else can.",
		Source:      forgejoFormatPR,
	}
	forgejoNameSubject = Rule{
		ID: "forgejo-name-subject", Severity: Medium,
		Summary: "the repository is known by its name alone, and the name can be given up and taken by somebody else's repository",
		Remediation: "Disable and enable Actions in the repository's settings, so that its subjects carry ids (Forgejo 16 and later), and write " +
			"ownerId and repositoryId.",
		Source: forgejoFormatPR,
	}
	forgejoPullRequests = Rule{
		ID: "forgejo-pull-requests", Severity: Medium,
		Summary:     "jobs of pull requests run code that nobody has reviewed, of whoever may push a branch to the repository; those from forks get no token",
		Remediation: "Give this role read access at most, and deploy with another role.",
		Source:      forgejoSource,
	}
	forgejoPullRequestTarget = Rule{
		ID: "forgejo-pull-request-target", Severity: Low,
		Summary: "a pull_request_target run has the subject of the branch that the pull request is meant for, and a stranger's pull request starts it, " +
			"from a fork too",
		Remediation: "Check that no workflow with pull_request_target has enable-openid-connect and runs code of the pull request.",
		Source:      forgejoSource,
	}
)

// Rules are the findings of Forgejo.
func (Forgejo) Rules() []Rule {
	return []Rule{forgejoAnyRef, forgejoOpenInstance, forgejoLookalike, forgejoNameSubject, forgejoPullRequests, forgejoPullRequestTarget}
}

// Issuer is what signs the tokens of Forgejo Actions.
func (Forgejo) Issuer() Issuer {
	return Issuer{
		URL: "https://INSTANCE/api/actions", Shared: true,
		Hosts: []trust.Issuer{
			{Host: hostOf(codeberg), Title: "Forgejo Actions on Codeberg", Shared: true,
				Tenant: map[string]func(trust.Value) bool{"sub": tenantPrefix(`^repo:[^*?/:]+/`)}},
		},
	}
}

// Forms are the forms of their subjects.
func (Forgejo) Forms() []*form {
	var forms []*form
	for _, kind := range []string{"branch", "tag", "pull_request"} {
		forms = append(forms, forgejoSubjects[kind].withIDs, forgejoSubjects[kind].withoutIDs)
	}
	return forms
}

// Page is what people read about Forgejo.
func (Forgejo) Page() Page {
	return Page{
		Beyond:   "self-hosted and Codeberg",
		Audience: "`sts.amazonaws.com`; the job chooses it with `&audience=` behind the URL that it asks. Forgejo's own default is `https://INSTANCE/OWNER`",
		Names:    "repositories; branches, tags, pull requests",
		Subjects: []string{
			"repo:OWNER-OWNER_ID/NAME-REPOSITORY_ID:ref:refs/heads/BRANCH", "repo:OWNER-OWNER_ID/NAME-REPOSITORY_ID:ref:refs/tags/TAG",
			"repo:OWNER-OWNER_ID/NAME-REPOSITORY_ID:pull_request of a pull request's job",
			"the same as repo:OWNER/NAME:... in Forgejo 15, and in repositories whose Actions were enabled before the update to Forgejo 16",
		},
		Pitfalls: []string{
			"Which form a repository has is seen in a token: `ownerId` and `repositoryId` trust the form with ids alone, leaving them out the form without.",
			"Disabling and enabling a repository's Actions gives it the form with ids: a role that trusts the names alone then refuses it.",
			"`-` stands between name and id and may stand in both: a repository without ids called `acme-7/web-12` has the subject of `acme/web` with the ids 7 and 12.",
			"All users of an instance share its issuer, and on Codeberg everybody may be one: a trust there has a high finding, with ids and without.",
			"Names are compared letter by letter: write them as Forgejo shows them.",
			"A `pull_request_target` run has the subject of its base branch.",
			"A job that a `pull_request` starts has no token where the pull request comes from a fork.",
			"Forgejo has no environments, and no claim but `sub` and `aud` reaches AWS: a trust cannot name a workflow or an actor.",
			"The workflow needs `enable-openid-connect: true`; `permissions: id-token` has no meaning.",
			"AWS must reach the instance over the internet, at the URL that is its ROOT_URL.",
		},
		Sources: []string{forgejoDocs, forgejoFormatPR, forgejoSource, "https://codeberg.org/forgejo/forgejo/src/branch/forgejo/services/actions/auth.go"},
		Example: `forgejo:
  url: https://git.example.com
  repositories:
    - repository: acme/web
      ownerId: "7"
      repositoryId: "12"
      branches: [main]
      tags: [v*]
`,
	}
}

// What Forgejo lets into names: letters, digits, "-", "_" and ".".
// Source: https://codeberg.org/forgejo/forgejo/src/branch/forgejo/modules/validation/binding.go (AlphaDashDot)
var forgejoName = nameKind{"repository", newExpression(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`),
	"must be the repository's owner and name, as they stand in its URL behind the instance's, such as acme/web",
	[]mistaken{
		{newExpression(`://|^[^/]*@|\.git$`), "is a URL; write the repository's owner and name alone, such as acme/web"},
		{newExpression(`:`), "names more than a repository: which jobs are trusted is said by branches, tags and pullRequests; write owner and name alone, such as acme/web"},
	}}

var forgejoID = newExpression(`^[1-9][0-9]{0,18}$`)

const forgejoIDHelp = "; https://INSTANCE/api/v1/repos/OWNER/NAME prints both: id and owner.id"

var (
	forgejoOwnerID      = nameKind{"owner", forgejoID, `must be the number of the owner, such as "7"` + forgejoIDHelp, nil}
	forgejoRepositoryID = nameKind{"repository", forgejoID, `must be the number of the repository, such as "12"` + forgejoIDHelp, nil}
)

// forgejoLikeIDs is a repository without ids that reads like one with ids.
var forgejoLikeIDs = newExpression(`^(.+)-([1-9][0-9]*)/(.+)-([1-9][0-9]*)$`)

var forgejoURL = issuerURL{system: "Forgejo", help: "write the URL of the instance, which its administrators set as ROOT_URL, without the slash at its end, such as https://git.example.com"}

// readForgejoURL reads the instance's URL and gives the issuer.
func readForgejoURL(v input.Value, problems *input.Problems) string {
	url := forgejoURL.read(v, problems)
	switch {
	case url == "":
		return ""
	case strings.HasSuffix(url, forgejoPath):
		problems.Add(v, "is the issuer; "+forgejoURL.help, input.Got(v))
		return ""
	}
	return url + forgejoPath
}

// Read understands the section forgejo.
func (f Forgejo) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	t := newTrust(readForgejoURL(section.Field("url"), problems), section, account, problems, forgejoAudience)
	words := forgejoWords{}
	for _, v := range section.Field("repositories").List {
		if !v.Known {
			continue
		}
		r, read := readForgejoRepository(v, problems)
		contexts := f.readContexts(v, r, &t, problems)
		if !read || t.Issuer() == "" {
			continue
		}
		words.add(r.owner+"/"+r.name, contexts)
		t.Findings = append(t.Findings, r.finding(v, t.Issuer()))
		for _, c := range contexts {
			r.trust(&t, v.Path, c)
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.workflow(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

// readForgejoRepository reads which repository an item names; read says that it could be read as a whole.
func readForgejoRepository(v input.Value, problems *input.Problems) (r forgejoRepository, read bool) {
	repository, ownerID, id := v.Field("repository"), v.Field("ownerId"), v.Field("repositoryId")
	r.owner, r.name, _ = strings.Cut(forgejoName.read(repository, problems), "/")
	r.ownerID, r.id = forgejoOwnerID.read(ownerID, problems), forgejoRepositoryID.read(id, problems)
	for _, pair := range [][2]input.Value{{ownerID, id}, {id, ownerID}} {
		if missing, given := pair[0], pair[1]; given.Present && !missing.Present {
			problems.Add(missing, "is missing, and the other id is there; write both, for a repository whose subjects carry ids, or none"+forgejoIDHelp)
			return r, false
		}
	}
	if ids := forgejoLikeIDs.FindStringSubmatch(repository.Text()); ids != nil && !ownerID.Present && r.name != "" {
		problems.Add(repository, "reads like a subject with ids, which another repository may have. If it is one, write the names and the ids apart: "+
			"repository, ownerId and repositoryId. If these are the names, rename one of them, or let the subjects carry ids", input.Got(repository))
		return r, false
	}
	return r, r.name != "" && (r.ownerID != "") == ownerID.Present && (r.id != "") == id.Present
}

// readContexts reads which jobs of a repository are trusted.
func (Forgejo) readContexts(v input.Value, r forgejoRepository, t *Trust, problems *input.Problems) []workflowEvent {
	var contexts []workflowEvent
	for _, kind := range []refKind{branches, tags} {
		list := v.Field(kind.word)
		for _, n := range readRefs(list, kind, problems) {
			contexts = append(contexts, workflowEvent{kind.noun, n})
			if n.prefix && n.text == "" {
				t.Findings = append(t.Findings, Finding{Rule: forgejoAnyRef, Path: list.Path, Detail: r.String() + " on any " + kind.noun})
			}
		}
		if list.Present && kind == branches {
			t.Findings = append(t.Findings, Finding{Rule: forgejoPullRequestTarget, Path: list.Path, Detail: r.String()})
		}
	}
	requests := v.Field("pullRequests")
	if requests.Bool() {
		contexts = append(contexts, workflowEvent{kind: "pull_request"})
		t.Findings = append(t.Findings, Finding{Rule: forgejoPullRequests, Path: requests.Path, Detail: r.String()})
	}
	if !v.Field("branches").Present && !v.Field("tags").Present && requests.Known && !requests.Bool() {
		problems.Add(v.Field("branches"), "is missing, and so are tags and pullRequests: true; give at least one of them, to say which jobs of the repository are trusted")
	}
	return contexts
}

func (r forgejoRepository) String() string {
	switch {
	case r.name == "":
		return "the repository"
	case r.ownerID == "":
		return r.owner + "/" + r.name
	}
	return fmt.Sprintf("%s/%s (owner %s, repository %s)", r.owner, r.name, r.ownerID, r.id)
}

// finding says how well the subject tells the repository from others.
func (r forgejoRepository) finding(v input.Value, issuer string) Finding {
	f := Finding{Rule: forgejoLookalike, Path: v.Path, Detail: fmt.Sprintf("%s for %s/%s", r.path(), r.owner, r.name)}
	if r.ownerID == "" {
		f = Finding{Rule: forgejoNameSubject, Path: v.Field("repository").Path, Detail: r.String()}
	}
	if sameHost(issuer) == codeberg {
		f.Rule = forgejoOpenInstance
	}
	return f
}
