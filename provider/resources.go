package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/child"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// register registers the component's children: a provider for each section that names none, the role, and what it may
// do.
func (c *component) register(ctx *pulumi.Context) error {
	arns, err := c.providers(ctx)
	if err != nil {
		return err
	}
	c.outputs.ProviderArns = arns
	proved := pulumi.All(c.sections(), c.outputs.ProviderArns).ApplyT(later(func(all []any) string {
		return ci.Compile(c.trusts, c.account, all[1].(map[string]string)).JSON()
	})).(pulumi.StringOutput)
	c.outputs.Grants = c.sections().ApplyT(later(func(any) []string {
		return ci.Sentences(c.trusts)
	})).(pulumi.StringArrayOutput)
	options := c.child()
	if c.hooks != nil && c.tree.Field("roleName").Present {
		exists, err := c.roleExists(ctx)
		if err != nil {
			return err
		}
		options = append(options, exists)
	}
	role, err := iam.NewRole(ctx, child.Role(c.name), &iam.RoleArgs{
		AssumeRolePolicy:    proved,
		Name:                c.text("roleName"),
		Path:                c.text("path"),
		Description:         c.description(),
		MaxSessionDuration:  c.integer("maxSessionDuration"),
		PermissionsBoundary: c.text("permissionsBoundary"),
		ForceDetachPolicies: c.boolean("forceDetachPolicies"),
		Tags:                c.tags(),
	}, options...)
	if err != nil {
		return err
	}
	c.outputs.RoleArn, c.outputs.RoleName = role.Arn, role.Name
	if err := c.compare(ctx, proved, role.AssumeRolePolicy); err != nil {
		return err
	}
	c.outputs.Findings = c.sections().ApplyT(later(func(any) []map[string]string {
		return c.findings()
	})).(pulumi.StringMapArrayOutput)
	pasted := pulumi.All(c.sections(), role.Arn, c.inputs["maxSessionDuration"])
	pastedFor := func(all []any) ci.Role {
		return ci.Role{ARN: all[1].(string), Region: c.account.Region, Duration: int(all[2].(float64))}
	}
	c.outputs.PipelineConfigs = pasted.ApplyT(later(func(all []any) map[string]string {
		configs := map[string]string{}
		for _, t := range c.trusts {
			configs[t.Section] = t.Pipeline(pastedFor(all))
		}
		return configs
	})).(pulumi.StringMapOutput)
	c.outputs.PipelineVariables = pasted.ApplyT(later(func(all []any) map[string]map[string]string {
		variables := map[string]map[string]string{}
		for _, t := range c.trusts {
			variables[t.Section] = t.PipelineVariables(pastedFor(all))
		}
		return variables
	})).(pulumi.StringMapMapOutput)
	if err := c.attachPolicies(ctx, role); err != nil {
		return err
	}
	return c.addInlinePolicies(ctx, role)
}

// child are the options of every child.
func (c *component) child() []pulumi.ResourceOption {
	return []pulumi.ResourceOption{pulumi.Parent(c.parent), anyVersion()}
}

// sections resolves when everything that decides the trust policy is known, and carries the secrets and dependencies of
// the sections.
func (c *component) sections() pulumi.Output {
	parts := []any{}
	for _, t := range c.trusts {
		parts = append(parts, c.inputs[t.Property])
	}
	if additional, given := c.inputs[ci.AdditionalProperty]; given {
		parts = append(parts, additional)
	}
	if !c.ready {
		parts = append(parts, pulumi.UnsafeUnknownOutput(nil))
	}
	return pulumi.All(parts...)
}

func (c *component) findings() []map[string]string {
	findings := []map[string]string{}
	all := append(ci.Permitted(ci.Findings(c.trusts), c.may), c.further...)
	trust.SortFindings(all)
	for _, f := range all {
		findings = append(findings, findingOutput(f))
	}
	return findings
}

func findingOutput(f ci.Finding) map[string]string {
	return map[string]string{
		"id": f.ID, "severity": string(f.Severity), "message": f.Message(), "remediation": f.Remediation,
	}
}

// description is the user's, or else the grants as far as they fit. What stands in it is in the trust policy too, so it
// reveals nothing to those who may read the role.
func (c *component) description() pulumi.StringPtrInput {
	if given := c.text("description"); given != nil {
		return given
	}
	return c.outputs.Grants.ApplyT(later(func(grants []string) string {
		text := strings.ReplaceAll("Trusts "+strings.Join(grants, "; "), "\u00a0", " ") // IAM takes no such space here
		if runes := []rune(text); len(runes) > descriptionLength {
			text = string(runes[:descriptionLength-4]) + " ..."
		}
		return text
	})).(pulumi.StringOutput)
}

// derive is a text taken from a section: now, at a preview that knows the text and not the whole section, or as an
// output of the section with its dependencies.
func derive(now, secret bool, text string, section pulumi.Output, read func() string) pulumi.StringInput {
	if now {
		return secretly(secret, pulumi.String(text).ToStringOutput()).(pulumi.StringOutput)
	}
	return section.ApplyT(later(func(any) string { return read() })).(pulumi.StringOutput)
}

func secretly(secret bool, o pulumi.Output) pulumi.Output {
	if secret {
		return pulumi.ToSecret(o)
	}
	return o
}

// attachPolicies attaches policyArns, each attachment named by its ARN. An ARN that is not known at preview is planned
// under its place in the list.
func (c *component) attachPolicies(ctx *pulumi.Context, role *iam.Role) error {
	list := c.tree.Field("policyArns")
	for i, v := range list.List {
		name := fmt.Sprintf("%s-policy-%d", c.name, i)
		if v.HasText() {
			name = child.Attachment(c.name, v.Text(), v.Secret)
		}
		arn := c.element("policyArns", list, v, func(all any) any { return all.([]any)[i] })
		if _, err := iam.NewRolePolicyAttachment(ctx, name,
			&iam.RolePolicyAttachmentArgs{Role: role.Name, PolicyArn: arn},
			c.child()...); err != nil {
			return err
		}
	}
	return nil
}

func (c *component) addInlinePolicies(ctx *pulumi.Context, role *iam.Role) error {
	policies := c.tree.Field("inlinePolicies")
	for _, name := range policies.Names() {
		document := c.element("inlinePolicies", policies, policies.Fields[name], func(all any) any {
			return all.(map[string]any)[name]
		})
		if _, err := iam.NewRolePolicy(ctx, child.Policy(c.name, name), &iam.RolePolicyArgs{
			Role: role.Name, Name: pulumi.String(name), Policy: document,
		}, c.child()...); err != nil {
			return err
		}
	}
	return nil
}

// element is one text of a list or map. While another one is not known, at preview, a known one is planned by itself;
// otherwise it comes with the dependencies and the secrecy of the whole.
func (c *component) element(property string, whole, v input.Value, pick func(any) any) pulumi.StringOutput {
	if v.Known && !whole.FullyKnown() {
		return secretly(v.Secret, pulumi.String(v.Text()).ToStringOutput()).(pulumi.StringOutput)
	}
	return c.inputs[property].(pulumi.Output).ApplyT(later(func(all any) string {
		return pick(all).(string)
	})).(pulumi.StringOutput)
}

// text is a string input of the role, nil when it was not given.
func (c *component) text(property string) pulumi.StringPtrInput {
	if given, ok := c.inputs[property]; ok {
		return given.(pulumi.Output).ApplyT(later(func(v any) string { return v.(string) })).(pulumi.StringOutput)
	}
	return nil
}

func (c *component) integer(property string) pulumi.IntPtrInput {
	return c.inputs[property].(pulumi.Output).ApplyT(later(func(v any) int {
		return int(v.(float64))
	})).(pulumi.IntOutput)
}

func (c *component) boolean(property string) pulumi.BoolPtrInput {
	return c.inputs[property].(pulumi.Output).ApplyT(later(func(v any) bool { return v.(bool) })).(pulumi.BoolOutput)
}

func (c *component) tags() pulumi.StringMapInput {
	given, ok := c.inputs["tags"]
	if !ok {
		return nil
	}
	return given.(pulumi.Output).ApplyT(later(func(v any) map[string]string {
		tags := map[string]string{}
		for name, value := range v.(map[string]any) {
			tags[name] = value.(string)
		}
		return tags
	})).(pulumi.StringMapOutput)
}
