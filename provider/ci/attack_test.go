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

// systemTests is what the tests that go over all systems know of one. The test file of each system registers it.
type systemTests struct {
	matrix   []object              // trusts of every shape: each word alone and together
	mintable func(sub string) bool // whether the issuer could write the subject; nil where the subject's forms tell
	ours     []exception           // near misses that a trust with one grant admits all the same
	phrase   func(g Grant) string  // how ours names a grant; nil for its sentence
	harmless map[string]string     // mistakes in a policy that change nothing for any token of the issuer, each with its reason
}

// An exception is a near miss that gets in, "phrase: token", with the reason.
type exception struct{ form, reason string }

var tested = map[string]systemTests{}

func testsOf(section string, s systemTests) bool {
	tested[section] = s
	return true
}

func TestEverySystemIsInTheTestsThatGoOverAllSystems(t *testing.T) {
	for _, s := range Systems() {
		if len(tested[s.Section()].matrix) == 0 {
			t.Errorf("no test file registers trusts of %s with testsOf", s.Section())
		}
	}
}

// matrix are the trusts of all systems, and one of several systems at the end.
func matrix() []object {
	var all []object
	several := object{}
	for _, section := range slices.Sorted(maps.Keys(tested)) {
		trusts := tested[section].matrix
		all = append(all, trusts...)
		if slices.Contains([]string{"github", "circleci", "gitlab"}, section) {
			maps.Copy(several, trusts[0])
		}
	}
	return append(all, several)
}

// mintable reports whether the issuer could put the subject into a token.
func mintable(section, sub string) bool {
	if known := tested[section].mintable; known != nil {
		return known(sub)
	}
	return slices.ContainsFunc(subjectForms, func(f *form) bool {
		_, ok := f.parse(sub)
		return ok && f.section == section
	})
}

// judge compares the grants with the policy for one token, and returns what they agree on.
func judge(t *testing.T, written object, policy *trust.Policy, tr *Trust, account Account, name string, claims map[string]any) bool {
	t.Helper()
	request := tr.request(claims, account)
	byPolicy, byGrants := policy.Decide(&request) == trust.Allowed, tr.Admits(claims)
	if byPolicy == byGrants {
		return byGrants
	}
	if mintable(tr.Section, textOf(claims["sub"])) {
		t.Errorf("%v in %s: the policy says %v and the grants %v to %s: %v\n%s", written, account.Partition, byPolicy, byGrants, name, claims, policy.JSON())
	}
	return byPolicy
}

func TestTheGrantsAndTheCompiledPolicyAgreeOnEveryTokenMadeUp(t *testing.T) {
	t.Parallel()
	for _, written := range matrix() {
		for _, account := range accounts(t, written, inAWS, inChina, inGov, Account{}) {
			trusts := mustRead(t, written, account)
			policy := Compile(trusts, account, nil)
			for i := range trusts {
				for _, g := range trusts[i].Grants {
					for _, token := range g.Tokens() {
						for k := range trusts {
							if !judge(t, written, policy, &trusts[k], account, token.Name, token.Claims) && token.Admit && i == k {
								t.Errorf("%v: %s must get in by %s", written, token.Name, g.Sentence)
							}
						}
					}
				}
			}
		}
	}
}

// mutationLetters are put into subjects.
var mutationLetters = []rune("aez09AZ/:@*?-_.%{}$ é")

// mutation changes a token a little, or takes something from another one.
func mutation(r *rand.Rand, claims, other map[string]any) map[string]any {
	sub, strange := []rune(textOf(claims["sub"])), []rune(textOf(other["sub"]))
	at := func(text []rune) int { return r.IntN(len(text) + 1) }
	letter := func() rune { return mutationLetters[r.IntN(len(mutationLetters))] }
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
			if changed[claim] = other[claim]; other[claim] == nil {
				delete(changed, claim)
			}
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
	t.Parallel()
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

func TestEveryNearMissIsRefusedByATrustWithThatGrantAloneOrForAReason(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
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
						known := tested[tr.Section]
						text := g.Sentence + ": " + token.Name
						if known.phrase != nil {
							text = known.phrase(g) + ": " + token.Name
						}
						i := slices.IndexFunc(known.ours, func(o exception) bool {
							return regexp.MustCompile("^" + o.form + "$").MatchString(text)
						})
						if i < 0 {
							t.Errorf("%s gets in", text)
							continue
						}
						used[tr.Section+known.ours[i].form] = true
					}
				}
			}
		}
	}
	for section, known := range tested {
		for _, o := range known.ours {
			if !used[section+o.form] {
				t.Errorf("%s: %s never gets in; the exception is not needed", section, o.form)
			}
		}
	}
}

// context is the grant's phrase behind how its repository or project is named.
func (g Grant) context() string {
	_, phrase, _ := strings.Cut(g.Sentence, " on ")
	phrase = "on " + phrase
	if before, environment, found := strings.Cut(g.Sentence, " in "); found && !strings.Contains(before, " on ") {
		phrase = "in " + environment
	}
	return phrase
}

// An empty name, which no issuer writes, was made out of a name of one letter, and "*" beside it let it in: a trust in which
// nothing is wrong was refused as a fault of this package.
func TestATrustOfAPrefixOfOneLetterBesideAllNamesIsProved(t *testing.T) {
	for _, kind := range []string{"branches", "tags"} {
		words := object{kind: list{"m*", "*"}}
		proved(t, github(acmeWeb, words))
		proved(t, gitlab(object{"path": "acme/web", "id": "7", kind: list{"m*", "*"}}))
		proved(t, circleci(object{"vcsOrigin": origin, kind: list{"m*", "*"}}))
		proved(t, buildkite(words))
	}
	proved(t, github(acmeWeb, object{"environments": list{"p*", "*", "a"}}))
}
