package provider

import (
	"errors"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A component is one CiOidcTrust or CiOidcProviders being constructed. Everything that can be wrong is found before its
// first resource is registered; only then the resources are.
type component struct {
	kind     string               // "CiOidcTrust"
	project  string               // the project's name
	owner    string               // the component among those of all stacks, as the tag of its providers has it
	hook     string               // what the names of its hooks begin with, which nobody else in the stack has
	packages []string             // packages of the providers it was given, sorted
	monitor  string               // the address of the engine's monitor
	provider string               // the reference of the AWS provider it was given, "" for the stack's own
	lookUps  *lookUps             // those of the whole process
	hooks    *hooks               // those of the whole process; nil where no engine calls back
	given    resource.PropertyMap // the inputs as the engine has them, which it quotes from
	tree     input.Value          // what the user wrote
	problems input.Problems
	// ci.Check, except where a test puts a mistake in
	prove func([]ci.Trust, ci.Account, input.Value, *input.Problems) error

	aws     asker // made with lookUps, of the provider that it was given
	account ci.Account
	further []ci.Finding // what is found once the role is there
	trusts  []ci.Trust
	may     *trust.May // what the role's policies allow; nil where that does not matter, or is not known
	ready   bool       // everything that decides the trust policy is known

	inputs  pulumi.Map // what the user wrote, as outputs with their secrets and dependencies
	name    string
	parent  pulumi.Resource // of the children: the component itself
	outputs *outputs        // of a CiOidcTrust
}

func (c *component) construct(ctx *pulumi.Context, token, name string, inputs pulumiprovider.ConstructInputs,
	option pulumi.ResourceOption,
) (*pulumiprovider.ConstructResult, error) {
	if err := c.understand(ctx, option); err != nil {
		return nil, err
	}
	c.outputs = &outputs{}
	if err := c.begin(ctx, token, name, inputs, c.outputs, option); err != nil {
		return nil, err
	}
	if err := c.show(ctx); err != nil {
		return nil, err
	}
	if err := c.register(ctx); err != nil {
		return nil, err
	}
	// Without this the component's state has no outputs, although programs see them.
	if err := ctx.RegisterResourceOutputs(c.outputs, c.outputs.state()); err != nil {
		return nil, err
	}
	return pulumiprovider.NewConstructResult(c.outputs)
}

// begin registers the component itself.
func (c *component) begin(ctx *pulumi.Context, token, name string, inputs pulumiprovider.ConstructInputs,
	self pulumi.ComponentResource, option pulumi.ResourceOption,
) error {
	var err error
	if c.inputs, err = inputs.Map(); err != nil {
		return err
	}
	for name, given := range c.inputs {
		if c.tree.Field(name).HasSecret() { // the SDK forgets a secret that stands inside an output that is none
			c.inputs[name] = pulumi.ToSecret(given)
		}
	}
	c.name, c.parent = name, self
	return ctx.RegisterComponentResourceV2(token, name, c.inputs, self, option)
}

// understand reads the inputs and proves the trust. What is wrong with the inputs wherever the role may be is reported
// before AWS is asked anything: it has to be mended either way, and nobody needs credentials to be told.
func (c *component) understand(ctx *pulumi.Context, option pulumi.ResourceOption) error {
	if !ctx.DryRun() {
		refuseUnknown(c.tree, &c.problems)
	}
	if c.read(ci.Account{}); c.problems.Len() > 0 {
		return c.invalid()
	}
	if err := c.locate(ctx, option); err != nil {
		return err
	}
	c.read(c.account)
	if err := c.checkDefaultTags(); err != nil {
		return err
	}
	c.holdProviders()
	c.judgePermissions()
	if c.ready = c.account.Partition != "" && c.problems.Len() == 0; c.ready {
		for _, t := range c.trusts {
			c.ready = c.ready && t.FullyKnown
		}
	}
	if c.ready {
		if err := c.prove(c.trusts, c.account, c.tree.Field("trustPolicyMaxLength"), &c.problems); err != nil {
			return err
		}
	}
	if c.problems.Len() == 0 {
		c.findOtherAudiences()
	}
	if !c.ready && c.problems.Len() == 0 && !ctx.DryRun() {
		return errors.New("the AWS provider does not say in which partition it works, so the trust cannot be proved; " +
			"nothing was created or changed")
	}
	return c.invalid()
}

// read understands the inputs of a role in an account, of which nothing or all may be known.
func (c *component) read(account ci.Account) {
	checkRole(c.tree, account.Partition, &c.problems)
	c.trusts = all.Registry().Read(c.tree, account, &c.problems)
	checkTagCount(c.tree.Field("tags"), 0, c.trusts, &c.problems)
}

// locate asks the AWS provider where the role will be.
func (c *component) locate(ctx *pulumi.Context, option pulumi.ResourceOption) error {
	options, err := awsInvoke(option, c.packages)
	if err != nil {
		return err
	}
	c.aws = asker{ctx, c.lookUps, c.monitor, c.provider, options, &atomic.Bool{}}
	c.account, err = readAccount(c.aws, c.needsAccount())
	return err
}

// refuseUnknown reports what is unknown although this is no preview: the resource it comes from is new and was left out
// by --target. The SDK would drop such an input, and with a dropped permissionsBoundary the role could do more than was
// meant.
func refuseUnknown(v input.Value, problems *input.Problems) {
	if !v.Known && !v.Refused {
		problems.Add(v, "is not known, and this is no preview; is the resource it comes from left out by --target?")
	}
	for _, item := range v.List {
		refuseUnknown(item, problems)
	}
	for _, f := range v.Fields {
		refuseUnknown(f, problems)
	}
}

// needsAccount reports that the account must be known: a section uses an existing OIDC provider, whose account must be
// compared, or a statement of the user's own may name the account, or another one.
func (c *component) needsAccount() bool {
	if c.tree.Field(ci.AdditionalProperty).Present {
		return true
	}
	names := func(section input.Value) bool {
		return section.Field("providerArn").HasText() || section.Field("existingProvider").Bool()
	}
	if c.tree.Field("providerArns").Any(input.Value.HasText) {
		return true
	}
	for _, s := range all.Registry().Systems() {
		section := c.tree.Field(s.Section())
		if names(section) {
			return true
		}
		for _, item := range section.Fields { // of the map custom
			if names(item) {
				return true
			}
		}
	}
	return false
}

// holdProviders looks up the existing OIDC providers that the sections use.
func (c *component) holdProviders() {
	for i := range c.trusts {
		if t := &c.trusts[i]; t.ProviderArn() != "" && c.account.Partition != "" {
			c.holdProvider(t)
		}
	}
}
