package engine

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// transformed is a trust with a transform of its children, as every SDK hands one to the engine.
func transformed(inputs props, change func(r *pulumirpc.TransformRequest)) program {
	return func(p *running) error {
		callbacks, err := deploytest.NewCallbacksServer()
		if err != nil {
			return err
		}
		defer func() { _ = callbacks.Close() }()
		transform, err := callbacks.Allocate(func(request []byte) (proto.Message, error) {
			var r pulumirpc.TransformRequest
			if err := proto.Unmarshal(request, &r); err != nil {
				return nil, err
			}
			change(&r)
			return &pulumirpc.TransformResponse{Properties: r.GetProperties(), Options: r.GetOptions()}, nil
		})
		if err != nil {
			return err
		}
		_, err = p.component("deploy", inputs,
			deploytest.ResourceOptions{Transforms: []*pulumirpc.Callback{transform}})
		return err
	}
}

const broken = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
	`"Principal":{"AWS":"arn:aws:iam::210987654321:root"}}]}`

// Attack: a policy that nobody proved is taken for the proved one, because the outputs say what was meant.
func TestAPolicyThatATransformWroteIsShownAndIsFoundNotProved(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]*structpb.Value{
		"a text":   structpb.NewStringValue(broken),
		"a secret": secretText(t, broken),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			program := transformed(github(), func(r *pulumirpc.TransformRequest) {
				if r.GetType() == "aws:iam/role:Role" {
					r.Properties.Fields["assumeRolePolicy"] = policy
				}
			})
			planned := w.preview(program)
			require.NoError(t, planned.err, planned.messages())
			for range 2 {
				done := w.up(program)
				require.NoError(t, done.err, done.messages())
				requireShown(t, done, "policy-not-proved", 1, 0)
			}
			output := w.resource("CiOidcTrust deploy").Outputs["trustPolicy"]
			if output.IsSecret() {
				output = output.SecretValue().Element
			}
			require.JSONEq(t, broken, output.StringValue())
			require.JSONEq(t, broken, w.trustPolicy())
			require.Contains(t, w.findings(), "policy-not-proved")
			require.NoError(t, w.up(trust(github())).err)
			require.NotContains(t, w.findings(), "policy-not-proved")
		})
	}
}

func secretText(t *testing.T, text string) *structpb.Value {
	t.Helper()
	value, err := structpb.NewValue(map[string]any{
		resource.SigKey: resource.SecretSig, "value": text,
	})
	require.NoError(t, err)
	return value
}

// findings are the ids in the output.
func (w *world) findings() []string {
	ids := []string{}
	found := w.resource("CiOidcTrust deploy").Outputs["findings"]
	if found.IsSecret() {
		found = found.SecretValue().Element
	}
	for _, f := range found.ArrayValue() {
		ids = append(ids, f.ObjectValue()["id"].StringValue())
	}
	return ids
}

func TestAPolicyThatIgnoreChangesKeepsIsFoundNotProved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keep := func(r *pulumirpc.TransformRequest) {
		if r.GetType() == "aws:iam/role:Role" {
			r.Options.IgnoreChanges = append(r.Options.IgnoreChanges, "assumeRolePolicy")
		}
	}
	w.mustUp(transformed(github(), keep))
	require.NotContains(t, w.findings(), "policy-not-proved")
	before := w.trustPolicy()
	done := w.mustUp(transformed(onBranch("release"), keep))
	requireShown(t, done, "policy-not-proved", 1, 0)
	require.Equal(t, before, w.trustPolicy())
	require.Equal(t, before, w.resource("CiOidcTrust deploy").Outputs["trustPolicy"].StringValue())
}

func TestATransformThatLeavesThePolicyAloneChangesNothingOfTheProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := transformed(github(), func(r *pulumirpc.TransformRequest) {
		if r.GetType() == "aws:iam/role:Role" {
			r.Properties.Fields["description"] = structpb.NewStringValue("of a transform")
			spaced, err := json.MarshalIndent(json.RawMessage(r.Properties.Fields["assumeRolePolicy"].GetStringValue()),
				"", "  ")
			if err == nil { // at preview the policy is not known
				r.Properties.Fields["assumeRolePolicy"] = structpb.NewStringValue(string(spaced))
			}
		}
	})
	done := w.mustUp(program)
	require.Empty(t, done.shown(diag.Warning))
	require.NotContains(t, w.findings(), "policy-not-proved")
	require.Equal(t, "of a transform", *w.role().Description)
}

func TestTheFindingOfAPolicyThatIsNotProvedCanBeHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := w.mustUp(transformed(accepting(github(), "policy-not-proved"), func(r *pulumirpc.TransformRequest) {
		if r.GetType() == "aws:iam/role:Role" {
			r.Properties.Fields["assumeRolePolicy"] = structpb.NewStringValue(broken)
		}
	}))
	requireShown(t, done, "policy-not-proved", 0, 0)
	require.Contains(t, w.findings(), "policy-not-proved")
}
