package provider

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/child"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// beforeCreate is the option of a provider that has the engine ask for one of the same issuer before it creates it:
// AWS has one for each issuer and account, and says no more than that it exists. A preview warns, and an up stops.
//
// The engine calls it only where the provider is not in the stack, and keeps what it is called in the state.
func (c *component) beforeCreate(ctx *pulumi.Context, t *ci.Trust) (pulumi.ResourceOption, error) {
	hook, err := c.hooks.register(c.monitor, c.hook+"-"+t.Section, func(args *pulumi.ResourceHookArgs) error {
		return contained(func() error {
			said := c.existsAlready(t, string(args.URN))
			if said == "" {
				return nil
			}
			if ctx.DryRun() {
				return ctx.Log.Warn(said, &pulumi.LogArgs{Resource: c.parent})
			}
			return errors.New(said)
		})
	})
	if err != nil {
		return nil, err
	}
	lost, err := c.whenItExists(ctx, c.hook+"-"+t.Section, func(urn string) string {
		if said := c.existsAlready(t, urn); said != "" {
			return said
		}
		return c.existing(t, urn, cmp.Or(c.madeArn(t), "ARN"), accountProvider{}) // it may not be read, or not yet
	})
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{
		BeforeCreate: []*pulumi.ResourceHook{hook}, OnError: lost,
	}), err
}

// existsAlready says what to write where the account has a provider of the issuer, and "" where it has none or may not
// be asked. urn is the name of the provider that is to be created.
func (c *component) existsAlready(t *ci.Trust, urn string) string {
	arn := c.madeArn(t)
	if arn == "" {
		return ""
	}
	found, err := readProvider(c.aws, arn)
	if err != nil || found.issuer == "" {
		return ""
	}
	return c.existing(t, urn, arn, found)
}

// existing says of a provider that the account has what to write, as far as what was found of it tells.
func (c *component) existing(t *ci.Trust, urn, arn string, found accountProvider) string {
	at, issuer := t.Input.Field("existingProvider").Path, t.Issuer()
	if t.HasSecret { // that of one organization shows the organization
		issuer, arn = "the section", "ARN"
	}
	adopt := c.importCommand(urn, child.ProviderType, child.Provider(c.name, t.Section), arn)
	said := "the account has an OIDC provider of " + issuer + " already, and AWS allows one for each issuer URL " +
		"(EntityAlreadyExists). "
	if found.tags[ownerTag] == c.owner {
		return said + "Its tags say that this component made it: AWS created it in an up whose answer was lost, " +
			"or it was kept there by retainProvider. To go on with it: " + adopt + ". To use it and leave it " +
			"alone, write " + at + ": true. If this is a --replace, leave that out: a provider cannot be made anew " +
			"while it exists"
	}
	if owner := found.tags[ownerTag]; owner != "" && !t.HasSecret {
		said += "Its tags say that " + input.Quote(owner) + " made it: if this component had that name, give it that " +
			"again, and rename it with an alias (the option aliases). "
	}
	return said + "To use it and leave it to whoever made it, write " + at + ": true. To have it managed here, if no " +
		"other stack does: " + adopt
}

// importCommand is the command that takes something of the account into the stack, as the child of the component that
// has the URN.
func (c *component) importCommand(urn, resourceType, name, id string) string {
	component, _, _ := strings.Cut(urn, "$"+resourceType+"::")
	return fmt.Sprintf("pulumi import --protect=false --parent %s=%s::%s %s %s %s", c.name, component, c.name,
		resourceType, name, id)
}

// whenItExists is a hook for a creation that AWS refuses because there is such a thing: somebody else made it after it
// was looked for, or nobody was allowed to look. say tells what to write; AWS's own words follow it.
func (c *component) whenItExists(ctx *pulumi.Context, name string, say func(urn string) string,
) ([]*pulumi.ErrorHook, error) {
	return c.hooks.registerError(c.monitor, name+"-exists", func(args *pulumi.ErrorHookArgs) (bool, error) {
		return false, contained(func() error {
			if args.FailedOperation == "create" && len(args.Errors) > 0 &&
				says(errors.New(args.Errors[0]), "EntityAlreadyExists") {
				// An error of the log would be shown in the place of AWS's.
				_ = ctx.Log.Error(say(string(args.URN)), &pulumi.LogArgs{Resource: c.parent})
			}
			return nil
		})
	})
}

// roleExists is the option of a role whose name the user chose: it says what to do where the account has one of the
// name.
func (c *component) roleExists(ctx *pulumi.Context) (pulumi.ResourceOption, error) {
	hooks, err := c.whenItExists(ctx, c.hook+"::role", func(urn string) string {
		name := c.tree.Field("roleName")
		shown := name.Text()
		if name.Secret {
			shown = "NAME"
		}
		return "the account has a role of the name in roleName already, and AWS allows one of each name " +
			"(EntityAlreadyExists). Write another roleName, or leave it out, and the role gets a name that nobody " +
			"has. To manage that role here, if no other stack does: where it was made in an up whose answer was " +
			"lost, " + c.importCommand(urn, child.RoleType, child.Role(c.name), shown) + "; where somebody else " +
			"made it, take over what it trusts with ci-oidc-trust adopt --import"
	})
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{OnError: hooks}), err
}

// madeArn is the ARN that a provider made for a section has; "" where issuer or account are not known, or AWS may not
// be asked.
func (c *component) madeArn(t *ci.Trust) string {
	account := c.account
	if t.Issuer() == "" || account.Partition == "" {
		return ""
	}
	if account.ID == "" {
		caller, err := ask[callerAnswer](c.aws, getCaller, "", noArguments{})
		if err != nil || caller.AccountID == "" {
			return ""
		}
		account.ID = caller.AccountID
	}
	return t.ArnIn(account)
}

// findOtherAudiences adds what is found of the providers that the component owns in the account.
func (c *component) findOtherAudiences() {
	for i := range c.trusts {
		t := &c.trusts[i]
		if t.UsesProvider() || t.BuiltIn() || !t.FullyKnown {
			continue
		}
		arn := c.madeArn(t)
		if arn == "" {
			continue
		}
		if found, err := readProvider(c.aws, arn); err == nil && found.tags[ownerTag] == c.owner {
			t.Findings = append(t.Findings, t.OtherAudiences(found.audiences)...)
		}
	}
}
