package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// voids says which statements are about nobody: by an action that no trust policy can be about, such as a misspelt
// one, by actions that none of the statement's principals can take, or, in a Deny, by a misspelt provider. Such an
// Allow lets nobody in, and such a Deny, which is worse, refuses nobody.
func (a *auditor) voids() {
	opened := map[string]bool{} // what an Allow lets some principal do, of the actions that take on the role
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		for _, action := range taking(s) {
			opened[action] = opened[action] || s.Effect == "Allow" && s.Covers(action)
		}
	}
	providers := a.trusted()
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		if a.unknownActions(i+1, s) || s.Everyone() {
			continue
		}
		a.idle(i+1, s, opened)
		if s.Effect == "Deny" && s.AboutWebIdentity() {
			a.otherProvider(i+1, s, providers)
		}
	}
}

// otherProvider says that a Deny names a provider whose tokens no Allow lets in, and that one letter or the account
// makes it another than one whose tokens are let in. A Deny of any other is no mistake: it may stand there for the day
// when somebody adds the Allow.
func (a *auditor) otherProvider(number int, s *trust.Statement, providers []string) {
	denied := s.Principals.ByType["Federated"]
	for _, arn := range denied {
		if arn == "*" || slices.Contains(providers, arn) {
			continue
		}
		host, _ := trust.HostAndPartition(arn)
		for _, meant := range providers {
			known, _ := trust.HostAndPartition(meant)
			if !slices.Contains(denied, meant) && spelling.Slip(host, known) {
				a.add(a.at(number, s).finding(voidStatement, "provider "+input.Quote(arn)+", meant may be "+
					input.Quote(meant)))
				break
			}
		}
	}
}

// unknownActions says which of a statement's actions are none that a trust policy can be about.
func (a *auditor) unknownActions(number int, s *trust.Statement) (some bool) {
	for i, action := range s.Actions {
		if slices.ContainsFunc(trust.Actions, func(known string) bool { return trust.ActionCovers(action, known) }) {
			continue
		}
		detail := "action " + input.Quote(action)
		if meant := spelling.Nearest(action, trust.Actions); meant != "" {
			detail += ", meant may be " + meant
		}
		f := a.at(number, s).finding(voidStatement, detail)
		f.Value = action
		f.Line, f.Column = s.ActionPlace(a.document, i)
		a.add(f)
		some = true
	}
	return some
}

// idle says that nobody whom a statement names can do what it is about.
func (a *auditor) idle(number int, s *trust.Statement, opened map[string]bool) {
	needs := taking(s)
	for _, action := range needs {
		if s.Covers(action) {
			return
		}
	}
	besides := slices.ContainsFunc(trust.Actions, func(action string) bool {
		return s.Covers(action) && !strings.HasPrefix(action, "sts:AssumeRole")
	})
	if besides && slices.ContainsFunc(needs, func(action string) bool { return opened[action] }) {
		return // it goes with another statement
	}
	if len(needs) == 0 {
		a.add(a.at(number, s).finding(voidStatement, "which names nobody"))
		return
	}
	a.add(a.at(number, s).finding(voidStatement, "whose principals take on a role by "+strings.Join(needs, " or ")))
}

// taking are the actions by which the principals of a statement take on a role.
func taking(s *trust.Statement) []string {
	var actions []string
	for kind, names := range s.Principals.ByType {
		for _, name := range names {
			switch {
			case kind != "Federated":
				actions = ci.AddOnce(actions, "sts:AssumeRole")
			case name == "*":
				actions = ci.AddOnce(ci.AddOnce(actions, "sts:AssumeRoleWithSAML"), "sts:AssumeRoleWithWebIdentity")
			case isSAML(name):
				actions = ci.AddOnce(actions, "sts:AssumeRoleWithSAML")
			default:
				actions = ci.AddOnce(actions, "sts:AssumeRoleWithWebIdentity")
			}
		}
	}
	return actions
}
