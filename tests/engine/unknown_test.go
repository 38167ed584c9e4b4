package engine

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// later is a program whose component has, at one place, the output of another resource: unknown until that exists.
func (p place) later(value resource.PropertyValue) program {
	return func(r *running) error {
		output, err := r.upstream("upstream", value)
		if err != nil {
			return err
		}
		_, err = r.component("deploy", p.replaced(output), deploytest.ResourceOptions{})
		return err
	}
}

// outcome is what a stack's component came to, less what AWS made up.
func (w *world) outcome() string {
	w.t.Helper()
	outcome := map[string]any{"resources": w.resources(), "aws": w.aws.Inventory()}
	for _, r := range w.snapshot.Resources {
		if r.Type.Package() == "aws" || r.Type == componentType {
			inputs, outputs := revealed(r.Inputs), revealed(r.Outputs)
			for _, made := range []string{"createDate", "uniqueId", "id"} {
				delete(outputs, made)
			}
			outcome[string(r.URN)] = []any{inputs, outputs}
		}
	}
	text, err := json.MarshalIndent(outcome, "", " ")
	require.NoError(w.t, err)
	return generatedName.ReplaceAllString(string(text), "deploy-GENERATED$1")
}

var generatedName = regexp.MustCompile(`\bdeploy-[0-9a-f]{7}([^0-9a-zA-Z])`)

func revealed(m resource.PropertyMap) map[string]any {
	var strip func(v resource.PropertyValue) resource.PropertyValue
	strip = func(v resource.PropertyValue) resource.PropertyValue {
		switch {
		case v.IsSecret():
			return strip(v.SecretValue().Element)
		case v.IsOutput():
			return strip(v.OutputValue().Element)
		case v.IsArray():
			items := []resource.PropertyValue{}
			for _, item := range v.ArrayValue() {
				items = append(items, strip(item))
			}
			return resource.NewProperty(items)
		case v.IsObject():
			object := resource.PropertyMap{}
			for key, value := range v.ObjectValue() {
				object[key] = strip(value)
			}
			return resource.NewProperty(object)
		}
		return v
	}
	return strip(resource.NewProperty(m)).ObjectValue().Mappable()
}

// plainOutcomes are the outcomes of the examples as they are.
func plainOutcomes(t *testing.T) map[string]string {
	t.Helper()
	outcomes := map[string]string{}
	for name, inputs := range examples() {
		w := newExampleWorld(t, name)
		w.mustUp(func(r *running) error {
			if _, err := r.upstream("upstream", resource.NewProperty("unused")); err != nil {
				return err
			}
			return trust(inputs)(r)
		})
		outcomes[name] = w.outcome()
	}
	return outcomes
}

func TestWhatIsUnknownAtPreviewAndKnownAtUpGivesTheSameRole(t *testing.T) {
	plain := plainOutcomes(t)
	eachPlace(t, func(t *testing.T, p place) {
		w := newExampleWorld(t, p.example)
		preview := w.preview(p.later(p.value()))
		if p.wantsPlain() {
			require.Error(t, preview.err)
			require.Contains(t, preview.messages(), "property "+p.path+" ")
			require.Contains(t, preview.messages(), "known at preview")
		} else {
			require.NoError(t, preview.err, preview.messages())
			require.Contains(t, preview.plan(), "create Role deploy")
		}
		up := w.up(p.later(p.value()))
		require.NoError(t, up.err, up.messages())
		require.Equal(t, plain[p.example], w.outcome())

		again := w.preview(p.later(p.value()))
		require.NoError(t, again.err)
		require.Empty(t, again.plan(), "nothing changed, and the preview plans to change something")
		require.NoError(t, w.destroy().err)
	})
}

func TestABareUnknownWithoutDependenciesIsAnUnknownTooSoThatEveryLanguageCanPreview(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		preview := newExampleWorld(t, p.example).preview(trust(p.replaced(unknown())))
		require.Equal(t, p.wantsPlain(), preview.err != nil, preview.messages())
	})
}
