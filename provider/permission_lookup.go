package provider

import (
	"fmt"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// getPolicy is the function of the AWS provider that reads a managed policy, AWS's own or the account's.
const getPolicy = "aws:iam/getPolicy:getPolicy"

type (
	policyArguments struct {
		Arn string `pulumi:"arn"`
	}
	policyAnswer struct {
		Policy string `pulumi:"policy"`
	}
)

// judgePermissions looks at what the role may do, where jobs get it whose code nobody need have reviewed.
func (c *component) judgePermissions() {
	findings := ci.Findings(c.trusts)
	if c.account.Partition == "" ||
		!slices.ContainsFunc(findings, func(f ci.Finding) bool { return f.Unreviewed }) {
		return
	}
	p := c.attached()
	if p.open || len(p.role.Policies) == 0 {
		return
	}
	judged := permission.Judge(p.role)
	c.may = &trust.May{
		Write:       permission.Sentences(p.shown(judged.Writes)),
		ReadSecrets: permission.Sentences(p.shown(judged.Secrets)),
		Partly:      p.partly,
	}
	if len(judged.Writes) > 0 {
		at := p.written[judged.Writes[0].Policy]
		secret := slices.ContainsFunc(c.trusts, func(t ci.Trust) bool { return t.HasSecret })
		ci.RefusePermitted(c.tree, at, ci.Permitted(findings, c.may), secret, &c.problems)
	}
}

// attached are the role's policies, as far as they are known.
type attached struct {
	role    permission.Role
	written map[string]input.Value // where each policy was written, by its name
	partly  bool                   // some policies are not known yet: they are judged at up
	open    bool                   // the boundary is not known yet, so that nothing can be said
}

func (c *component) attached() attached {
	p := attached{written: map[string]input.Value{}}
	list := c.tree.Field("policyArns")
	p.partly = !list.FullyKnown()
	for _, v := range list.Texts() {
		v.Secret = v.Secret || list.Secret
		if policyArn.MatchString(v.Text()) {
			p.add(v, c.lookUpPolicy(v))
		}
	}
	inline := c.tree.Field("inlinePolicies")
	p.partly = p.partly || !inline.FullyKnown()
	for _, name := range inline.Names() {
		if v := inline.Fields[name]; v.HasText() {
			v.Secret = v.Secret || inline.Secret
			p.add(v, &permission.Policy{Name: "the inline policy " + name, Document: v.Text()})
		}
	}
	boundary := c.tree.Field("permissionsBoundary")
	switch {
	case !boundary.Known:
		p.open = true
	case boundary.HasText() && policyArn.MatchString(boundary.Text()):
		p.role.Boundary = c.lookUpPolicy(boundary)
		p.open = p.role.Boundary == nil
	}
	return p
}

// add adds a policy; nil is one that the AWS provider does not know yet.
func (p *attached) add(v input.Value, policy *permission.Policy) {
	if policy == nil {
		p.partly = true
		return
	}
	p.written[policy.Name] = v
	p.role.Policies = append(p.role.Policies, *policy)
}

// shown are uses as they may be told: of a secret policy nothing but that it has some.
func (p *attached) shown(uses []permission.Use) []permission.Use {
	told := slices.Clone(uses)
	for i, u := range told {
		if p.written[u.Policy].HasSecret() {
			told[i] = permission.Use{Action: "something", Policy: p.written[u.Policy].Path + ", which is secret"}
		}
	}
	return told
}

// lookUpPolicy reads a managed policy; nil where the AWS provider cannot answer yet, at preview.
func (c *component) lookUpPolicy(v input.Value) *permission.Policy {
	arn := v.Text()
	policy := &permission.Policy{Name: arn, Arn: arn}
	found, err := ask[policyAnswer](c.aws, getPolicy, arn, policyArguments{arn})
	switch {
	case err != nil:
		policy.Unread = unreadPolicy(err)
	case found.Policy == "":
		return nil
	}
	policy.Document = found.Policy
	return policy
}

// unreadPolicy says why a policy could not be read.
func unreadPolicy(err error) string {
	switch {
	case isMissing(err):
		return "there is no such policy"
	case isDenied(err):
		return "whoever runs Pulumi needs iam:GetPolicy and iam:GetPolicyVersion on it"
	}
	return fmt.Sprintf("the look-up failed: %s", input.Quote(err.Error()))
}
