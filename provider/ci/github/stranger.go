package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A repository can have any subject that a template of its owner's choice makes: a sequence of claims, each as
// claim:value, in which a ":" of the value is written %3A, and the context, which has no word of its own. Only those
// claims that name the repository or its owner are not theirs to choose.
//
// Source: https://docs.github.com/en/actions/reference/security/oidc#customizing-the-token-claims

// chosen are the claims that a job of any repository can have with nearly any value: branches, environments, workflows
// and properties are made by its owner, whoever may read a reusable workflow may call it, and who comments on a
// stranger's issue is the actor of the run that this starts.
// Source: claims_supported in https://token.actions.githubusercontent.com/.well-known/openid-configuration
var chosen = []string{
	"actor", "actor_id", "aud", "base_ref", "check_run_id", "environment", "environment_node_id", "event_name",
	"head_ref", "iss", "issuer_scope", "job_workflow_ref", "job_workflow_sha", "jti", "ref", "ref_protected",
	"ref_type", "repo_property_[A-Za-z0-9_]+", "repository_visibility", "run_attempt", "run_id", "run_number",
	"runner_environment", "sha", "workflow", "workflow_sha",
}

// given are the claims that name the repository or its owner.
var given = []string{
	"enterprise", "enterprise_id", "repo", "repository", "repository_id", "repository_owner", "repository_owner_id",
	"workflow_ref",
}

// The names and ids of a stranger, such as nobody trusts.
const (
	stranger   = "mallory-the-stranger"
	strangerID = "66600066600"
)

// strangers is a claim, with its value, of a stranger's subject, as a regular expression.
var strangers = "(?:" + strings.Join([]string{
	oneOf(chosen), pullRequest,
	"(?:enterprise|repository_owner):" + stranger,
	"(?:enterprise|repository|repository_owner)_id:" + strangerID,
	"repo:" + stranger + "(?:@" + strangerID + ")?/" + repositoryTexts + "(?:@" + strangerID + ")?",
	"repository:" + stranger + "/" + repositoryTexts,
	"workflow_ref:" + stranger + "/[^:]*",
}, "|") + ")"

// oneOf is one of some claims with any value, as a regular expression. A ref is always written in full.
func oneOf(claims []string) string {
	text := "(?:" + strings.Join(slices.DeleteFunc(slices.Clone(claims), func(claim string) bool {
		return claim == "ref"
	}), "|") + "):[^:]*"
	if slices.Contains(claims, "ref") {
		text += "|ref:" + refTexts
	}
	return text
}

const refTexts = `refs/[^:]*`

// anyBut is any part of a subject but some.
func anyBut(parts ...string) string {
	part := oneOf(slices.DeleteFunc(slices.Concat(chosen, given), func(claim string) bool {
		return slices.Contains(parts, claim)
	}))
	if !slices.Contains(parts, pullRequest) {
		part += "|" + pullRequest
	}
	return "(?:" + part + ")"
}

// A question is a form of subjects, and what an audit asks of those that have it.
type question struct {
	*ci.Form
	// about is the kind of job: that of a context, merges for the merge queue's branches, and nothing where the subject
	// says nothing of it. owners is none of them: it asks whose the repository is.
	about string
	// standard says that GitHub's own template makes the form.
	standard bool
}

// What forms are about, beside the kinds of contexts.
const (
	merges  = "merges"
	nothing = "nothing"
	owners  = "owners"
)

// standardQuestions are about the subjects of GitHub's own template. A GitHub Enterprise Server has none with ids, and
// before version 3.19 it leaves a ":" in the name of an environment as it is.
func standardQuestions(server bool) []question {
	var questions []question
	for _, ids := range []bool{false, true} {
		repo, fields := "repo:{owner}/{repository}", []ci.Field{owner, name}
		if ids {
			repo, fields = "repo:{owner}@{owner id}/{repository}@{repository id}",
				[]ci.Field{owner, ownerID, name, repositoryID}
		}
		if ids && server {
			continue
		}
		for _, k := range kinds {
			further := slices.Clone(k.fields)
			if server && k.kind == "environment" {
				further[0].Texts = `(?s:.+)`
			}
			questions = append(questions, question{
				ci.NewForm(repo+":"+k.text, slices.Concat(fields, further)...), k.kind, true,
			})
		}
		queue := branch
		queue.Texts, queue.Sample, queue.Other = queueBranches+`[^:]*`, queueBranches+"main/pr-1-0",
			queueBranches+"main/pr-1-0"
		questions = append(questions, question{
			ci.NewForm(repo+":ref:"+ci.Branches.Namespace+"{branch}", slices.Concat(fields, []ci.Field{queue})...),
			merges, true,
		})
	}
	return questions
}

// filler is a field that decides nothing of what its form is about.
func filler(name, texts string) ci.Field {
	return ci.Field{Name: name, Texts: texts, Decides: ci.Nothing}
}

// The ids behind the names in a subject that may have none.
var (
	ownerIDIfAny = ci.Field{
		Name: ownerID.Name, Texts: "(?:@" + idTexts + ")?", Other: "@666", Decides: ci.Tenant,
	}
	repositoryIDIfAny = ci.Field{
		Name: repositoryID.Name, Texts: "(?:@" + idTexts + ")?", Other: "@667", Decides: ci.Project,
	}
)

// customQuestions are about the subjects of templates that the repository's owner has chosen: by whether the repository
// comes first, as it nearly always does, and by the first part that says what kind of job it is. A subject has its ref
// twice where the template has context and ref.
func customQuestions(server bool) []question {
	repo, named := "repo:{owner}{owner id}/{repository}{repository id}",
		[]ci.Field{owner, ownerIDIfAny, name, repositoryIDIfAny}
	if server {
		repo, named = "repo:{owner}/{repository}", []ci.Field{owner, name}
	}
	ref := func(name string) ci.Field {
		return ci.Field{
			Name: name, Texts: refTexts, Sample: "refs/heads/main", Other: "refs/heads/mallory", Decides: ci.RefOf,
			Key: "ref",
		}
	}
	// up to the first part that says what kind of job it is
	before := anyBut("environment", pullRequest, "ref")
	first := anyBut("environment", pullRequest, "ref", "repo")
	parts := []struct {
		about, text string
		fields      []ci.Field
		behind      string
	}{
		{
			"environment", "environment:{environment}",
			[]ci.Field{{Name: environment.Name, Texts: `[^:]*`, Sample: "production", Decides: ci.Event}}, anyBut(),
		},
		{pullRequest, pullRequest, nil, anyBut()},
		{"ref", "ref:{ref}", []ci.Field{ref("ref")}, anyBut("ref")},
		{
			"ref", "ref:{ref}{between}:ref:{ref again}",
			[]ci.Field{ref("ref"), filler("between", "(?::"+anyBut("ref")+")*"), ref("ref again")}, anyBut("ref"),
		},
	}
	var questions []question
	for _, p := range parts {
		around := func(texts string) []ci.Field {
			return slices.Concat([]ci.Field{filler("before", texts)}, p.fields,
				[]ci.Field{filler("behind", "(?::"+p.behind+")*")})
		}
		questions = append(questions,
			question{
				ci.NewForm(repo+"{before}:"+p.text+"{behind}",
					slices.Concat(named, around("(?::"+before+")*"))...),
				p.about, false,
			},
			question{
				ci.NewForm("{before}"+p.text+"{behind}", around("(?:"+first+":(?:"+before+":)*)?")...), p.about, false,
			})
	}
	return append(questions,
		question{
			ci.NewForm(repo+"{behind}", slices.Concat(named,
				[]ci.Field{filler("behind", "(?::"+before+")*")})...),
			nothing, false,
		},
		question{
			ci.NewForm("{claims}", filler("claims", first+"(?::"+before+")*")), nothing, false,
		})
}

// ownerQuestions ask whether strangers get in by templates of their own: by what every repository can have, and by a
// name or an id that only begins like the one that is meant.
func ownerQuestions() []question {
	around := func(fields ...ci.Field) []ci.Field {
		return slices.Concat([]ci.Field{filler("before", "(?:"+strangers+":)*")}, fields,
			[]ci.Field{filler("behind", "(?::"+strangers+")*")})
	}
	return []question{
		{ci.NewForm("{claims}", filler("claims", strangers+"(?::"+strangers+")*")), owners, false},
		{
			ci.NewForm("{before}{claim}:{owner}{behind}", around(
				ci.Field{Name: "claim", Decides: ci.Nothing, Choices: []string{
					"enterprise", "enterprise_id", "repository_id", "repository_owner", "repository_owner_id",
				}},
				ci.Field{Name: owner.Name, Texts: `[^:]+`, Sample: "acme", Decides: ci.Tenant},
			)...), owners, false,
		},
		{
			ci.NewForm("{before}{claim}:{owner}{owner id}/{path}{behind}", around(
				ci.Field{Name: "claim", Choices: []string{"repo", "repository", "workflow_ref"}, Decides: ci.Nothing},
				owner, ownerIDIfAny,
				ci.Field{
					Name: "path", Texts: repositoryTexts + `(?:@` + idTexts + `|/\.github/[^:]*)?`, Sample: "web",
					Decides: ci.Project,
				},
			)...), owners, false,
		},
	}
}

// questions are those about each form that an audit meets, in the order in which it does.
type questions []question

// bounded bounds what values an audit reads by the larger forms: no policy that is meant seriously has so many
// wildcards in one value, and of one that has the audit says that it is not judged.
func bounded(asked []question) []question {
	for _, q := range asked {
		q.MostWildcards = 16
	}
	return asked
}

// What is asked of the issuers of GitHub's own cloud, and of those of a GitHub Enterprise Server, which no stranger has
// tokens of.
var (
	cloudQuestions = questions(slices.Concat(standardQuestions(false), bounded(customQuestions(false)),
		bounded(ownerQuestions())))
	serverQuestions = questions(slices.Concat(standardQuestions(true), bounded(customQuestions(true))))
)

// forms are the forms of an issuer's subjects: of one that many owners share, and of others, of which no stranger has
// tokens.
func (q questions) forms(shared bool) []*ci.Form {
	var forms []*ci.Form
	for _, asked := range q {
		if shared || asked.about != owners {
			forms = append(forms, asked.Form)
		}
	}
	return forms
}

// of is the question about a form.
func (q questions) of(form *ci.Form) question {
	for _, asked := range q {
		if asked.Form == form {
			return asked
		}
	}
	return question{}
}
