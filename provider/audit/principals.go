package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// serviceLinked is in the ARN of a role that AWS made for a service, and that nobody but the service can change.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
const serviceLinked = ":role/aws-service-role/"

// principals judges who gets in without a token: all of a role that lets tokens in, and of another role no more than
// that everyone gets in. The account is that of the role or, where it is not known, of the policy's OIDC providers,
// which are of the same.
func (a *auditor) principals() {
	if strings.Contains(a.role.Arn, serviceLinked) {
		return
	}
	self := principal.Self{Arn: a.role.Arn, Account: principal.AccountOf(a.role.Arn)}
	tokens := false
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		tokens = tokens || s.Effect == "Allow" && s.AboutWebIdentity() && len(s.Principals.ByType["Federated"]) > 0
		if s.Effect != "Allow" || !s.AboutWebIdentity() {
			continue
		}
		for _, arn := range s.Principals.ByType["Federated"] {
			if !slices.Contains(self.Providers, arn) && arn != "*" {
				self.Providers = append(self.Providers, arn)
			}
			if self.Account == "" {
				self.Account = principal.AccountOf(arn)
			}
		}
	}
	if self.Arn == "" && self.Account != "" {
		_, partition := trust.HostAndPartition(self.Providers[0])
		self.Arn = "arn:" + partition + ":iam::" + self.Account + ":role/" + cmp.Or(a.role.Name, principal.SomeRole)
	}
	for _, v := range principal.Judge(a.policy, self) {
		if !tokens && !principal.LetsEveryoneIn(v.Rule) {
			continue
		}
		at := a.at(v.Statement+1, &a.policy.Statements[v.Statement])
		f := at.finding(v.Rule, v.Detail)
		f.Value = v.Detail
		a.add(f)
	}
}
