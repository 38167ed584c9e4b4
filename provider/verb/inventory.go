package verb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Access is which jobs may assume a role, and what that comes to.
type Access struct {
	Role string `json:"role"`
	Arn  string `json:"arn,omitempty"`
	Jobs []Job  `json:"jobs"`
	// More says that there is more than is listed: what could not be worked out, or more than is looked at.
	More bool  `json:"more,omitempty"`
	May  *May  `json:"may,omitempty"` // nil if the document does not show the role's policies
	Next []Hop `json:"next,omitempty"`
}

// A Job are jobs of a CI system that may assume a role.
type Job struct {
	System    string `json:"system"`
	Issuer    string `json:"issuer"`
	Subject   string `json:"subject"` // a pattern
	Who       string `json:"who"`     // in words
	Statement int    `json:"statement"`
}

// May is what a role may do beyond reading what is no secret, in sentences. Each list has the worst first, and a use of
// each kind.
type May struct {
	Write   []string `json:"write"`
	Secrets []string `json:"secrets"`
	Unread  []string `json:"unread,omitempty"` // policies that the document does not show
}

// A Hop is another role that a role may assume with sts:AssumeRole.
type Hop struct {
	Role string `json:"role"`
	Arn  string `json:"arn"`
	Why  string `json:"why"`
	If   string `json:"if,omitempty"` // conditions that are taken to hold
	May  *May   `json:"may,omitempty"`
}

// mostListed bounds the jobs and the roles that are listed of one role.
const mostListed = 100

// An access is what an audit keeps of a role for the inventory.
type access struct {
	examined *audit.Examination
	power    *power // nil if its policies are not known
}

// may is what the role may do; nil if its policies are not known.
func (a access) may() *May {
	if a.power == nil {
		return nil
	}
	return a.power.may
}

// mostPairs bounds how many pairs of roles are looked at.
const mostPairs = 1_000_000

// Inventory says which job may assume which of the roles, with one hop of sts:AssumeRole to another one of them. It has
// the order of the audits, and only roles that some job may assume.
func Inventory(audits []RoleAudit) []Access {
	var called []*RoleAudit // the roles that AWS principals may assume
	for i := range audits {
		if a := &audits[i]; a.Arn != "" && a.access.examined != nil && callable(a.access.examined.Policy) {
			called = append(called, a)
		}
	}
	all := make([]*Access, len(audits))
	pairs := 0
	if len(called) > 0 {
		pairs = max(1, mostPairs/len(called))
	}
	each(len(audits), func(i int) {
		a := &audits[i]
		if a.access.examined == nil || !a.WebIdentity {
			return
		}
		jobs, more := a.access.examined.Jobs()
		if len(jobs) == 0 && !more {
			return
		}
		one := &Access{Role: a.Role, Arn: a.Arn, Jobs: []Job{}, May: a.access.may()}
		one.More = more || len(jobs) > mostListed
		for _, j := range jobs[:min(len(jobs), mostListed)] {
			one.Jobs = append(one.Jobs, Job{
				System: redact(j.System), Issuer: redact(j.Issuer), Subject: redact(j.Subject),
				Who: redact(strings.Join(j.Who, "; or ")), Statement: j.Statement,
			})
		}
		if i < pairs {
			one.Next = a.hops(called)
		} else if len(called) > 0 {
			one.More = true
		}
		all[i] = one
	})
	list := []Access{}
	for _, one := range all {
		if one != nil {
			list = append(list, *one)
		}
	}
	return list
}

// callable reports that a policy says something of AWS principals.
func callable(p *trust.Policy) bool {
	return slices.ContainsFunc(p.Statements, func(s trust.Statement) bool {
		return s.Effect == "Allow" && s.AboutCallers() && (s.Everyone() || len(s.Principals.ByType["AWS"]) > 0)
	})
}

// hops are the roles that a role may assume, of those that AWS principals may.
func (a *RoleAudit) hops(called []*RoleAudit) []Hop {
	if a.Arn == "" {
		return nil
	}
	var hops []Hop
	var book *permission.Book
	if a.access.power != nil {
		book = permission.Read(a.access.power.role)
	}
	for _, next := range called {
		if next.Arn == a.Arn {
			continue
		}
		way, ok := principal.Admits(next.access.examined.Policy, a.Arn)
		if !ok {
			continue
		}
		hop := Hop{Role: next.Role, Arn: next.Arn, If: strings.Join(way.Keys, ", "), May: next.access.may()}
		here := fmt.Sprintf("statement %d of its trust policy", way.Statement)
		sameAccount := principal.AccountOf(next.Arn) == principal.AccountOf(a.Arn)
		var by permission.Use
		if ok = false; book != nil && a.access.power.assumes {
			by, ok = book.Allows("sts:AssumeRole", next.Arn)
		}
		switch {
		case way.Named && sameAccount:
			hop.Why = here + " names the role, which is enough in its own account"
		case book == nil:
			hop.Why = here + " lets the role in if its own policies allow sts:AssumeRole; they are not known"
		case !ok:
			continue
		default:
			hop.Why = here + " lets the role in, and it may call " + by.String()
		}
		hops = append(hops, hop)
		if len(hops) == mostListed {
			break
		}
	}
	return hops
}
