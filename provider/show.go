package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// show writes the findings on the component, where everybody sees them who runs a preview or an update: what was
// refused and is accepted, and what is medium, as a warning; what is low as information. Of a section that is not fully
// known yet there is nothing to say before up.
func (c *component) show(ctx *pulumi.Context) error {
	var known []ci.Trust
	for _, t := range c.trusts {
		if t.FullyKnown {
			known = append(known, t)
		}
	}
	for _, f := range ci.Permitted(ci.Findings(known), c.may) {
		if err := c.showFinding(ctx, f); err != nil {
			return err
		}
	}
	if n := len(c.tree.Field("policyArns").List); n > policiesAtFirst {
		return ctx.Log.Warn(fmt.Sprintf("policyArns has %d policies, and IAM attaches %d to one role unless AWS has "+
			"raised the account's quota \"Managed policies attached to an IAM role\", at most to %d; without that "+
			"the update fails half way.", n, policiesAtFirst, attachedPolicies), &pulumi.LogArgs{Resource: c.parent})
	}
	return nil
}

func (c *component) showFinding(ctx *pulumi.Context, f ci.Finding) error {
	accepted := false
	for _, id := range c.tree.Field("acceptRisks").Texts() {
		accepted = accepted || id.Text() == f.ID
	}
	show, end := ctx.Log.Info, fmt.Sprintf(" To hide this message, add %s to acceptRisks.", f.ID)
	if c.kind == "CiOidcProviders" { // which has none
		end = ""
	}
	switch {
	case f.IsRefused():
		show, end = ctx.Log.Warn, " You accepted this risk with acceptRisks."
	case accepted:
		return nil
	case f.Severity == ci.Medium:
		show = ctx.Log.Warn
	}
	return show(fmt.Sprintf("%s (%s): %s. %s%s", f.ID, f.Severity, c.shown(f), f.Remediation, end),
		&pulumi.LogArgs{Resource: c.parent})
}

// shown is a finding's message, without what it quotes if a secret may be among that: messages are in clear.
func (c *component) shown(f ci.Finding) string {
	for _, t := range c.trusts {
		if t.HasSecret {
			return f.Summary
		}
	}
	return f.Message()
}
