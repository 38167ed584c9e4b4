package provider

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
)

// providersOutputs is a CiOidcProviders as Pulumi's SDK knows it.
type providersOutputs struct {
	pulumi.ResourceState

	ProviderArns pulumi.StringMapOutput `pulumi:"providerArns"`
}

// constructProviders constructs a CiOidcProviders: OIDC providers alone, which no role is made for here.
func (c *component) constructProviders(ctx *pulumi.Context, token, name string, inputs pulumiprovider.ConstructInputs,
	option pulumi.ResourceOption,
) (*pulumiprovider.ConstructResult, error) {
	if err := c.understandProviders(ctx, option); err != nil {
		return nil, err
	}
	made := &providersOutputs{}
	if err := c.begin(ctx, token, name, inputs, made, option); err != nil {
		return nil, err
	}
	if err := c.show(ctx); err != nil {
		return nil, err
	}
	var err error
	if made.ProviderArns, err = c.providers(ctx); err != nil {
		return nil, err
	}
	if err := ctx.RegisterResourceOutputs(made, pulumi.Map{"providerArns": made.ProviderArns}); err != nil {
		return nil, err
	}
	return pulumiprovider.NewConstructResult(made)
}

// understandProviders reads the inputs. As for a role, what is wrong with them is reported before AWS is asked.
func (c *component) understandProviders(ctx *pulumi.Context, option pulumi.ResourceOption) error {
	if !ctx.DryRun() {
		refuseUnknown(c.tree, &c.problems)
	}
	if retain := c.tree.Field("retain"); !retain.Known {
		c.problems.Add(retain, "must be known at preview: it decides what happens to the providers when the stack "+
			"goes; write true or false")
	}
	checkTags(c.tree.Field("tags"), &c.problems)
	read := func(account ci.Account) {
		c.trusts = all.Registry().ReadProviders(c.tree, account, &c.problems)
		checkTagCount(c.tree.Field("tags"), 0, c.trusts, &c.problems)
	}
	if read(ci.Account{}); c.problems.Len() > 0 {
		return c.invalid()
	}
	if err := c.locate(ctx, option); err != nil {
		return err
	}
	read(c.account)
	if err := c.checkDefaultTags(); err != nil {
		return err
	}
	if c.holdProviders(); c.problems.Len() == 0 {
		c.findOtherAudiences()
	}
	if c.account.Partition == "" && c.problems.Len() == 0 && !ctx.DryRun() {
		return errors.New("the AWS provider does not say in which partition it works, and the audience of tokens may " +
			"depend on it; nothing was created or changed")
	}
	return c.invalid()
}
