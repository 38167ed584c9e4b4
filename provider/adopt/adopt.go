// Package adopt finds the inputs of CiOidcTrust that admit the same tokens as a trust policy, whoever wrote it.
//
// It takes each way through an Allow, by the forms of the issuer's subjects, has the CI system say it in the words of
// its section, and keeps what the component would make of those words only if the policy admits it. That the whole is
// the same is proved in both directions by audit.Compare.
package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Verdict says how what was found compares with the policy.
type Verdict string

// How the inputs compare with the policy.
const (
	Same          Verdict = "same"          // both admit the same tokens, which is proved
	Different     Verdict = "different"     // they differ in tokens, of which Why has some
	Inexpressible Verdict = "inexpressible" // some of the policy no section can say
	Undecided     Verdict = "undecided"     // whether they are the same could not be found out
)

// A Result is what was found.
type Result struct {
	// Inputs are those of CiOidcTrust: sections by name, and acceptRisks and trustPolicyMaxLength if they are needed. A
	// value that the policy does not hold is a program.Placeholder.
	Inputs map[string]any
	// Providers are the ARNs of the providers that the policy names, by section; "custom.NAME" for an item of custom.
	Providers map[string]string
	Account   ci.Account   // as far as the policy names one
	Accepted  []ci.Finding // those that acceptRisks has
	// Policy is what the component makes of the inputs, with samples in the place of placeholders; nil without any.
	Policy  *trust.Policy
	Verdict Verdict
	Why     []Reason // what differs or cannot be said; empty if the verdict is Same
}

// Same reports that the inputs admit the same tokens as the policy.
func (r *Result) Same() bool { return r.Verdict == Same }

// A Reason is why a statement has no words, or what differs.
type Reason struct {
	Statement int    // counted from 1; 0 for the policy as a whole
	Sid       string // of the statement
	Text      string
	Witness   map[string]any // the claims of a token that shows it; nil for none
}

// Policy finds the inputs that admit the same tokens as a policy.
func Policy(registry *ci.Registry, policy *trust.Policy) *Result {
	a := &adopter{registry: registry, policy: policy, result: &Result{
		Inputs: map[string]any{}, Providers: map[string]string{}, Verdict: Same,
	}}
	a.account()
	for _, p := range a.providers() {
		a.adopt(p)
	}
	a.prove()
	a.shortenReasons()
	return a.result
}

type adopter struct {
	registry *ci.Registry
	policy   *trust.Policy
	result   *Result
	sections []*adopted
	spent    int // on what was made to try words
}

// mostSpent bounds how many grants are made in all, so that a hostile policy is answered within seconds, and
// mostReasons how many are told of one statement.
const (
	mostSpent   = 40_000
	mostReasons = 8
)

// An adopted is one issuer of the policy, and the words for it.
type adopted struct {
	provider string // the ARN
	host     string
	system   ci.System
	ways     []*way
	words    map[string]any // of the section, or of the item of custom
	item     string         // the name in the map custom
	made     *made          // of words

	// compact says that the policy is in the compact form; compactable, that the system has one.
	compact, compactable bool
	pairs                pairs

	audiences []string // those that the statements name; varied says that they do not all name the same
	varied    bool
	tags      bool // a statement lets session tags in
	taggable  bool // the section says whether they may
}

// name is what a result calls the section.
func (p *adopted) name() string {
	if p.item != "" {
		return p.system.Section() + "." + p.item
	}
	return p.system.Section()
}

// because adds a reason to a statement.
func (a *adopter) because(statement int, text string, witness map[string]any) {
	r := Reason{Statement: statement, Text: text, Witness: witness}
	if statement > 0 {
		r.Sid = a.policy.Statements[statement-1].Sid
	}
	if !slices.ContainsFunc(a.result.Why, func(known Reason) bool {
		return known.Statement == r.Statement && known.Text == r.Text
	}) {
		a.result.Why = append(a.result.Why, r)
	}
}

// shortenReasons counts the reasons of each statement beyond the first ones.
func (a *adopter) shortenReasons() {
	var few []Reason
	for i := 0; i <= len(a.policy.Statements); i++ {
		of := slices.DeleteFunc(slices.Clone(a.result.Why), func(r Reason) bool { return r.Statement != i })
		if more := len(of) - mostReasons; more > 0 {
			of = append(of[:mostReasons], Reason{
				Statement: i, Sid: of[0].Sid, Text: fmt.Sprintf("and %d more of the kind", more),
			})
		}
		few = append(few, of...)
	}
	a.result.Why = few
}

// worse takes a verdict unless there is a worse one.
func (a *adopter) worse(v Verdict) {
	order := []Verdict{Same, Undecided, Different, Inexpressible}
	if slices.Index(order, v) > slices.Index(order, a.result.Verdict) {
		a.result.Verdict = v
	}
}

// account is that of the first provider which names one.
func (a *adopter) account() {
	a.result.Account.Partition = "aws"
	for i := range a.policy.Statements {
		for _, arn := range a.policy.Statements[i].Principals.ByType["Federated"] {
			if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && a.result.Account.ID == "" {
				a.result.Account.Partition, a.result.Account.ID = parts[1], parts[4]
			}
		}
	}
}

// providers are those that Allows for web identities name, in the order of the policy.
func (a *adopter) providers() []*adopted {
	var all []*adopted
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		if s.Effect != "Allow" || !s.AboutWebIdentity() {
			continue
		}
		for _, arn := range s.Principals.ByType["Federated"] {
			if arn == "*" {
				a.because(i+1, "names every provider of the account as its principal, and a section names one", nil)
				a.worse(Inexpressible)
				continue
			}
			if !slices.ContainsFunc(all, func(p *adopted) bool { return p.provider == arn }) {
				host, _ := trust.HostAndPartition(arn)
				all = append(all, &adopted{provider: arn, host: host})
			}
		}
	}
	return all
}

// beside are the statements that stand beside the trust of web identities: those that name no federated principal. Of
// others it is said why no section has them.
func (a *adopter) beside() []int {
	var beside []int
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		federated := s.Principals.ByType["Federated"]
		switch {
		case len(federated) == 0:
			beside = append(beside, i+1)
		case s.Effect == "Deny":
		case len(s.Principals.ByType) > 1:
			a.because(i+1, "trusts callers with a token and without one; write two statements", nil)
			a.worse(Inexpressible)
		case !s.AboutWebIdentity() && !slices.ContainsFunc(a.sections, func(p *adopted) bool {
			return p.tags && s.Names(p.provider)
		}):
			a.because(i+1, "allows nothing that a token is exchanged for", nil)
			a.worse(Inexpressible)
		}
	}
	return beside
}

// plainOf makes words what a decoder of JSON gives. put says what stands for a placeholder.
func plainOf(v any, put func(ci.Placeholder) any) any {
	switch v := v.(type) {
	case map[string]any:
		made := map[string]any{}
		for name, member := range v {
			made[name] = plainOf(member, put)
		}
		return made
	case []map[string]any:
		made := make([]any, len(v))
		for i, member := range v {
			made[i] = plainOf(member, put)
		}
		return made
	case []string:
		made := make([]any, len(v))
		for i, member := range v {
			made[i] = member
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, member := range v {
			made[i] = plainOf(member, put)
		}
		return made
	case ci.Placeholder:
		return put(v)
	}
	return v
}

// sampled puts what may stand there in the place of a placeholder.
func sampled(p ci.Placeholder) any { return p.Sample }

// printed puts a placeholder as a program prints it.
func printed(p ci.Placeholder) any { return program.Placeholder{Text: p.Text, Comment: p.Find} }
