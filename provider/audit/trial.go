package audit

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A trial judges one Allow for the tokens of one provider.
type trial struct {
	*auditor
	statement *trust.Statement
	at        spot
	issuer    *issuer
	clauses   []trust.Clause

	base   demands // what all tokens must have
	slots  []slot  // of which a token must fit one value each
	tested bool    // something is demanded of sub
	causes []cause // why no token at all can get in

	ways   []demands    // past the Deny statements
	cut    bool         // there is more than was looked at
	shut   bool         // a Deny refuses all that the statement allows
	living [][]*reading // the readings of each choice that has any
	found  []ci.Finding
	fears  []fear
}

// A slot is a condition that names the values of a claim.
type slot struct {
	clause *trust.Clause
	alive  []bool // the values with which some token gets in, as far as no Deny refuses it
}

// A cause is why nobody gets in.
type cause struct {
	clause *trust.Clause
	text   string
}

// A fear is what could not be judged.
type fear struct {
	clause *trust.Clause
	value  int // -1 for the condition as a whole
	text   string
}

func (a *auditor) newTrial(number int, s *trust.Statement, arn string) *trial {
	t := &trial{auditor: a, statement: s, at: a.at(number, s), clauses: s.Clauses(arn)}
	var subjects []trust.Value
	for i := range t.clauses {
		if c := &t.clauses[i]; c.Claim == "sub" && !c.Negated {
			subjects = append(subjects, c.Values...)
		}
	}
	t.issuer = a.newIssuer(arn, subjects)
	t.clauses = t.issuer.wholeKeys(t.clauses)
	return t
}

// run judges, and reports.
func (t *trial) run() {
	t.allows++
	if t.slashed() {
		return
	}
	if len(t.causes) > 0 {
		t.reportCauses()
		return
	}
	if t.judge(); t.shut {
		t.auditor.closed++
	} else {
		t.audience()
		t.control()
	}
	t.finish()
}

// plan turns the conditions into what is demanded of a token.
func (t *trial) plan() {
	for i := range t.clauses {
		c := &t.clauses[i]
		switch c.About {
		case trust.AboutNothing:
			if !c.Absent {
				t.causes = append(t.causes, cause{c, t.aboutKey(t.issuer, c)})
			} else if !isAWS(c.Key) && (c.Issuer == "" || sameHost(c.Issuer, t.issuer.host)) {
				t.found = append(t.found, t.atKey(t.at, c, unfilledKey, c.Key+": "+t.aboutKey(t.issuer, c)))
			}
		case trust.AboutProvider:
			if t.statement.Holds(i, t.issuer.request(t.role)) == trust.Denied {
				t.causes = append(t.causes, cause{c, "it holds for no token of the provider"})
			}
		case trust.AboutTags:
			if !c.Absent {
				t.base.tagged = append(t.base.tagged, probe{t.statement, i, true})
			}
		case trust.AboutToken:
			t.planClaim(c)
		}
	}
	t.ways, t.cut = t.auditor.ways(t.issuer)
}

// planClaim is plan for a condition on a claim.
func (t *trial) planClaim(c *trust.Clause) {
	always := c.Claim == "sub" || c.Claim == "aud"
	switch {
	case c.Null && c.Absent:
		if t.statement.Holds(c.Number, t.something(c)) == trust.Allowed {
			return // whether it is there or not
		}
		if always {
			t.causes = append(t.causes, cause{c, "every token has " + c.Claim})
		}
		t.base = t.base.change(c.Claim, func(w *want) { w.absent = true })
	case c.Null:
		if t.statement.Holds(c.Number, t.something(c)) != trust.Allowed {
			t.causes = append(t.causes, cause{c, "it never holds"})
		}
		t.base = t.base.change(c.Claim, func(w *want) { w.present = true })
	case c.Text && c.Negated:
		t.base = t.base.refuse(c.Claim, c.Sure, !c.Absent)
	case c.Text:
		if len(c.Values) == 0 && !c.Absent {
			t.causes = append(t.causes, cause{c, "it names no value"})
			return
		}
		if c.Absent && !always && !t.issuer.repeats(c.Claim) && !t.demanded(c) {
			t.vacuous(c)
			return
		}
		t.tested = t.tested || c.Claim == "sub"
		t.slots = append(t.slots, slot{c, make([]bool, len(c.Values))})
	case c.Claim == "sub":
		t.tested = true // by an operator that is not worked out: the whole policy decides on each token
	default:
		t.base = t.base.change(c.Claim, func(w *want) {
			w.probes = add(w.probes, probe{t.statement, c.Number, true})
			w.present = w.present || !c.Absent
		})
	}
}

// something is a token that has the claim.
func (t *trial) something(c *trust.Clause) *trust.Request {
	r := t.issuer.request(t.role)
	carry(r, c.Claim, "text")
	return r
}

// demanded reports that another condition wants the claim to be there.
func (t *trial) demanded(c *trust.Clause) bool {
	return slices.ContainsFunc(t.clauses, func(other trust.Clause) bool {
		return other.Number != c.Number && other.About == trust.AboutToken && other.Claim == c.Claim && !other.Absent
	})
}

// vacuous notes a condition that a token walks around by lacking the claim.
func (t *trial) vacuous(c *trust.Clause) {
	t.found = append(t.found, t.atKey(t.at, c, vacuousCondition, c.Operator+" on "+c.Key))
}
