package report

import (
	"cmp"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// A Report is what an audit of one policy, or of many roles, found.
type Report struct {
	// Single says that it is of one trust policy and not of a list of roles.
	Single bool
	// Roles are all that were looked at, worst first.
	Roles   []verb.RoleAudit
	Skipped []account.Skipped
	// Inventory says which job may assume which role; nil if nobody asked.
	Inventory []verb.Access
	// Baseline says that the findings were compared with a baseline.
	Baseline bool
	// Unused says of each entry of the file of what is ignored that fits nothing, which it is.
	Unused []string
}

// New makes a report, and puts the worst first.
func New(roles []verb.RoleAudit, skipped []account.Skipped, single bool) *Report {
	r := &Report{Single: single, Roles: roles, Skipped: skipped}
	fingerprint(r.Roles)
	r.sort()
	return r
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Roles, func(a, b verb.RoleAudit) int {
		ca, cb := countOf(&a), countOf(&b)
		return cmp.Or(
			cmp.Compare(cb.Errors, ca.Errors), cmp.Compare(cb.High, ca.High), cmp.Compare(cb.Medium, ca.Medium),
			cmp.Compare(cb.Low, ca.Low), cmp.Compare(a.File, b.File), cmp.Compare(a.Arn, b.Arn),
			cmp.Compare(a.Role, b.Role))
	})
}

// A Count is how much was found.
type Count struct {
	Roles       int `json:"roles"`
	WebIdentity int `json:"webIdentity"` // roles that CI jobs or the web may assume
	High        int `json:"high"`
	Medium      int `json:"medium"`
	Low         int `json:"low"`
	Ignored     int `json:"ignored"`
	Known       int `json:"known"` // in the baseline
	Errors      int `json:"errors"`
	Skipped     int `json:"skipped"`
}

func countOf(a *verb.RoleAudit) Count {
	c := Count{Roles: 1, Ignored: len(a.Ignored), Known: len(a.Known)}
	if a.WebIdentity {
		c.WebIdentity = 1
	}
	if a.Error != "" {
		c.Errors = 1
	}
	for _, f := range a.Findings {
		switch trust.Severity(f.Severity) {
		case trust.High:
			c.High++
		case trust.Medium:
			c.Medium++
		default:
			c.Low++
		}
	}
	return c
}

// Count counts what is in the report.
func (r *Report) Count() Count {
	all := Count{Skipped: len(r.Skipped)}
	for i := range r.Roles {
		c := countOf(&r.Roles[i])
		all.Roles += c.Roles
		all.WebIdentity += c.WebIdentity
		all.High += c.High
		all.Medium += c.Medium
		all.Low += c.Low
		all.Ignored += c.Ignored
		all.Known += c.Known
		all.Errors += c.Errors
	}
	return all
}

// Reaches reports that a finding is as severe as a limit, or worse. What is ignored or known does not count.
func (r *Report) Reaches(limit trust.Severity) bool {
	return slices.ContainsFunc(r.Roles, func(a verb.RoleAudit) bool {
		return slices.ContainsFunc(a.Findings, func(f verb.Finding) bool {
			return trust.Severity(f.Severity).AtLeast(limit)
		})
	})
}

// Unreadable reports that a trust policy could not be read.
func (r *Report) Unreadable() bool {
	return slices.ContainsFunc(r.Roles, func(a verb.RoleAudit) bool { return a.Error != "" })
}
