package engine

import (
	"strings"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsplugin"
)

// requires says that the program's own SDK of AWS is of a version.
func (w *world) requires(version string) {
	parsed := semver.MustParse(version)
	w.required = []workspace.PackageDescriptor{{PluginDescriptor: workspace.PluginDescriptor{
		Name: "aws", Kind: apitype.ResourcePlugin, Version: &parsed,
	}}}
}

// awsProviders are the AWS providers of the stack: their names and versions.
func (w *world) awsProviders() []string {
	var found []string
	for _, r := range w.snapshot.Resources {
		if r.Type == "pulumi:providers:aws" {
			version := ""
			if r.Inputs["version"].IsString() {
				version = " " + r.Inputs["version"].StringValue()
			}
			found = append(found, r.URN.Name()+version)
		}
	}
	return found
}

// besideARole is a program with a role of its own, which its SDK registers with its version, and a trust.
func besideARole(version string, inputs props) program {
	return func(p *running) error {
		if _, err := p.monitor.RegisterResource("aws:iam/role:Role", "own", true, deploytest.ResourceOptions{
			Version: version, Inputs: property.NewMap(map[string]property.Value{"assumeRolePolicy": property.New(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
					`"Principal":{"Service":"ec2.amazonaws.com"}}]}`)}),
		}); err != nil {
			return err
		}
		return trust(inputs)(p)
	}
}

func TestAProgramOfEitherMajorOfPulumiAWSHasOneAWSPluginAndItsConfiguration(t *testing.T) {
	t.Parallel()
	for _, version := range []string{awsplugin.Version, awsplugin.Version7} {
		t.Run(version, func(t *testing.T) {
			w := newWorld(t)
			w.installed = []string{awsplugin.Version, awsplugin.Version7}
			w.requires(version)
			if version == awsplugin.Version7 { // the other major refuses it
				w.extra = map[string]string{"assumeRoles": `[{"roleArn":"arn:aws:iam::123456789012:role/deployer"}]`}
			}
			arn := w.existingProvider(githubURL, "sts.amazonaws.com")
			inputs := with(using(arn, nil), props{"circleci": circleci(), "policyArns": []any{policy("ReadOnlyAccess")},
				"inlinePolicies": props{"read": document("s3:GetObject")}})
			done := w.mustUp(besideARole(version, inputs))
			require.Equal(t, []string{version}, distinct(done.started))
			require.Len(t, w.awsProviders(), 1)
			require.True(t, strings.HasSuffix(w.awsProviders()[0], version), w.awsProviders())
			configs := w.resource("CiOidcTrust deploy").Outputs["pipelineConfigs"].ObjectValue()
			require.Contains(t, configs["github"].StringValue(), region)
			require.Empty(t, w.preview(besideARole(version, inputs)).plan())
			require.NoError(t, w.destroy().err)
		})
	}
}

func distinct(versions []string) []string {
	var once []string
	seen := map[string]bool{}
	for _, version := range versions {
		if !seen[version] {
			once = append(once, version)
		}
		seen[version] = true
	}
	return once
}

func TestAnExplicitProviderOfTheNextMajorIsTheOneThatIsUsed(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorldIn(t, "aws", "ap-south-1")
	w.installed = []string{awsplugin.Version, awsplugin.Version7}
	arn := other.existingProvider(githubURL, "sts.amazonaws.com")
	done := w.mustUp(elsewhereOf(awsplugin.Version7, other,
		with(using(arn, nil), props{"circleci": circleci()}), nil))
	require.Equal(t, []string{awsplugin.Version7}, distinct(done.started))
	require.Len(t, other.aws.Inventory().Roles, 1)
	require.Empty(t, w.aws.Calls(), "the stack's own account was asked")
	configs := w.resource("CiOidcTrust deploy").Outputs["pipelineConfigs"].ObjectValue()
	require.Contains(t, configs["github"].StringValue(), "ap-south-1")
}

// Releases before this one asked for one version of the AWS plugin, so that the children of their stacks lie on a
// default provider of their own.
func TestAStackThatWasMadeWithAPinnedVersionSeesNoChange(t *testing.T) {
	t.Parallel()
	for name, requires := range map[string]string{
		"a program without an SDK of AWS": "", "one of the same major": awsplugin.Version,
		"one of the next major": awsplugin.Version7,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			inputs := with(everyday(), props{"inlinePolicies": props{"read": document("s3:GetObject")}})
			w.mustUp(trust(inputs))
			w.pin(awsplugin.Version)
			require.Equal(t, []string{"default_6_83_4 6.83.4"}, w.awsProviders())
			if requires == awsplugin.Version7 {
				w.installed = append(w.installed, requires)
			}
			if requires != "" {
				w.requires(requires)
			}
			calls := len(w.changes())
			planned := w.preview(trust(inputs))
			require.NoError(t, planned.err, planned.messages())
			require.Empty(t, planned.plan())
			w.mustUp(trust(inputs))
			require.Len(t, w.changes(), calls, "something was changed in AWS")
			require.Empty(t, w.preview(trust(inputs)).plan())
			require.NoError(t, w.destroy().err)
			require.Empty(t, w.aws.Inventory().Roles)
		})
	}
}

// pin rewrites the state to what an older release left: children on the default provider of one version.
func (w *world) pin(version string) {
	name := "default_" + strings.ReplaceAll(version, ".", "_")
	move := func(text string) string {
		return strings.ReplaceAll(text, "pulumi:providers:aws::default::", "pulumi:providers:aws::"+name+"::")
	}
	for _, r := range w.snapshot.Resources {
		if r.Type == "pulumi:providers:aws" {
			r.URN = resource.URN(strings.TrimSuffix(move(string(r.URN)+"::"), "::"))
			r.Inputs["version"], r.Outputs["version"] = resource.NewProperty(version), resource.NewProperty(version)
		}
		r.Provider = move(r.Provider)
	}
}

func TestAnAWSProviderWithoutARegionIsAnErrorThatSaysHowToSetIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.region = ""
	r := w.preview(trust(github()))
	require.Error(t, r.err)
	require.Contains(t, r.messages(), "pulumi config set aws:region")
}
