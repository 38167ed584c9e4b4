package ci

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Prove evaluates the trust policy of the sections against every token that their CI systems make up for their grants:
// those that must get in, and near misses. A wrong answer is an error that shows the token.
func Prove(policy *trust.Policy, trusts []Trust, account Account) error {
	_, wrong := prove(policy, trusts, account)
	return wrong
}

// prove is Prove, and reports beside it the first grant that makes up no token which must get in, or none that must
// not: the proof says nothing of it. It goes through the grants once and holds the tokens of one at a time.
func prove(policy *trust.Policy, trusts []Trust, account Account) (void, wrong error) {
	wrong = trust.Prove(policy, Proof(trusts, account, func(g *Grant, tokens []Token) {
		if void == nil {
			void = g.provable(tokens)
		}
	}))
	return void, besides(trusts).tolerated(wrong)
}

// provable reports that tokens prove nothing of their grant.
func (g *Grant) provable(tokens []Token) error {
	admitted, refused := 0, 0
	for _, token := range tokens {
		if token.Admit {
			admitted++
		} else {
			refused++
		}
	}
	if len(g.Claims["aud"]) > 0 && admitted > 0 && refused > 0 {
		return nil
	}
	return fmt.Errorf("the proof of %q is void: %d audiences, %d tokens that must get in and %d that must not",
		g.Sentence, len(g.Claims["aud"]), admitted, refused)
}

// Proof are the cases that a policy of the sections must get right, grant by grant. made is told the tokens of each
// grant.
func Proof(trusts []Trust, account Account, made func(*Grant, []Token)) iter.Seq[trust.Case] {
	return func(yield func(trust.Case) bool) {
		for i := range trusts {
			t := &trusts[i]
			excuses := newExcuses(t)
			for k := range t.Grants {
				g := &t.Grants[k]
				tokens := g.Tokens()
				made(g, tokens)
				for c := range t.cases(g, tokens, excuses, account) {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// cases are those of one grant.
func (t *Trust) cases(g *Grant, tokens []Token, excuses *excuses, account Account) iter.Seq[trust.Case] {
	return func(yield func(trust.Case) bool) {
		request, tested, sentence := t.Request(nil, account), t.tested(g), t.sentence(g)
		next := func(token Token) bool {
			request.Claims = token.Claims
			c := trust.Case{Token: token.Name, Grant: sentence, Admit: token.Admit, Request: request}
			if !token.Admit {
				c.Excused = func() bool { return excuses.admits(token.Claims) }
			}
			return yield(c)
		}
		for _, token := range withTagged(tokens, t.sessionTags) {
			if !next(token) {
				return
			}
			if !token.Admit {
				continue
			}
			foreign := request
			foreign.Provider += "-evil"
			if !yield(trust.Case{
				Token:   token.Name + ", from a provider of another name",
				Grant:   sentence,
				Request: foreign,
			}) {
				return
			}
			for _, distorted := range distortions(token, tested) {
				if !next(distorted) {
					return
				}
			}
		}
	}
}

// tested are the claims of a grant that the policy tests. In the compact form an id stands for a name inside the
// subject, so a subject of another name beside the same id, which no issuer writes, would not be refused. Session tags
// are not claims of their own.
func (t *Trust) tested(g *Grant) []string {
	claims, compact := g.Claims, t.compact(g)
	if compact != nil {
		claims = compact.Claims
	}
	names := slices.Sorted(maps.Keys(claims))
	return slices.DeleteFunc(names, func(claim string) bool {
		return claim == "sub" && compact != nil || strings.HasPrefix(claim, RequestTag)
	})
}

// Request is the call of a job with these claims, as STS would see it: what the token does not decide is left open.
func (t *Trust) Request(claims map[string]any, account Account) trust.Request {
	partition := account.Partition
	if partition == "" {
		partition = "aws"
	}
	return trust.Request{
		Provider: t.ArnIn(account), Issuer: t.Host(), Partition: partition, Claims: claims,
	}
}

// Admits judges a token by the meaning of the grants.
func (t *Trust) Admits(claims map[string]any) bool {
	if carriesTags(claims) && !t.sessionTags {
		return false
	}
	for _, refuses := range t.refusals() {
		if refuses(claims) {
			return false
		}
	}
	for i := range t.Grants {
		if t.grantAdmits(&t.Grants[i], claims) {
			return true
		}
	}
	return false
}

// grantAdmits judges a token without session tags, or one that may carry them, by the meaning of one grant.
func (t *Trust) grantAdmits(g *Grant, claims map[string]any) bool {
	if compact := t.compact(g); compact != nil {
		return compact.Admits(claims)
	}
	return g.Admits(claims)
}

// refusals are what the grants refuse for the whole trust, in the form that it is written in.
func (t *Trust) refusals() []func(claims map[string]any) bool {
	var refusals []func(claims map[string]any) bool
	seen := map[string]bool{} // hundreds of grants refuse the same
	add := func(refuse map[string][]string, refuses func(claims map[string]any) bool) {
		if refuses == nil {
			return
		}
		if id := fmt.Sprint(refuse); !seen[id] {
			seen[id] = true
			refusals = append(refusals, refuses)
		}
	}
	for i := range t.Grants {
		g := &t.Grants[i]
		add(g.Refuse, g.Refuses)
		if compact := t.compact(g); compact != nil {
			add(compact.Refuse, compact.Refuses)
		}
	}
	return refusals
}
