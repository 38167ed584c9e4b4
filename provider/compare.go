package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// compare makes the output trustPolicy what the role has, with the secrets of what was proved, and finds a policy that
// is not the proved one: a transform of the program may have written it, or ignoreChanges kept it. It waits for the
// role. What is not known before up is compared then.
func (c *component) compare(ctx *pulumi.Context, proved, has pulumi.StringOutput) error {
	both := pulumi.All(proved, has)
	c.outputs.TrustPolicy = both.ApplyT(later(func(all []any) string {
		return all[1].(string)
	})).(pulumi.StringOutput)
	compared, err := internals.UnsafeAwaitOutput(ctx.Context(), both)
	if err != nil || !compared.Known {
		return err
	}
	all := compared.Value.([]any)
	if ci.SamePolicy(all[0].(string), all[1].(string)) {
		return nil
	}
	c.further = append(c.further, ci.Finding{Rule: ci.NotProved})
	return c.showFinding(ctx, ci.Finding{Rule: ci.NotProved})
}
