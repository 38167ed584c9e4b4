package principal

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Way is how a trust policy lets a role of the same or another account in.
type Way struct {
	Statement int // its number, from 1
	// Named says that the statement names the role itself, which is enough in its own account. Else the role's own
	// policies have to allow the call, too.
	Named bool
	// Keys are the conditions' keys that the role's ARN and account do not decide: they are taken to hold.
	Keys []string
}

// decided are the keys of which the role's ARN says the value.
var decided = []string{"aws:principalarn", "aws:principalaccount"}

// Admits says by which statement of a trust policy a role may assume it with sts:AssumeRole; false if by none. Doubt
// counts as yes: conditions that the role's ARN does not decide hold in an Allow, and do not hold in a Deny.
func Admits(p *trust.Policy, arn string) (Way, bool) {
	account := AccountOf(arn)
	if account == "" {
		return Way{}, false
	}
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect == "Deny" && s.AboutCallers() && len(s.Conditions) == 0 && covers(s, arn, account) {
			return Way{}, false
		}
	}
	way, found, guards := Way{}, false, p.GuardDemands()
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != "Allow" || !s.AboutCallers() || !covers(s, arn, account) || !fits(s, guards, arn, account) {
			continue
		}
		named := slices.ContainsFunc(s.Principals.ByType["AWS"], func(name string) bool { return about(name, arn) })
		if found && (way.Named || !named) {
			continue
		}
		way, found = Way{Statement: i + 1, Named: named}, true
		for _, c := range s.Conditions {
			if !slices.Contains(decided, strings.ToLower(c.Key)) && !slices.Contains(way.Keys, c.Key) {
				way.Keys = append(way.Keys, c.Key)
			}
		}
	}
	return way, found
}

// covers reports that a role is among the principals of a statement.
func covers(s *trust.Statement, arn, account string) bool {
	return s.Everyone() || slices.ContainsFunc(s.Principals.ByType["AWS"], func(name string) bool {
		return name == account || strings.HasSuffix(name, "::"+account+":root") || about(name, arn)
	})
}

// about reports that a principal is a role, or a session of it: a job chooses the name of its session.
func about(name, arn string) bool {
	return name == arn || strings.Contains(name, ":assumed-role/") && roleOf(name) == sessionless(arn)
}

// fits reports that what an Allow, and all Denies of its policy, demand of the caller's ARN and account fits a role.
func fits(s *trust.Statement, guards trust.Demands, arn, account string) bool {
	own := s.CallerDemands()
	for key, text := range map[string]string{"aws:principalarn": arn, "aws:principalaccount": account} {
		for _, values := range slices.Concat(own[key], guards[key]) {
			if !slices.ContainsFunc(values, func(v trust.Value) bool { return v.Admits(text) }) {
				return false
			}
		}
	}
	return true
}
