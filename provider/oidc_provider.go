package provider

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/child"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// providers are the ARNs of the OIDC providers by section, each created here where the section uses no other.
func (c *component) providers(ctx *pulumi.Context) (pulumi.StringMapOutput, error) {
	arns := pulumi.StringMap{}
	for i := range c.trusts {
		if c.trusts[i].BuiltIn() {
			continue // the trust policy names the issuer itself
		}
		arn, err := c.providerOf(ctx, &c.trusts[i])
		if err != nil {
			return pulumi.StringMapOutput{}, err
		}
		arns[c.trusts[i].Section] = arn
	}
	return arns.ToStringMapOutput(), nil
}

// retains reports that the provider of a section stays in the account when it leaves the stack.
func (c *component) retains(t *ci.Trust) bool {
	return t.Retain() || c.tree.Field("retain").Bool() // of CiOidcProviders
}

// providerOf is the ARN of the OIDC provider that a section uses, created when the section names none.
func (c *component) providerOf(ctx *pulumi.Context, t *ci.Trust) (pulumi.StringInput, error) {
	section := t.Input
	whole := c.inputs[t.Property].(pulumi.Output)
	if t.HandedOn() {
		return secretly(section.HasSecret(), c.element("providerArns", c.tree.Field("providerArns"), t.NamedAt(),
			func(arns any) any { return arns.(map[string]any)[t.Section] })).(pulumi.StringOutput), nil
	}
	if t.UsesProvider() {
		if t.ProviderArn() == "" { // a preview that does not know it, or the account that it lies in
			whole = pulumi.All(whole, pulumi.UnsafeUnknownOutput(nil))
		}
		return derive(t.ProviderArn() != "" && !section.FullyKnown(), section.HasSecret(), t.ProviderArn(), whole,
			func() string { return t.ProviderArn() }), nil
	}
	open := !section.FullyKnown() // a preview; what is known of the section need not wait for the rest
	clientIDs := pulumi.StringArrayInput(whole.ApplyT(later(func(any) []string {
		return t.Audiences()
	})).(pulumi.StringArrayOutput))
	if open && section.Field("audiences").FullyKnown() && t.Issuer() != "" && len(t.Audiences()) > 0 {
		clientIDs = secretly(section.HasSecret(),
			pulumi.ToStringArray(t.Audiences()).ToStringArrayOutput()).(pulumi.StringArrayOutput)
	}
	args := &iam.OpenIdConnectProviderArgs{
		Url: derive(open && t.Issuer() != "", section.HasSecret(), t.Issuer(), whole, func() string {
			return t.Issuer()
		}),
		ClientIdLists: clientIDs,
		Tags:          c.providerTags(t),
	}
	if section.Field("thumbprints").Present {
		args.ThumbprintLists = whole.ApplyT(later(func(any) []string {
			return t.Thumbprints()
		})).(pulumi.StringArrayOutput)
	}
	options := c.child()
	if c.retains(t) {
		options = append(options, pulumi.RetainOnDelete(true))
	}
	if c.hooks != nil {
		before, err := c.beforeCreate(ctx, t)
		if err != nil {
			return nil, err
		}
		options = append(options, before)
	}
	provider, err := iam.NewOpenIdConnectProvider(ctx, child.Provider(c.name, t.Section), args, options...)
	if err != nil {
		return nil, err
	}
	made := provider.Arn
	if !ctx.DryRun() {
		made = provider.Arn.ApplyT(later(func(arn string) string {
			c.aws.forget(arn) // what was read before does not know it
			return arn
		})).(pulumi.StringOutput)
	}
	return secretly(section.HasSecret(), made).(pulumi.StringOutput), nil
}
