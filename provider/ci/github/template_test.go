package github

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// randomTemplate is a template with a value for each of its claims, as GitHub could write them, and the subject that
// these are of.
func randomTemplate(r *rand.Rand) (template, map[string]string, subject) {
	var template template
	values, of := map[string]string{}, randomSubject(r)
	for _, at := range r.Perm(len(templateClaims))[:1+r.IntN(5)] {
		claim := templateClaims[at].claim
		template = append(template, claim)
		values[claim] = citest.RandomText(r, environmentLetters, 20)
		switch claim {
		case "environment":
			if of.context.Kind == "environment" {
				values[claim] = of.context.Name.Text
			}
		case "repo":
			repository, _, _ := strings.Cut(of.String(), ":"+of.context.pattern())
			values[claim] = strings.TrimPrefix(repository, "repo:")
		case "context":
			values[claim] = of.context.pattern()
		}
	}
	return template, values, of
}

func TestASubjectOfAnyTemplateIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	made := forms{}
	for range 20000 {
		template, values, of := randomTemplate(r)
		sub := template.subject(func(claim string) string { return values[claim] })
		f := made.form(template, of.context.Kind, of.repository.ownerID != "", false)
		texts, ok := f.Parse(sub)
		if !ok {
			t.Fatalf("%q by %v is not read", sub, template)
		}
		for i, field := range f.Fields {
			if value, claim := values[field.Name]; claim && decode(texts[i]) != value {
				t.Fatalf("%q by %v: %s was read as %q, want %q", sub, template, field.Name, texts[i], value)
			}
		}
		got := f.subject(texts)
		if template.has("repo") && got.repository != of.repository {
			t.Fatalf("%q by %v: the repository was read as %v, want %v", sub, template, got.repository, of.repository)
		}
		if template.has("context") && !template.has("environment") && got.context != of.context {
			t.Fatalf("%q by %v: the context was read as %v, want %v", sub, template, got.context, of.context)
		}
		for _, other := range []string{sub + ":actor:mona", "actor:mona:" + sub} {
			if texts, ok := f.Parse(other); ok {
				t.Fatalf("%q was read as %q", other, texts)
			}
		}
	}
}

func FuzzGitHubTemplate(f *testing.F) {
	f.Add("repo context", "branch", false, "repo:o/r:ref:refs/heads/main")
	f.Add("repo environment job_workflow_ref", "", true,
		"repo:o@1/r@2:environment:a%3Ab:job_workflow_ref:o/r/.github/workflows/d.yml@refs/heads/main")
	f.Add("context repo", "tag", false, "ref:refs/tags/v1:repo:o/r")
	f.Add("context context", "pull_request", false, "pull_request:pull_request")
	f.Fuzz(func(t *testing.T, claims, kind string, ids bool, sub string) {
		template := template(strings.Fields(claims))
		if len(template) == 0 || slices.ContainsFunc(template, func(c string) bool {
			return !slices.ContainsFunc(templateClaims, func(known struct{ claim, word string }) bool {
				return known.claim == c
			})
		}) {
			return // readTemplate refuses it
		}
		form := template.form(kind, ids, false)
		if texts, ok := form.Parse(sub); ok && form.Build(texts...) != sub {
			t.Fatalf("%q by %v is built back as %q", sub, template, form.Build(texts...))
		}
		if strings.Count(sub, ":") < strings.Count(form.Template, ":") {
			if texts, ok := form.Parse(sub); ok {
				t.Fatalf("%q has less than %v and is read as %q", sub, template, texts)
			}
		}
	})
}

// Source:
// https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
// and, for the first, https://github.com/aws-actions/configure-aws-credentials/issues/746
func TestDocumentedSubjectsOfTemplatesGetInByGrantsForThemAlone(t *testing.T) {
	const monalisa, octoRepo = "monalisa@65/octo-repo@74", "octo-org@65/octo-repo@74"
	oidc := list{"octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main"}
	for _, c := range []struct {
		repository string
		words      object
		template   list
		sub        string
	}{
		{monalisa, object{
			"branches":  list{"main"},
			"workflows": list{"monalisa/octo-repo/.github/workflows/file.yml@refs/heads/main"},
		},
			list{"ref", "repo", "context", "job_workflow_ref", "repository_owner"},
			"ref:refs/heads/main:repo:monalisa/octo-repo:ref:refs/heads/main:" +
				"job_workflow_ref:monalisa/octo-repo/.github/workflows/file.yml@refs/heads/main:" +
				"repository_owner:monalisa"},
		{octoRepo, object{"environments": list{"prod"}, "workflows": oidc}, list{"job_workflow_ref"},
			"job_workflow_ref:" + oidc[0].(string)},
		{octoRepo, object{"environments": list{"prod"}, "workflows": oidc}, list{"repo", "context", "job_workflow_ref"},
			"repo:octo-org/octo-repo:environment:prod:job_workflow_ref:" + oidc[0].(string)},
		{octoRepo, object{"environments": list{"production:eastus"}}, list{"environment", "repository_owner"},
			"environment:production%3Aeastus:repository_owner:octo-org"},
		{octoRepo, object{"environments": list{"prod"}}, list{"repository_id"}, "repository_id:74"},
		{octoRepo, object{"environments": list{"prod"}}, list{"repository_owner_id"}, "repository_owner_id:65"},
		{octoRepo, object{"environments": list{"prod"}}, list{"repo"}, "repo:octo-org/octo-repo"},
		{monalisa, object{"environments": list{"prod"}}, list{"repository_owner"}, "repository_owner:monalisa"},
	} {
		words := maps.Clone(c.words)
		words["subjectClaims"] = c.template
		written := octo(c.repository, words)
		token := ci.With(octoToken, map[string]any{"sub": c.sub})
		if list, ok := c.words["workflows"].(list); ok {
			token["job_workflow_ref"] = list[0]
		}
		if environments, ok := c.words["environments"].(list); ok {
			token["environment"] = environments[0]
		}
		trusts := suite.MustRead(t, written, citest.InAWS)
		if !citest.Admitted(trusts, citest.InAWS, token) || !trusts[0].Admits(token) {
			t.Errorf("%v refuses %s: %s", c.template, c.sub, ci.Compile(trusts, citest.InAWS, nil).JSON())
		}
		for claim, value := range map[string]any{
			"repository_owner_id": "66",
			"aud":                 "x",
			"sub":                 "repo:octo-org/octo-repo:environment:prod2",
		} {
			if strange := ci.With(token, map[string]any{claim: value}); citest.Admitted(trusts, citest.InAWS,
				strange) || trusts[0].Admits(strange) {
				t.Errorf("%v admits %s with another %s", c.template, c.sub, claim)
			}
		}
		if !strings.Contains(c.sub, "environment") && c.words["environments"] != nil {
			for _, environment := range []any{"prod2", "", nil} {
				if strange := ci.With(token, map[string]any{"environment": environment}); citest.Admitted(trusts,
					citest.InAWS, strange) || trusts[0].Admits(strange) {
					t.Errorf("%v admits %s in environment %v", c.template, c.sub, environment)
				}
			}
		}
	}
}

func TestWhatATemplateLeavesOpenIsRefusedWithTheReason(t *testing.T) {
	const noContext, noEnvironment, behind = "has no context, which alone tells", "has neither context nor environment",
		"has something behind the name that ends in *"
	main, prod, requests := object{"branches": list{"main"}}, object{"environments": list{"prod"}},
		object{"pullRequests": true}
	for _, c := range []struct {
		section    object
		repository string
		account    ci.Account
		words      object
		template   list
		rule       string
	}{
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "repository_visibility", "context"},
			"[1]: is no claim whose value a word of this section says"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", "repo_property_team"},
			"[2]: is no claim whose value a word of this section says"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", "actor"}, "[2]: is no claim"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", "a:b"}, "[2]: is no claim"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", ""}, "[2]: is no claim"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "event_name"}, "[1]: is no claim"},
		{nil, acmeWeb, citest.InAWS, main, list{"repository", "context"}, "[0]: is called repo in a subject"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", "repo"}, "[2]: stands in the list twice"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo"}, ": " + noContext},
		{nil, acmeWeb, citest.InAWS, requests, list{"repo"}, ": " + noContext},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "ref"}, ": " + noContext},
		{nil, acmeWeb, citest.InAWS, object{"tags": list{"v1"}}, list{"repo", "ref"}, ": " + noContext},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "environment"}, ": has environment, so GitHub gives tokens"},
		{nil, acmeWeb, citest.InAWS, requests, list{"repo", "context", "environment"}, ": has environment, so GitHub"},
		{nil, acmeWeb, citest.InAWS, prod, list{"repo", "context", "ref"}, ": has ref, and which ref"},
		{nil, acmeWeb, citest.InAWS, requests, list{"repo", "context", "ref"}, ": has ref, and which ref"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", "job_workflow_ref"},
			": has job_workflow_ref, so the subject is known only where workflows says its value"},
		{nil, acmeWeb, citest.InAWS, main, list{"repo", "context", "actor_id"},
			": has actor_id, so the subject is known only where actors says its value"},
		{nil, "acme/web", citest.InAWS, main, list{"repo", "repository_id", "context"},
			": has repository_id, and the repository is written without its ids"},
		{nil, "acme/web", citest.InAWS, main, list{"repo", "repository_owner_id", "context"},
			": has repository_owner_id, and the repository is written without its ids"},
		{nil, "acme/web", citest.InAWS, main, list{"repository_owner", "context"},
			": has neither repo nor repository_id"},
		{nil, acmeWeb, citest.InChina, main, list{"repository_owner", "context"},
			": has neither repo nor repository_id"},
		{nil, acmeWeb, citest.InChina, main, list{"repository_owner_id", "context"},
			": has neither repo nor repository_id"},
		{server, "acme/web", citest.InAWS, main, list{"repository_owner", "context"},
			": has neither repo nor repository_id"},
		{nil, acmeWeb, citest.InChina, prod, list{"repo"}, ": " + noEnvironment},
		{server, "acme/web", citest.InAWS, prod, list{"repo"}, ": " + noEnvironment},
		{nil, acmeWeb, citest.InAWS, object{"environments": list{"a:b"}}, list{"repo"}, ": " + noEnvironment},
		{nil, acmeWeb, citest.InAWS, object{"environments": list{"*"}}, list{"repo"}, ": " + noEnvironment},
		{nil, acmeWeb, citest.InAWS, object{"branches": list{"release/*"}}, list{"repo", "context", "repository_owner"},
			": " + behind},
		{nil, acmeWeb, citest.InAWS, object{"branches": list{"release/*"}}, list{"context", "repo"}, ": " + behind},
		{nil, acmeWeb, citest.InAWS, object{"tags": list{"*"}}, list{"ref", "repo", "context"}, ": " + behind},
		{nil, acmeWeb, citest.InAWS, object{"environments": list{"a*"}}, list{"repo", "environment", "context"},
			": " + behind}, {nil, acmeWeb, citest.InAWS, object{"environments": list{"a*"}},
			list{"environment", "repo"}, ": " + behind},
		{server, "acme/web", citest.InAWS, prod, list{"environment", "repo"},
			": has something behind the environment's name"},
		{server, "acme/web", citest.InAWS, prod, list{"repo", "context", "repository_owner"},
			": has something behind the environment's name"},
	} {
		words := maps.Clone(c.words)
		words["subjectClaims"] = c.template
		written := at(c.section, c.repository, words)
		written["acceptRisks"] = suite.AllRisks()
		trusts, lines := suite.Read(written, c.account)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].subjectClaims"+c.rule) {
			t.Errorf("%v %v in %q:\n got %q\nwant %q", c.words, c.template, c.account.Partition, lines, c.rule)
		}
		if len(trusts[0].Grants) > 0 {
			t.Errorf("%v: %v", c.template, trusts[0].Grants[0].Claims)
		}
	}
}

// A run of pull_request_target, and that of a closed pull request, has the base branch as its ref. By the key ref it
// would get in where the subject says no event.
func TestAPullRequestDoesNotGetInByTheBranchThatItIsMeantFor(t *testing.T) {
	for _, template := range []list{nil, {"repo", "repository_owner", "context"}, {"ref", "repo", "context"},
		{"repository_owner_id", "context"}} {
		words := object{"branches": list{"main"}}
		if template != nil {
			words["subjectClaims"] = template
		}
		trusts := suite.MustRead(t, github(acmeWeb, words), citest.InAWS)
		for _, event := range []string{"pull_request", "push"} {
			job := webJob()
			job.Event = event
			for _, claim := range template {
				job.SubjectClaims = append(job.SubjectClaims, claim.(string))
			}
			if claims := job.Claims(); citest.Admitted(trusts, citest.InAWS, claims) != (event == "push") ||
				trusts[0].Admits(claims) != (event == "push") {
				t.Errorf("%v: %s with %v", template, event, claims["sub"])
			}
		}
	}
}

// With the template [repo, ref] the subject says the base branch, whatever the event. Nothing in the token that AWS
// tests tells such a run from a push, so the finding names the template.
func TestAPullRequestTargetRunWithTheTemplateOfRepoAndRefLooksLikeAPushToMainAndTheFindingNamesTheTemplate(
	t *testing.T,
) {
	trusts := suite.MustRead(t, github(acmeWeb, object{"branches": list{"main"}}), citest.InAWS)
	for _, event := range []string{"pull_request_target", "pull_request"} {
		// the second closed, whose ref is the base branch too
		job := webJob()
		job.Event, job.SubjectClaims = event, []string{"repo", "ref"}
		if claims := job.Claims(); !citest.Admitted(trusts, citest.InAWS, claims) {
			t.Errorf("%s with %v is refused: the finding says otherwise", event, claims["sub"])
		}
	}
	for _, text := range []string{"With the subject template [repo, ref] it does", "closed pull request"} {
		if !strings.Contains(pullRequestTarget.Summary, text) {
			t.Errorf("the finding does not say %q", text)
		}
	}
	if !slices.Contains(citest.FindingIDs(trusts), pullRequestTarget.ID) {
		t.Error("a trusted branch has no such finding")
	}
}

func TestGitHubsOwnTemplateWrittenOutIsTheDefault(t *testing.T) {
	words := object{"branches": list{"main", "release/*"}, "environments": list{"a:b"}, "pullRequests": true}
	plain := ci.Compile(suite.MustRead(t, github(acmeWeb, words), citest.InAWS), citest.InAWS, nil).JSON()
	words["subjectClaims"] = list{"repo", "context"}
	if written := ci.Compile(suite.MustRead(t, github(acmeWeb, words), citest.InAWS), citest.InAWS, nil).
		JSON(); written != plain {
		t.Errorf("%s\n%s", written, plain)
	}
}

func TestWithIDsTheRepositoryHasThemInACustomisedSubjectToo(t *testing.T) {
	words := object{"branches": list{"main"}, "subjectClaims": list{"repository_owner", "repo", "context"}}
	for _, c := range []struct {
		account  ci.Account
		subjects []string
	}{
		{citest.InAWS, []string{"repository_owner:acme:repo:acme@1234567/web@89012345:ref:refs/heads/main",
			"repository_owner:acme:repo:acme/web:ref:refs/heads/main"}},
		{citest.InChina, []string{"repository_owner:acme:repo:acme@1234567/web@89012345:ref:refs/heads/main"}},
	} {
		citest.SameStrings(t, "subjects",
			suite.MustRead(t, github(acmeWeb, words), c.account)[0].Grants[0].Claims["sub"], c.subjects)
	}
	words["subjectClaims"] = list{"repo", "repository_id", "context"}
	citest.SameStrings(t, "subjects pinned by the id in them",
		suite.MustRead(t, github(acmeWeb, words), citest.InChina)[0].Grants[0].Claims["sub"], []string{
			"repo:acme@1234567/web@89012345:repository_id:89012345:ref:refs/heads/main",
			"repo:acme/web:repository_id:89012345:ref:refs/heads/main",
		})
}

func TestAnotherTemplateThanTheRepositorysDoesNotGetIn(t *testing.T) {
	words := object{
		"branches":      list{"main"},
		"environments":  list{"prod"},
		"workflows":     list{acmeDeploy},
		"subjectClaims": list{"repo", "context", "job_workflow_ref"},
	}
	trusts := suite.MustRead(t, github(acmeWeb, words), citest.InAWS)
	policy := ci.Compile(trusts, citest.InAWS, nil)
	for _, sub := range []string{
		"repo:acme/web:ref:refs/heads/main", "repo:acme/web:environment:prod",
		"repo:acme/web:job_workflow_ref:" + acmeDeploy, "job_workflow_ref:" + acmeDeploy,
		"repo:acme/web:pull_request:job_workflow_ref:" + acmeDeploy,
		"repo:acme/web:ref:refs/heads/evil:ref:refs/heads/main:job_workflow_ref:" + acmeDeploy,
		"repo:acme/web:environment:x:ref:refs/heads/main:job_workflow_ref:" + acmeDeploy,
		"repo:acme/web:ref:refs/heads/main:job_workflow_ref:" + acmeDeploy + ":actor:mona",
		"repo:acme/web:environment:prod%3Ajob_workflow_ref%3A" + acmeDeploy,
		"repo:acme/web:ref:refs/heads/main:job_workflow_ref:" + acmeDeploy + "x",
		"job_workflow_ref:" + acmeDeploy + ":repo:acme/web:ref:refs/heads/main",
		"repo:mallory/web:ref:refs/heads/main:job_workflow_ref:" + acmeDeploy,
	} {
		claims := ci.With(webJob().Claims(), map[string]any{"sub": sub, "environment": "prod"})
		if r := trusts[0].Request(claims, citest.InAWS); policy.Decide(&r) == trust.Allowed ||
			trusts[0].Admits(claims) {
			t.Errorf("%s gets in", sub)
		}
	}
	job := webJob()
	job.SubjectClaims = []string{"repo", "context", "job_workflow_ref"}
	if claims := job.Claims(); !citest.Admitted(trusts, citest.InAWS, claims) {
		t.Errorf("%v is refused", claims["sub"])
	}
	for _, environment := range []string{"prod:job_workflow_ref:" + acmeDeploy, "x:ref:refs/heads/main"} {
		job.Environment, job.Workflow = environment, ""
		if claims := job.Claims(); citest.Admitted(trusts, citest.InAWS, claims) {
			t.Error(fmt.Sprint(claims["sub"]) + " is admitted")
		}
	}
}

func TestATemplatesProblemDoesNotShowASecretBranch(t *testing.T) {
	_, lines := suite.Read(github(acmeWeb,
		object{"branches": list{citest.Secret("hidden")}, "subjectClaims": list{"repo"}}), citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "has no context") || strings.Contains(lines[0], "hidden") {
		t.Errorf("problems: %q", lines)
	}
}
