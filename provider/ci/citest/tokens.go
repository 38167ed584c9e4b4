package citest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Judge compares the grants with the policy for one token, and returns what they agree on.
func (s Suite) Judge(t *testing.T, written object, policy *trust.Policy, tr *ci.Trust, account ci.Account, name string,
	claims map[string]any) bool {
	t.Helper()
	request := tr.Request(claims, account)
	byPolicy, byGrants := policy.Decide(&request) == trust.Allowed, tr.Admits(claims)
	if byPolicy == byGrants {
		return byGrants
	}
	if s.canMint(ci.TextOf(claims["sub"])) {
		t.Errorf("%v in %s: the policy says %v and the grants %v to %s: %v\n%s", written, account.Partition, byPolicy,
			byGrants, name, claims, policy.JSON())
	}
	return byPolicy
}

func (s Suite) agreement(t *testing.T) {
	for _, written := range s.Matrix {
		for _, account := range s.Accounts(written, InAWS, InChina, InGov, ci.Account{}) {
			trusts := s.MustRead(t, written, account)
			policy := ci.Compile(trusts, account, nil)
			for i := range trusts {
				for _, g := range trusts[i].Grants {
					for _, token := range g.Tokens() {
						for k := range trusts {
							if !s.Judge(t, written, policy, &trusts[k], account, token.Name, token.Claims) &&
								token.Admit && i == k {
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
	sub, strange := []rune(ci.TextOf(claims["sub"])), []rune(ci.TextOf(other["sub"]))
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
			sub = []rune(ci.SwapCase(string(sub)))
		case 4:
			if i < len(sub) {
				sub = append(sub[:i:i], []rune(ci.SwapCase(string(sub[i:i+1])))...)
			}
		case 5: // the beginning of one and the end of the other
			sub = append(sub[:i:i], strange[at(strange):]...)
		case 6: // one inside the other
			sub = slices.Concat(sub[:i], strange, sub[i:])
		case 7:
			sub = segments(r, string(sub), string(strange))
		case 8:
			sub = append(sub, []rune([]string{":", "/", "x", ":environment:prod", "/vcs-ref/refs/heads/main", "*",
				":job_workflow_ref:x"}[r.IntN(7)])...)
		default:
			sub = strange
		}
	}
	changed := ci.With(claims, map[string]any{"sub": string(sub)})
	both := maps.Clone(claims)
	maps.Copy(both, other)
	delete(both, "sub")
	for _, claim := range slices.Sorted(maps.Keys(both)) {
		if r.IntN(8) > 0 {
			continue
		}
		if changed[claim] = other[claim]; other[claim] == nil {
			delete(changed, claim)
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

func (s Suite) mutatedTokens(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	rounds := 3000
	if testing.Short() {
		rounds = 300
	}
	tried, in := 0, 0
	for _, written := range s.Matrix {
		for _, account := range s.Accounts(written, InAWS, InGov) {
			trusts := s.MustRead(t, written, account)
			policy := ci.Compile(trusts, account, nil)
			for i := range trusts {
				var pool []ci.Token
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
					if s.Judge(t, written, policy, &trusts[i], account, "a mutation of "+token.Name, claims) {
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

func (s Suite) nearMisses(t *testing.T) {
	used := map[string]bool{}
	for _, written := range s.Matrix {
		if strings.Contains(fmt.Sprint(written), "mallory") || strings.Contains(fmt.Sprint(written), "evil") {
			continue // these trust the strangers that the near misses are made of
		}
		for _, account := range s.Accounts(written, InAWS, InChina) {
			for _, tr := range s.MustRead(t, written, account) {
				for _, g := range tr.Grants {
					alone := tr
					alone.Grants = []ci.Grant{g}
					for _, token := range g.Tokens() {
						in := Admitted([]ci.Trust{alone}, account, token.Claims)
						if token.Admit && !in {
							t.Errorf("%s: %s must get in", g.Sentence, token.Name)
						}
						if token.Admit || !in {
							continue
						}
						text := g.Sentence + ": " + token.Name
						if s.Phrase != nil {
							text = s.Phrase(g) + ": " + token.Name
						}
						i := slices.IndexFunc(s.Ours, func(o Exception) bool {
							return regexp.MustCompile("^" + o.Form + "$").MatchString(text)
						})
						if i < 0 {
							t.Errorf("%s gets in", text)
							continue
						}
						used[s.Ours[i].Form] = true
					}
				}
			}
		}
	}
	for _, o := range s.Ours {
		if !used[o.Form] {
			t.Errorf("%s never gets in; the exception is not needed", o.Form)
		}
	}
}

// ContextOf is the grant's phrase behind how its repository or project is named.
func ContextOf(g ci.Grant) string {
	_, phrase, _ := strings.Cut(g.Sentence, " on ")
	phrase = "on " + phrase
	if before, environment, found := strings.Cut(g.Sentence, " in "); found && !strings.Contains(before, " on ") {
		phrase = "in " + environment
	}
	return phrase
}
