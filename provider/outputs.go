package provider

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// outputs is the component as Pulumi's SDK knows it: its place in the resource tree, and what it gives to programs. The
// fields are the properties that schema.json declares of the resource.
type outputs struct {
	pulumi.ResourceState

	RoleArn         pulumi.StringOutput         `pulumi:"roleArn"`
	RoleName        pulumi.StringOutput         `pulumi:"roleName"`
	ProviderArns    pulumi.StringMapOutput      `pulumi:"providerArns"`
	TrustPolicy     pulumi.StringOutput         `pulumi:"trustPolicy"`
	Grants          pulumi.StringArrayOutput    `pulumi:"grants"`
	Findings        pulumi.StringMapArrayOutput `pulumi:"findings"` // id, severity, message and remediation of each
	PipelineConfigs pulumi.StringMapOutput      `pulumi:"pipelineConfigs"`

	PipelineVariables pulumi.StringMapMapOutput `pulumi:"pipelineVariables"` // by section, by name
}

// state are the outputs by the names that they have in the component's state.
func (o *outputs) state() pulumi.Map {
	return pulumi.Map{
		"roleArn": o.RoleArn, "roleName": o.RoleName, "providerArns": o.ProviderArns, "trustPolicy": o.TrustPolicy,
		"grants": o.Grants, "findings": o.Findings, "pipelineConfigs": o.PipelineConfigs,
		"pipelineVariables": o.PipelineVariables,
	}
}
