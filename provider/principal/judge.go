package principal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// SomeRole stands for the name of a role that is not known, such as one that Pulumi makes up: a pattern that fits it
// fits every role.
const SomeRole = "some-role-0123456"

// A Self is what is known of the role itself.
type Self struct {
	Account string // twelve digits; "" while it is not known
	Arn     string // "" while it is not known
	// Providers are the ARNs of the OIDC providers whose tokens the policy lets in.
	Providers []string
}

// A Verdict is a rule that a statement of the policy has.
type Verdict struct {
	trust.Rule
	Statement int    // its place in the policy, from 0
	Detail    string // what of it; "" where the statement says all
}

// Judge judges all statements of a policy, in their order.
func Judge(p *trust.Policy, self Self) []Verdict {
	var verdicts []Verdict
	guards := newNarrowing(p.GuardDemands())
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect == "Deny" {
			if detail := callDecides(s, self.Providers); detail != "" {
				verdicts = append(verdicts, Verdict{dependsOnCall, i, detail})
			}
			continue
		}
		a := allow{Statement: s, self: self, guards: guards, own: newNarrowing(s.CallerDemands())}
		for _, judge := range []func() (trust.Rule, bool, string){
			a.everybody, a.others, a.services, a.itself, a.wholeAccount, a.tags,
		} {
			if rule, has, detail := judge(); has {
				verdicts = append(verdicts, Verdict{rule, i, detail})
			}
		}
	}
	return verdicts
}

// An allow is an Allow in its policy.
type allow struct {
	*trust.Statement
	self        Self
	own, guards narrowing // what it demands itself, and what the policy's Denies demand of all
}

// pinned reports that one of the keys is demanded by nothing but values that name one account, organization or
// principal.
func (a *allow) pinned(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return a.own.pins[key] || a.guards.pins[key] })
}

// demands are the values that a key is demanded to have, condition by condition.
func (a *allow) demands(key string) [][]trust.Value {
	key = strings.ToLower(key)
	return slices.Concat(a.own.demands[key], a.guards.demands[key])
}

// everybody reports a principal that is everyone, whom no condition narrows.
func (a *allow) everybody() (trust.Rule, bool, string) {
	return everyone, a.Everyone() && !a.pinned(callerKeys...), ""
}

// others reports other accounts that need no secret of theirs and are of no organization that is named.
func (a *allow) others() (trust.Rule, bool, string) {
	var others []string
	for _, account := range a.accounts() {
		if a.self.Account != "" && account != a.self.Account {
			others = append(others, account)
		}
	}
	guarded := a.pinned("sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
	return otherAccount, a.AboutCallers() && len(others) > 0 && !guarded, strings.Join(others, ", ")
}

// services reports services that may act for anybody.
func (a *allow) services() (trust.Rule, bool, string) {
	services := a.Principals.ByType["Service"]
	guarded := a.pinned("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")
	return noSource, a.AboutCallers() && len(services) > 0 && !guarded, strings.Join(services, ", ")
}

// itself reports the role among those that may assume it, by its ARN or by a condition that fits it.
func (a *allow) itself() (trust.Rule, bool, string) {
	if a.self.Arn == "" || !a.AboutCallers() {
		return ownRole, false, ""
	}
	for _, arn := range a.Principals.ByType["AWS"] {
		if roleOf(arn) == sessionless(a.self.Arn) {
			return ownRole, true, arn
		}
	}
	if !a.wide() || !a.Everyone() && !slices.Contains(a.accounts(), a.self.Account) {
		return ownRole, false, ""
	}
	demands := a.demands("aws:PrincipalArn")
	fits := ""
	for _, values := range demands {
		at := slices.IndexFunc(values, func(v trust.Value) bool { return v.Admits(a.self.Arn) })
		if at < 0 {
			return ownRole, false, ""
		}
		fits = "aws:PrincipalArn " + values[at].Text
	}
	return ownRole, len(demands) > 0, fits
}

// wholeAccount reports that all of the role's own account is trusted.
func (a *allow) wholeAccount() (trust.Rule, bool, string) {
	own := a.self.Account
	if own == "" || !a.AboutCallers() || a.pinned("aws:PrincipalArn", "aws:userid") {
		return ownAccount, false, ""
	}
	root := slices.ContainsFunc(a.Principals.ByType["AWS"], func(arn string) bool {
		return arn == own || strings.HasSuffix(arn, "::"+own+":root")
	})
	return ownAccount, root || a.Everyone() && slices.Contains(a.accounts(), own), own
}

// tags reports a tag that decides who of many gets in.
func (a *allow) tags() (trust.Rule, bool, string) {
	if !a.AboutCallers() || !a.wide() || a.pinned("aws:PrincipalArn", "aws:userid") {
		return openTag, false, ""
	}
	for _, c := range a.Conditions {
		if strings.HasPrefix(strings.ToLower(c.Key), "aws:principaltag/") {
			return openTag, true, c.Key
		}
	}
	return openTag, false, ""
}

// wide reports that a principal is more than one user or role.
func (a *allow) wide() bool {
	return a.Everyone() || slices.ContainsFunc(a.Principals.ByType["AWS"], func(arn string) bool {
		return !strings.Contains(arn, ":") || strings.HasSuffix(arn, ":root")
	})
}

// accounts are those whose principals the statement names, each once.
func (a *allow) accounts() []string {
	var accounts []string
	add := func(account string) {
		if account != "" && !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	for _, arn := range a.Principals.ByType["AWS"] {
		add(AccountOf(arn))
	}
	if a.Everyone() {
		for _, key := range []string{"aws:PrincipalAccount", "aws:PrincipalArn"} {
			for _, values := range a.demands(key) {
				for _, v := range values {
					add(AccountOf(v.Literal()))
				}
			}
		}
	}
	return accounts
}

// mostProviders bounds the providers of which a Deny is looked at, so that a hostile policy is answered quickly. A role
// trusts a handful.
const mostProviders = 50

// callDecides says which condition of a Deny for web identities is about the call; "" where none is, or where another
// one holds for none of their tokens.
func callDecides(s *trust.Statement, providers []string) string {
	if !s.AboutWebIdentity() {
		return ""
	}
	for i, provider := range providers {
		if i == mostProviders {
			break
		}
		if !s.Names(provider) {
			continue
		}
		key, void := "", false
		host, partition := trust.HostAndPartition(provider)
		request := trust.Request{Provider: provider, Issuer: host, Partition: partition}
		for _, c := range s.Clauses(provider) {
			switch c.About {
			case trust.AboutCall:
				key = c.Key
			case trust.AboutNothing:
				void = void || !c.Absent
			case trust.AboutProvider:
				void = void || s.Holds(c.Number, &request) == trust.Denied
			}
		}
		if key != "" && !void {
			return key
		}
	}
	return ""
}

// Sentence says in plain words whom an Allow lets in without a token; "" for a statement that lets nobody in so.
func Sentence(s *trust.Statement) string {
	if s.Effect != "Allow" || !s.AboutCallers() {
		return ""
	}
	var who []string
	if s.Principals.Everyone {
		who = append(who, "everyone")
	}
	for _, kind := range []string{"AWS", "Service"} {
		for _, name := range s.Principals.ByType[kind] {
			if name == "*" {
				name = "everyone"
			}
			who = append(who, name)
		}
	}
	if len(who) == 0 {
		return ""
	}
	var keys []string
	for _, c := range s.Conditions {
		if !slices.Contains(keys, c.Key) {
			keys = append(keys, c.Key)
		}
	}
	sentence := "AWS, by an additional statement: " + strings.Join(who, ", ")
	if len(keys) > 0 {
		sentence += fmt.Sprintf(" if %s fit", strings.Join(keys, ", "))
		if len(keys) == 1 {
			sentence += "s"
		}
	}
	return sentence
}

// Narrowed reports that an Allow for everyone names, by the key of an organization, an account or a principal, who is
// meant.
func Narrowed(s *trust.Statement) bool {
	a := allow{Statement: s, own: newNarrowing(s.CallerDemands())}
	return a.pinned("aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:PrincipalArn")
}

// LetsEveryoneIn reports that a rule is the one about everyone.
func LetsEveryoneIn(rule trust.Rule) bool { return rule.ID == everyone.ID }

// OnCall reports that a rule is the one about a Deny that depends on the call.
func OnCall(rule trust.Rule) bool { return rule.ID == dependsOnCall.ID }
