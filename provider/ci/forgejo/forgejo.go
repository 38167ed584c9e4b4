// Package forgejo is Forgejo Actions: its issuer, its tokens, and the words in which its jobs are trusted.
package forgejo

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is Forgejo Actions, from Forgejo 15 on, of any instance.
//
// Issuer: the instance's URL with /api/actions behind it, one for all its users. Audience: what the job asks for.
// Subject: owner, repository and ref, or pull_request in place of the ref. Since Forgejo 16 ids stand behind the names,
// except in repositories whose Actions were enabled before. AWS fills no key of its own for this issuer.
//
// Sources: docs, formatPR.
type System struct{}

const (
	docs     = "https://forgejo.org/docs/next/user/actions/security-openid-connect"
	formatPR = "https://codeberg.org/forgejo/forgejo/pulls/12355"
	source   = "https://codeberg.org/forgejo/forgejo/src/branch/forgejo/services/actions/task.go"

	audience = "sts.amazonaws.com"
	path     = "/api/actions"
	codeberg = "https://codeberg.org" + path
)

// Section is "forgejo".
func (System) Section() string { return "forgejo" }

// Title is "Forgejo Actions".
func (System) Title() string { return "Forgejo Actions" }

var (
	anyRef = ci.Rule{
		ID: "forgejo-any-ref", Severity: ci.High, Unreviewed: true,
		Summary:     "whoever may push any branch or tag to the repository gets the role, without a review",
		Remediation: "Name the branches or tags that deploy, and protect them.",
		Source:      docs,
	}
	openInstance = ci.Rule{
		ID: "forgejo-open-instance", Severity: ci.High,
		Summary: "everybody may have an account on this instance, and the subject is not the repository's alone. " +
			"Without ids whoever takes the names, once they are given up, has the same one; with ids so does a " +
			"repository that still sends subjects without them, once its owner renames both so that they read like " +
			"the names with the ids",
		Remediation: "Have the subjects carry ids and write ownerId and repositoryId, register the owner's name with " +
			"the id behind it on the instance, so that nobody else can, and accept the risk; or deploy from an " +
			"instance of your own.",
		Source: formatPR,
	}
	lookalike = ci.Rule{
		ID: "forgejo-lookalike", Severity: ci.Medium,
		Summary: "the subject is not the repository's alone: a repository of this instance that still sends subjects " +
			"without ids has the same one, once its owner renames both so that they read like the names with the ids",
		Remediation: "If not everybody with an account on the instance may have the role, register the owner's name " +
			"with the id behind it, so that nobody else can.",
		Source: formatPR,
	}
	nameSubject = ci.Rule{
		ID: "forgejo-name-subject", Severity: ci.Medium,
		Summary: "the repository is known by its name alone, and the name can be given up and taken by " +
			"somebody else's repository",
		Remediation: "Disable and enable Actions in the repository's settings, so that its subjects carry ids " +
			"(Forgejo 16 and later), and write ownerId and repositoryId.",
		Source: formatPR,
	}
	pullRequests = ci.Rule{
		ID: "forgejo-pull-requests", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
		Summary: "jobs of pull requests run code that nobody has reviewed, of whoever may push a branch to the " +
			"repository; those from forks get no token",
		Remediation: "Give this role read access at most, and deploy with another role.",
		Source:      source,
	}
	pullRequestTarget = ci.Rule{
		ID: "forgejo-pull-request-target", Severity: ci.Low,
		Summary: "a pull_request_target run has the subject of the branch that the pull request is meant for, and a " +
			"stranger's pull request starts it, from a fork too",
		Remediation: "Check that no workflow with pull_request_target has enable-openid-connect and runs code " +
			"of the pull request.",
		Source: source,
	}
)

// Rules are the findings of Forgejo.
func (System) Rules() []ci.Rule {
	return []ci.Rule{
		anyRef, ci.RefPrefix("main"), ci.RefPrefix("release/"), openInstance, lookalike, nameSubject, pullRequests,
		pullRequestTarget,
	}
}

// Issuer is what signs the tokens of Forgejo Actions.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://INSTANCE/api/actions", Shared: true,
		Hosts: []ci.Host{{
			Host: ci.HostOf(codeberg), Title: "Forgejo Actions on Codeberg", Shared: true, Forms: audited, Judge: reads,
		}},
		Installed: &ci.Host{Title: "Forgejo Actions on an instance", Forms: audited, Judge: reads},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	var forms []*ci.Form
	for _, kind := range []string{"branch", "tag", "pull_request"} {
		forms = append(forms, subjects[kind].withIDs, subjects[kind].withoutIDs)
	}
	return forms
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"FORGEJO_ACTIONS"}, Request: workflow.HandOutRequest(),
		Condition: "enable-openid-connect: true",
		Source:    docs,
	}
}

// What Forgejo lets into names: letters, digits, "-", "_" and ".".
// Source: https://codeberg.org/forgejo/forgejo/src/branch/forgejo/modules/validation/binding.go (AlphaDashDot)
var name = ci.NameKind{Noun: "repository", Form: ci.NewExpression(`^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$`),
	Rule: "must be the repository's owner and name, as they stand in its URL behind the instance's, such as acme/web",
	Not: []ci.Mistake{
		{
			Form:   ci.NewExpression(`://|^[^/]*@|\.git$`),
			Reason: "is a URL; write the repository's owner and name alone, such as acme/web",
		},
		{Form: ci.NewExpression(`:`), Reason: "names more than a repository: which jobs are trusted is said by " +
			"branches, tags and pullRequests; write owner and name alone, such as acme/web"},
	}}

var id = ci.NewExpression(`^[1-9][0-9]{0,18}$`)

const idHelp = "; https://INSTANCE/api/v1/repos/OWNER/NAME prints both: id and owner.id"

var (
	ownerID      = ci.NameKind{Noun: "owner", Form: id, Rule: `must be the number of the owner, such as "7"` + idHelp}
	repositoryID = ci.NameKind{
		Noun: "repository",
		Form: id,
		Rule: `must be the number of the repository, such as "12"` + idHelp,
	}
)

// likeIDs is a repository without ids that reads like one with ids.
var likeIDs = ci.NewExpression(`^(.+)-([1-9][0-9]*)/(.+)-([1-9][0-9]*)$`)

var issuerURL = ci.IssuerURL{System: "Forgejo", Help: "write the URL of the instance, which its administrators set " +
	"as ROOT_URL, without the slash at its end, such as https://git.example.com"}

// readURL reads the instance's URL and gives the issuer.
func readURL(v input.Value, problems *input.Problems) string {
	url := issuerURL.Read(v, problems)
	switch {
	case url == "":
		return ""
	case strings.HasSuffix(url, path):
		problems.Add(v, "is the issuer; "+issuerURL.Help, input.Got(v))
		return ""
	}
	return url + path
}

// Read understands the section forgejo.
func (f System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust(readURL(section.Field("url"), problems), section, account, problems, audience)
	words := pasted{}
	for _, v := range section.Field("repositories").List {
		if !v.Known {
			continue
		}
		r, read := readRepository(v, problems)
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
	t.Pipeline = func(role ci.Role) string { return words.workflow(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readRepository reads which repository an item names; read says that it could be read as a whole.
func readRepository(v input.Value, problems *input.Problems) (r repository, read bool) {
	named, owner, number := v.Field("repository"), v.Field("ownerId"), v.Field("repositoryId")
	r.owner, r.name, _ = strings.Cut(name.Read(named, problems), "/")
	r.ownerID, r.id = ownerID.Read(owner, problems), repositoryID.Read(number, problems)
	for _, pair := range [][2]input.Value{{owner, number}, {number, owner}} {
		if missing, given := pair[0], pair[1]; given.Present && !missing.Present {
			problems.Add(missing, "is missing, and the other id is there; write both, for a repository whose "+
				"subjects carry ids, or none"+idHelp)
			return r, false
		}
	}
	if ids := likeIDs.FindStringSubmatch(named.Text()); ids != nil && !owner.Present && r.name != "" {
		problems.Add(named, "reads like a subject with ids, which another repository may have. If it is one, write "+
			"the names and the ids apart: repository, ownerId and repositoryId. If these are the names, rename one "+
			"of them, or let the subjects carry ids", input.Got(named))
		return r, false
	}
	return r, r.name != "" && (r.ownerID != "") == owner.Present && (r.id != "") == number.Present
}

// readContexts reads which jobs of a repository are trusted.
func (System) readContexts(v input.Value, r repository, t *ci.Trust, problems *input.Problems) []workflow.Event {
	var contexts []workflow.Event
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		list := v.Field(kind.Word)
		names := ci.ReadRefs(list, kind, problems)
		for _, n := range names {
			contexts = append(contexts, workflow.Event{Kind: kind.Noun, Name: n})
		}
		t.Findings = append(t.Findings, ci.RefFindings(names, kind, anyRef, list.Path, r.String())...)
		if list.Present && kind == ci.Branches {
			t.Findings = append(t.Findings, ci.Finding{Rule: pullRequestTarget, Path: list.Path, Detail: r.String()})
		}
	}
	requests := v.Field("pullRequests")
	if requests.Bool() {
		contexts = append(contexts, workflow.Event{Kind: "pull_request"})
		t.Findings = append(t.Findings, ci.Finding{Rule: pullRequests, Path: requests.Path, Detail: r.String()})
	}
	if !v.Field("branches").Present && !v.Field("tags").Present && requests.Known && !requests.Bool() {
		problems.Add(v.Field("branches"), "is missing, and so are tags and pullRequests: true; give at least one of "+
			"them, to say which jobs of the repository are trusted")
	}
	return contexts
}

func (r repository) String() string {
	switch {
	case r.name == "":
		return "the repository"
	case r.ownerID == "":
		return r.owner + "/" + r.name
	}
	return fmt.Sprintf("%s/%s (owner %s, repository %s)", r.owner, r.name, r.ownerID, r.id)
}

// finding says how well the subject tells the repository from others.
func (r repository) finding(v input.Value, issuer string) ci.Finding {
	f := ci.Finding{Rule: lookalike, Path: v.Path, Detail: fmt.Sprintf("%s for %s/%s", r.path(), r.owner, r.name)}
	if r.ownerID == "" {
		f = ci.Finding{Rule: nameSubject, Path: v.Field("repository").Path, Detail: r.String()}
	}
	if ci.SameHost(issuer) == codeberg {
		f.Rule = openInstance
	}
	return f
}
