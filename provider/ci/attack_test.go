package ci

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// matrix are trusts of every shape: each word alone and together, with and without ids, several repositories whose names
// begin alike, several audiences, one system and both.
func matrix() []object {
	var all []object
	words := []object{
		{"branches": list{"main"}}, {"branches": list{"release/*"}}, {"branches": list{"*"}}, {"branches": list{"ma*", "main", "m"}},
		{"tags": list{"v1.0"}}, {"tags": list{"v*"}}, {"tags": list{"*"}}, {"pullRequests": true},
		{"environments": list{"prod"}}, {"environments": list{"a:b", "a"}}, {"environments": list{"prod*"}}, {"environments": list{"a:*"}}, {"environments": list{"*"}},
		{"branches": list{"main", "v1"}, "tags": list{"main"}, "environments": list{"main"}, "pullRequests": true},
		{"branches": list{"pull_request"}, "environments": list{"pull_request"}},
	}
	for _, w := range words {
		all = append(all, github(acmeWeb, w), github("acme/web", w))
	}
	item := func(repository string, w object) object {
		w = maps.Clone(w)
		w["repository"] = repository
		return w
	}
	all = append(all,
		object{"github": object{"repositories": list{item(acmeWeb, words[0]), item("acme@1234567/web2@4", words[1]), item("acme@1234567/we@5", words[8])}}},
		object{"github": object{"repositories": list{item(acmeWeb, words[0]), item("acme2@12345678/web@4", words[0]), item("acme2/web", words[4])}}},
		object{"github": object{"repositories": list{item(acmeWeb, words[0]), item("mallory@666/web@667", words[0])}}},
		object{"github": object{"repositories": list{item(acmeWeb, words[13])}, "audiences": list{"sts.amazonaws.com", "sts.amazonaws.com.evil.example", "x"}}},
	)
	all = append(all, hcpTerraformMatrix()...)
	all = append(all, githubMatrix()...)
	all = append(all, circleciServerMatrix()...)
	projects := []object{
		{"id": project}, {"id": project, "vcsOrigin": origin}, {"id": project, "vcsOrigin": origin, "branches": list{"main"}},
		{"id": project, "vcsOrigin": origin, "branches": list{"release/*", "m"}, "tags": list{"v*"}}, {"id": project, "vcsOrigin": origin, "branches": list{"*"}},
		{"id": otherProject, "vcsOrigin": "github.com/acme/web2", "branches": list{"main"}}, {"id": otherProject, "vcsOrigin": "github.com/acme/we", "tags": list{"*"}},
	}
	for i, p := range projects {
		all = append(all, object{"circleci": object{"organizationId": organization, "projects": list{p}}},
			object{"circleci": object{"organizationId": organization, "projects": list{p, projects[(i+3)%len(projects)]}, "audiences": list{organization, "x"}}})
	}
	both := maps.Clone(all[0])
	both["circleci"] = all[len(all)-1]["circleci"]
	all = append(all, buildkiteMatrix()...)
	gitlab := gitlabMatrix()
	both["gitlab"] = gitlab[0]["gitlab"]
	all = append(all, gitlab...)
	return append(all, both)
}

// mintable reports whether the issuer could put the subject into a token. A context never ends in nothing, and the user
// of CircleCI is a UUID.
func mintable(section, sub string) bool {
	switch section {
	case "circleci":
		_, ok := parseCircleCISubject(sub)
		return ok
	case "hcpTerraform":
		_, ok := parseHCPTerraformSubject(sub)
		return ok
	}
	if section == "buildkite" {
		_, ok := parseBuildkiteSubject(sub)
		return ok
	}
	if section == "gitlab" {
		_, ok := parseGitLabSubject(sub)
		return ok
	}
	return !strings.HasSuffix(sub, ":environment:") && !strings.Contains(sub, ":environment::") &&
		!strings.HasSuffix(sub, ":ref:"+branches.namespace) && !strings.HasSuffix(sub, ":ref:"+tags.namespace) &&
		!strings.Contains(sub, ":ref:"+branches.namespace+":") && !strings.Contains(sub, ":ref:"+tags.namespace+":")
}

// judge compares the grants with the policy for one token, and returns what they agree on.
func judge(t *testing.T, written object, policy *trust.Policy, tr *Trust, account Account, name string, claims map[string]any) bool {
	t.Helper()
	request := tr.request(claims, account)
	byPolicy, byGrants := policy.Decide(&request) == trust.Allowed, tr.admits(claims)
	if byPolicy == byGrants {
		return byGrants
	}
	if mintable(tr.Section, textOf(claims["sub"])) {
		t.Errorf("%v in %s: the policy says %v and the grants %v to %s: %v\n%s", written, account.Partition, byPolicy, byGrants, name, claims, policy.JSON())
	}
	return byPolicy
}

func TestTheGrantsAndTheCompiledPolicyAgreeOnEveryTokenMadeUp(t *testing.T) {
	for _, written := range matrix() {
		for _, account := range accounts(t, written, inAWS, inChina, inGov, Account{}) {
			trusts := mustRead(t, written, account)
			policy := Compile(trusts, account, nil)
			for i := range trusts {
				for _, other := range trusts {
					for _, g := range other.Grants {
						for _, token := range g.Tokens() {
							if judge(t, written, policy, &trusts[i], account, token.Name, token.Claims) != token.Admit && token.Admit && other.Section == trusts[i].Section {
								t.Errorf("%v: %s must get in by %s", written, token.Name, g.Sentence)
							}
						}
					}
				}
			}
		}
	}
}

// mutation changes a token a little, or takes something from another one.
func mutation(r *rand.Rand, claims, other map[string]any) map[string]any {
	const letters = "aez09AZ/:@*?-_.%{}$ é"
	sub, strange := []rune(textOf(claims["sub"])), []rune(textOf(other["sub"]))
	at := func(text []rune) int { return r.IntN(len(text) + 1) }
	letter := func() rune { return []rune(letters)[r.IntN(len([]rune(letters)))] }
	for range 1 + r.IntN(3) {
		i := at(sub)
		switch r.IntN(10) {
		case 0:
			sub = slices.Insert(sub, i, letter())
		case 1:
			if i < len(sub) {
				sub = slices.Delete(sub, i, i+1)
			}
		case 2:
			if i < len(sub) {
				sub[i] = letter()
			}
		case 3:
			sub = []rune(swapCase(string(sub)))
		case 4:
			if i < len(sub) {
				sub = append(sub[:i:i], []rune(swapCase(string(sub[i:i+1])))...)
			}
		case 5: // the beginning of one and the end of the other
			sub = append(sub[:i:i], strange[at(strange):]...)
		case 6: // one inside the other
			sub = slices.Concat(sub[:i], strange, sub[i:])
		case 7:
			sub = segments(r, string(sub), string(strange))
		case 8:
			sub = append(sub, []rune([]string{":", "/", "x", ":environment:prod", "/vcs-ref/refs/heads/main", "*", ":job_workflow_ref:x"}[r.IntN(7)])...)
		default:
			sub = strange
		}
	}
	changed := with(claims, map[string]any{"sub": string(sub)})
	for _, claim := range []string{"aud", "repository_owner_id", "repository_id", "job_workflow_ref", "actor_id", "environment", circleciClaim, gitlabClaim} {
		if r.IntN(8) == 0 {
			changed = with(changed, map[string]any{claim: other[claim]})
		}
	}
	return changed
}

// segments replaces, drops or doubles one segment of a subject, or takes one of another subject.
func segments(r *rand.Rand, sub, strange string) []rune {
	separator := []string{":", "/", "@"}[r.IntN(3)]
	parts, others := strings.Split(sub, separator), strings.Split(strange, separator)
	i := r.IntN(len(parts))
	switch r.IntN(3) {
	case 0:
		parts[i] = others[r.IntN(len(others))]
	case 1:
		parts = slices.Delete(parts, i, i+1)
	default:
		parts = slices.Insert(parts, i, others[r.IntN(len(others))])
	}
	return []rune(strings.Join(parts, separator))
}

func TestNoMutatedTokenGetsInByThePolicyThatTheGrantsRefuse(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	tried, in := 0, 0
	for _, written := range matrix() {
		for _, account := range accounts(t, written, inAWS, inGov) {
			trusts := mustRead(t, written, account)
			policy := Compile(trusts, account, nil)
			for i := range trusts {
				var pool []Token
				for _, g := range trusts[i].Grants {
					pool = append(pool, g.Tokens()...)
				}
				for range rounds / len(trusts) {
					token, other := pool[r.IntN(len(pool))], pool[r.IntN(len(pool))]
					if r.IntN(2) == 0 {
						token = pool[0]
					}
					claims := mutation(r, token.Claims, other.Claims)
					tried++
					if judge(t, written, policy, &trusts[i], account, "a mutation of "+token.Name, claims) {
						in++
					}
				}
			}
		}
	}
	if in < tried/200 || in > tried/2 {
		t.Errorf("of %d tokens %d get in: too few or too many for the comparison to mean something", tried, in)
	}
}

// ours are the near misses that a trust with one grant admits all the same, each with its reason: "form phrase: token".
var ours = []struct{ form, reason string }{
	{`with ids .*: the repository's name, taken again after a deletion`, "the subject without ids shows no repository id; the owner is the same"},
	{`without ids .*: the repository's name, taken again after a deletion`, "names alone are trusted: finding github-classic-subject"},
	{`without ids .*: the owner's name, registered again by somebody else`, "names alone are trusted: finding github-classic-subject"},
	{`without ids .*: another owner's repository of the same names, .*`, "names alone are trusted: finding github-classic-subject"},
	{`.* on all branches that begin with ma .*: another branch`, "mallory/patch-1 begins with ma"},
	{`.* on any branch: another branch`, "every branch is trusted: finding any-ref"},
	{`.* on any tag: a tag`, "every tag is trusted: finding any-ref"},
	{`.* in any environment: an environment of one's own`, "every environment is trusted: finding github-environment-wildcard"},
	{`.* in any environment: a customised subject with environment:x before .*`, "the job is in environment x, and every environment is trusted"},
	{`.* on pull requests.*: a pull request`, "pull requests are trusted: finding github-pull-requests"},
	{`by id alone .*: the repository's name in another letter case`, "the id says which repository it is, whatever its name"},
	{`(by id alone|with the id in sub) .*: another owner's repository of the same names, .*`, "it has the repository's id, which no two repositories have"},
	{`circleci on any branch: a branch of the repository crafted .*`, "every branch of the origin is trusted: finding circleci-any-ref"},
	{`circleci on any branch or tag: (another branch|a tag|a branch of the repository crafted .*)`, "every ref is trusted: finding circleci-any-ref"},
	{`circleci without origin on any branch or tag: (a fork's build|a repository whose name is longer|another branch|a tag|a branch .*crafted .*)`,
		"every build of the project is trusted: finding circleci-any-ref"},
	{`buildkite on any branch( or tag)?: (a pull request of a fork, .*|a branch (that ends|called) like .*|a step's key that ends like .*, on another branch)`,
		"every branch is trusted: finding buildkite-any-ref"},
	{`buildkite on any branch or tag: (another branch|a tag)`, "every ref is trusted: finding buildkite-any-ref"},
	{`buildkite on all branches that begin with ma .*: a pull request of a fork, .*`, "mallory:masample/1 begins with ma, as the description of branches warns"},
	{`gitlab by path alone .*: the project's path, taken by another project`, "the path alone is trusted: finding gitlab-path-subject"},
	{`gitlab .* on all branches that begin with ma .*: another branch.*`, "mallory/patch-1 begins with ma"},
	{`gitlab .* on any branch: another branch.*`, "every branch is trusted: finding gitlab-any-ref"},
	{`gitlab .* on any tag: a tag.*`, "every tag is trusted: finding gitlab-any-ref"},
}

func TestEveryNearMissIsRefusedByATrustWithThatGrantAloneOrForAReason(t *testing.T) {
	used := map[int]bool{}
	for _, written := range matrix()[:len(matrix())-1] {
		if strings.Contains(fmt.Sprint(written), "mallory") || strings.Contains(fmt.Sprint(written), "evil") {
			continue // these trust the strangers that the near misses are made of
		}
		for _, account := range accounts(t, written, inAWS, inChina) {
			for _, tr := range mustRead(t, written, account) {
				for _, g := range tr.Grants {
					alone := tr
					alone.Grants = []Grant{g}
					for _, token := range g.Tokens() {
						in := admitted([]Trust{alone}, account, token.Claims)
						if token.Admit && !in {
							t.Errorf("%s: %s must get in", g.Sentence, token.Name)
						}
						if token.Admit || !in {
							continue
						}
						text := g.form() + ": " + token.Name
						i := slices.IndexFunc(ours, func(o struct{ form, reason string }) bool {
							return regexp.MustCompile("^" + o.form + "$").MatchString(text)
						})
						if used[i] = true; i < 0 {
							t.Errorf("%s gets in", text)
						}
					}
				}
			}
		}
	}
	for i, o := range ours {
		if !used[i] {
			t.Errorf("%s never gets in; the exception is not needed", o.form)
		}
	}
}

// form is the grant's phrase behind how its repository or project is named.
func (g Grant) form() string {
	_, phrase, _ := strings.Cut(g.Sentence, " on ")
	phrase = "on " + phrase
	if before, environment, found := strings.Cut(g.Sentence, " in "); found && !strings.Contains(before, " on ") {
		phrase = "in " + environment
	}
	switch subs := strings.Join(g.Claims["sub"], " "); {
	case strings.HasPrefix(g.Sentence, "CircleCI: project "):
		return "circleci without origin " + phrase
	case strings.HasPrefix(g.Sentence, "Buildkite"):
		return "buildkite " + phrase
	case strings.HasPrefix(g.Sentence, "CircleCI"):
		return "circleci " + phrase
	case strings.HasPrefix(g.Sentence, "GitLab") && g.Claims[gitlabClaim] == nil && strings.Contains(subs, "project_path:"):
		return "gitlab by path alone " + phrase
	case strings.HasPrefix(g.Sentence, "GitLab"):
		return "gitlab by id " + phrase
	case strings.HasPrefix(g.Sentence, "GitHub"):
		return githubIdentity(g.Claims, subs) + phrase
	}
	return "without ids " + phrase
}
