package audit

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// maxWays bounds in how many ways past the Deny statements a token is looked for.
const maxWays = 512

// ways are the ways past all Deny statements that concern a provider: in each of them at least one condition must fail.
// None means that every token is refused. cut says that there are more than were listed.
func (a *auditor) ways(i *issuer) (ways []demands, cut bool) {
	ways = []demands{{}}
	for at := range a.policy.Statements {
		s := &a.policy.Statements[at]
		if s.Effect != "Deny" || !s.AboutWebIdentity() || !s.Names(i.arn) {
			continue
		}
		escapes, free := a.escapes(i, s)
		if free {
			continue
		}
		var both []demands
		for _, way := range ways {
			for _, escape := range escapes {
				if len(both) == maxWays {
					cut = true
					break
				}
				if joined := way.with(escape); !joined.contradictory() {
					both = append(both, joined)
				}
			}
		}
		ways = both
	}
	return ways, cut
}

// escapes are what lets a token past one Deny. free says that nothing is needed, because a condition fails for every
// token, or depends on the call.
func (a *auditor) escapes(i *issuer, s *trust.Statement) (escapes []demands, free bool) {
	for _, c := range i.wholeKeys(s.Clauses(i.arn)) {
		switch c.About {
		case trust.AboutNothing:
			if !c.Absent {
				return nil, true
			}
		case trust.AboutProvider:
			if s.Holds(c.Number, i.request(a.role)) != trust.Allowed {
				return nil, true
			}
		case trust.AboutCall: // the call can be another one, unless an Allow demands the same
			escapes = append(escapes, demands{})
		case trust.AboutTags:
			if !c.Absent {
				return nil, true
			}
			escapes = append(escapes, demands{tagged: []probe{{s, c.Number, false}}})
		case trust.AboutToken:
			escapes = append(escapes, i.failing(s, &c)...)
		}
	}
	return escapes, false
}

// failing are the ways in which a clause on a claim does not hold.
func (i *issuer) failing(s *trust.Statement, c *trust.Clause) []demands {
	always := c.Claim == "sub" || c.Claim == "aud"
	switch {
	case c.Null: // with a quantifier it is always true or never, whether the claim is there or not
		var escapes []demands
		with := i.request(trust.Role{})
		carry(with, c.Claim, "text")
		switch fails := s.Holds(c.Number, with) != trust.Allowed; {
		case fails && always:
			escapes = append(escapes, demands{})
		case fails:
			escapes = append(escapes, demands{}.change(c.Claim, func(w *want) { w.present = true }))
		}
		if !c.Absent && !always {
			escapes = append(escapes, demands{}.change(c.Claim, func(w *want) { w.absent = true }))
		}
		return escapes
	case c.Text && c.Negated:
		var escapes []demands
		for _, value := range c.Values {
			escapes = append(escapes, demands{}.fit(c.Claim, value))
		}
		if !c.Absent && !always {
			escapes = append(escapes, demands{}.change(c.Claim, func(w *want) { w.absent = true }))
		}
		return escapes
	case c.Text:
		return []demands{demands{}.refuse(c.Claim, c.Sure, c.Absent)}
	case c.Claim == "sub":
		return []demands{{}} // as far as anybody can tell: the whole policy decides on the token
	}
	return []demands{demands{}.change(c.Claim, func(w *want) { w.probes = add(w.probes, probe{s, c.Number, false}) })}
}

// denies judges the Deny statements themselves: one that tests a key which AWS fills for nobody never refuses anybody.
func (a *auditor) denies() {
	providers := a.trusted()
	for at := range a.policy.Statements {
		s := &a.policy.Statements[at]
		if s.Effect != "Deny" || !s.AboutWebIdentity() || len(providers) == 0 {
			continue
		}
		a.deny(at+1, s, providers)
	}
}

// trusted are the providers that an Allow names, by their ARNs.
func (a *auditor) trusted() []string {
	var providers []string
	for i := range a.policy.Statements {
		if s := &a.policy.Statements[i]; s.Effect == "Allow" && s.AboutWebIdentity() {
			providers = append(providers, s.Principals.ByType["Federated"]...)
		}
	}
	return slices.DeleteFunc(providers, func(arn string) bool { return arn == "*" })
}

func (a *auditor) deny(number int, s *trust.Statement, providers []string) {
	for _, c := range s.Clauses(providers[0]) {
		filled := slices.ContainsFunc(providers, func(arn string) bool {
			return s.Clauses(arn)[c.Number].About != trust.AboutNothing
		})
		if filled || c.Absent || c.Issuer == "" && isAWS(c.Key) {
			continue
		}
		i := &issuer{arn: providers[0]}
		i.host, i.partition = trust.HostAndPartition(providers[0])
		f := a.atKey(a.at(number, s), &c, unfilledKey,
			c.Key+": "+a.aboutKey(i, &c)+", so this Deny never refuses anybody")
		a.add(f)
		return
	}
	a.dead(number, s, providers)
}

// dead says which values of a Deny no token has, so that it refuses nobody by them: those that an Allow of the same
// conditions would let nobody in by, with each of the providers.
func (a *auditor) dead(number int, s *trust.Statement, providers []string) {
	turned := s.AsAllow()
	alone := &auditor{registry: a.registry, document: a.document, policy: &trust.Policy{Version: a.policy.Version},
		role: a.role, work: a.work}
	var found []ci.Finding
	first := true
	for _, arn := range providers {
		if !s.Names(arn) || !about(s, arn) {
			continue
		}
		t := alone.trial(number, turned, arn)
		if slices.ContainsFunc(t.causes, func(c cause) bool { return c.clause.About == trust.AboutProvider }) {
			return // a guard against what the account, or its providers, may be one day
		}
		if len(t.causes) > 0 {
			alone.findings = nil
			t.reportCauses()
			t.found = alone.findings
		} else {
			t.reportDead()
		}
		t.found = slices.DeleteFunc(t.found, func(f ci.Finding) bool { return f.ID != neverMatches.ID })
		if !first {
			t.found = slices.DeleteFunc(t.found, func(f ci.Finding) bool {
				return !slices.ContainsFunc(found, func(other ci.Finding) bool { return sameSpot(f, other) })
			})
		}
		found, first = t.found, false
	}
	a.work = alone.work
	a.findings = append(a.findings, found...)
}

// about reports that the conditions of a statement are about tokens of a provider, and not of another.
func about(s *trust.Statement, arn string) bool {
	return !slices.ContainsFunc(s.Clauses(arn), func(c trust.Clause) bool { return c.About == trust.AboutNothing })
}

// sameSpot reports that two findings are about the same value.
func sameSpot(f, other ci.Finding) bool {
	return f.Key == other.Key && f.Value == other.Value && f.Line == other.Line && f.Column == other.Column
}

// request is what is the same for all tokens of a provider.
func (i *issuer) request(role trust.Role) *trust.Request {
	return &trust.Request{Provider: i.arn, Issuer: i.host, Partition: i.partition, RoleARN: role.Arn}
}

// claimForm is the form of a claim's texts.
func (i *issuer) claimForm(name string) *ci.Form {
	if field := i.claim(name); field != nil {
		return i.registry.ClaimForm(*field)
	}
	return anyText
}
