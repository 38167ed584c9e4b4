package awsplugin

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// argument is what pulumi-aws's own SDK says of an input.
type argument struct {
	required bool
	kind     reflect.Kind
}

func argumentsOf(args reflect.Type) map[string]argument {
	arguments := map[string]argument{}
	for i := range args.NumField() {
		field := args.Field(i)
		shape := field.Type
		// In an SDK a pointer is optional, and so is a list or a map unless its tag or documentation says otherwise.
		if shape.Kind() == reflect.Pointer {
			arguments[field.Tag.Get("pulumi")] = argument{false, shape.Elem().Kind()}
			continue
		}
		arguments[field.Tag.Get("pulumi")] = argument{true, shape.Kind()}
	}
	return arguments
}

var kinds = map[kind][]reflect.Kind{
	text:     {reflect.String, reflect.Interface},
	document: {reflect.Interface},
	integer:  {reflect.Int},
	flag:     {reflect.Bool},
	textList: {reflect.Slice},
	textMap:  {reflect.Map},
}

var upstreamTypes = map[*resourceType]struct {
	args  pulumi.Input
	state any
}{
	openIDConnectProviderType: {iam.OpenIdConnectProviderArgs{}, iam.OpenIdConnectProvider{}},
	roleType:                  {iam.RoleArgs{}, iam.Role{}},
	rolePolicyType:            {iam.RolePolicyArgs{}, iam.RolePolicy{}},
	rolePolicyAttachmentType:  {iam.RolePolicyAttachmentArgs{}, iam.RolePolicyAttachment{}},
	policyType:                {iam.PolicyArgs{}, iam.Policy{}},
}

func TestTheInputsOfEveryTypeAreThoseOfPulumiAWS(t *testing.T) {
	require.Len(t, upstreamTypes, len(resourceTypes))
	for ours, upstream := range upstreamTypes {
		t.Run(ours.token, func(t *testing.T) {
			theirs := argumentsOf(upstream.args.ElementType())
			assert.Len(t, ours.inputs, len(theirs), "an input is missing or too many")
			for _, p := range ours.inputs {
				argument, known := theirs[p.name]
				require.True(t, known, "pulumi-aws has no input %q", p.name)
				if p.unsupported != "" {
					continue
				}
				assert.Contains(t, kinds[p.kind], argument.kind, p.name)
				if argument.kind != reflect.Slice && argument.kind != reflect.Map {
					assert.Equal(t, argument.required, p.required, p.name)
				}
			}
		})
	}
}

// The Go SDK's element types do not say which lists are required: its constructors do, by refusing.
func TestTheRequiredListsAreThosePulumiAWSRefusesToLeaveOut(t *testing.T) {
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := iam.NewOpenIdConnectProvider(ctx, "ci",
			&iam.OpenIdConnectProviderArgs{Url: pulumi.String("https://ci.example")})
		require.ErrorContains(t, err, "ClientIdLists")
		_, err = iam.NewOpenIdConnectProvider(ctx, "ci", &iam.OpenIdConnectProviderArgs{
			Url: pulumi.String("https://ci.example"), ClientIdLists: pulumi.StringArray{},
		})
		return err
	}, pulumi.WithMocks("project", "dev", noResources{}))
	require.NoError(t, err)
}

type noResources struct{}

func (noResources) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

func (noResources) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

func TestTheOutputsOfEveryTypeAreThoseOfPulumiAWS(t *testing.T) {
	for ours, upstream := range upstreamTypes {
		var theirs, known []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(upstream.state)) {
			if name := field.Tag.Get("pulumi"); name != "" && len(field.Index) == 1 {
				theirs = append(theirs, name)
			}
		}
		known = append(known, ours.outputs...)
		for _, p := range ours.inputs {
			known = append(known, p.name)
		}
		assert.ElementsMatch(t, theirs, known, ours.token)
	}
}

func TestTheArgumentsAndResultsOfEveryFunctionAreThoseOfPulumiAWS(t *testing.T) {
	upstream := map[*function][2]any{
		getPartition:             {aws.GetPartitionArgs{}, aws.GetPartitionResult{}},
		getRegion:                {aws.GetRegionArgs{}, aws.GetRegionResult{}},
		getDefaultTags:           {aws.GetDefaultTagsArgs{}, aws.GetDefaultTagsResult{}},
		getCallerIdentity:        {aws.GetCallerIdentityArgs{}, aws.GetCallerIdentityResult{}},
		getOpenIDConnectProvider: {iam.LookupOpenIdConnectProviderArgs{}, iam.LookupOpenIdConnectProviderResult{}},
		getRole:                  {iam.LookupRoleArgs{}, iam.LookupRoleResult{}},
		getPolicy:                {iam.LookupPolicyArgs{}, iam.LookupPolicyResult{}},
	}
	require.Len(t, upstream, len(functions))
	spec := schemaSpec(t)
	for ours, theirs := range upstream {
		arguments := argumentsOf(reflect.TypeOf(theirs[0]))
		assert.Len(t, ours.inputs, len(arguments), ours.token)
		for _, p := range ours.inputs {
			assert.Contains(t, arguments, p.name, ours.token)
		}
		results := argumentsOf(reflect.TypeOf(theirs[1]))
		assert.ElementsMatch(t, keysOf(results),
			keysOf(spec.Functions[ours.token].ReturnType.ObjectTypeSpec.Properties), ours.token)
		assert.ElementsMatch(t, keysOf(arguments), keysOf(spec.Functions[ours.token].Inputs.Properties), ours.token)
	}
}

func TestTheConfigurationKeysAreKeysOfPulumiAWS(t *testing.T) {
	theirs := argumentsOf(aws.ProviderArgs{}.ElementType())
	spec := schemaSpec(t)
	ours := keysOf((&configuration{}).fields(false))
	for _, key := range ours {
		assert.Contains(t, theirs, string(key))
	}
	names := make([]string, 0, len(ours))
	for _, key := range ours {
		names = append(names, string(key))
	}
	assert.ElementsMatch(t, names, keysOf(spec.Config.Variables))
	assert.ElementsMatch(t, names, keysOf(spec.Provider.InputProperties))
}

func TestTheSchemaDeclaresWhatThePluginDoes(t *testing.T) {
	spec := schemaSpec(t)
	require.Equal(t, Version, spec.Version)
	require.ElementsMatch(t, keysOf(resourceTypes), keysOf(spec.Resources))
	require.ElementsMatch(t, keysOf(functions), keysOf(spec.Functions))
	for token, ours := range resourceTypes {
		declared := spec.Resources[token]
		var inputs, required, state []string
		for _, p := range ours.inputs {
			if p.unsupported != "" {
				continue
			}
			inputs = append(inputs, p.name)
			if p.required {
				required = append(required, p.name)
			}
			assert.Equal(t, p.replace, declared.InputProperties[p.name].ReplaceOnChanges, "%s %s", token, p.name)
		}
		state = append(slices.Clone(inputs), ours.outputs...)
		assert.ElementsMatch(t, inputs, keysOf(declared.InputProperties), token)
		assert.ElementsMatch(t, required, declared.RequiredInputs, token)
		assert.ElementsMatch(t, state, keysOf(declared.Properties), token)
	}
}

func TestTheSchemaIsOneThatPulumiAccepts(t *testing.T) {
	_, problems, err := schema.BindSpec(schemaSpec(t), schema.NewNullLoader(), schema.ValidationOptions{})
	require.NoError(t, err)
	require.False(t, problems.HasErrors(), "%v", problems)
}

func schemaSpec(t *testing.T) schema.PackageSpec {
	t.Helper()
	plugin, err := New(nil)
	require.NoError(t, err)
	answer, err := plugin.GetSchema(context.Background(), &pulumirpc.GetSchemaRequest{})
	require.NoError(t, err)
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal([]byte(answer.GetSchema()), &spec))
	return spec
}

func keysOf[K comparable, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}
