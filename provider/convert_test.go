package provider

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// opaque are the values that are neither data nor stand around data.
func opaque(t *testing.T) []resource.PropertyValue {
	t.Helper()
	document, err := asset.FromText("text")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := archive.FromAssets(map[string]any{"a": document})
	if err != nil {
		t.Fatal(err)
	}
	const urn = "urn:pulumi:dev::shop::a:b:C::d"
	return []resource.PropertyValue{
		resource.NewProperty(document), resource.NewProperty(folder),
		resource.MakeComponentResourceReference(urn, "1.0.0"), resource.MakeCustomResourceReference(urn, "id", ""),
		resource.MakeCustomResourceReference(urn, "", ""),
	}
}

// randomProperty is any value that the engine can send.
func randomProperty(r *rand.Rand, depth int, leaves []resource.PropertyValue) resource.PropertyValue {
	if depth == 0 {
		return leaves[r.IntN(len(leaves))]
	}
	below := func() resource.PropertyValue { return randomProperty(r, r.IntN(depth), leaves) }
	switch r.IntN(5) {
	case 0:
		return resource.MakeSecret(below())
	case 1:
		return resource.MakeComputed(below())
	case 2:
		var dependencies []resource.URN
		for i := range r.IntN(3) {
			dependencies = append(dependencies, resource.URN(fmt.Sprintf("urn:pulumi:dev::shop::a:b:C::d%d", i)))
		}
		return resource.NewProperty(resource.Output{
			Element: below(), Known: r.IntN(2) == 0, Secret: r.IntN(2) == 0, Dependencies: dependencies,
		})
	case 3:
		items := make([]resource.PropertyValue, r.IntN(4))
		for i := range items {
			items[i] = below()
		}
		return resource.NewProperty(items)
	}
	fields := resource.PropertyMap{}
	for range r.IntN(4) {
		fields[resource.PropertyKey(fmt.Sprint("f", r.IntN(5)))] = below()
	}
	return resource.NewProperty(fields)
}

func TestEveryPropertyComesBackFromItsRawValueUnchanged(t *testing.T) {
	leaves := append(opaque(t), resource.NewNullProperty(), resource.NewProperty(true), resource.NewProperty(false),
		resource.NewProperty(1.5), resource.NewProperty(0.0), resource.NewProperty(""), resource.NewProperty("x"))
	r := rand.New(rand.NewPCG(9, 2))
	for range 20000 {
		given := resource.PropertyMap{"a": randomProperty(r, 5, leaves), "b": randomProperty(r, 2, leaves)}
		raw := rawInputs(given)
		if again := pulumiInputs(raw); !reflect.DeepEqual(again, given) {
			t.Fatalf("%#v comes back as %#v", given, again)
		}
		if kept := input.RawMap(raw); !reflect.DeepEqual(kept, raw) {
			t.Fatalf("%#v is not raw: it becomes %#v", raw, kept)
		}
		if given.ContainsSecrets() != input.ContainsSecret(raw) {
			t.Fatalf("%#v contains a secret: %v, and raw: %v", given, given.ContainsSecrets(),
				input.ContainsSecret(raw))
		}
	}
}

func TestWhatIsSentToTheSDKIsWhatTheEngineSent(t *testing.T) {
	options := plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true, KeepResources: true, KeepOutputValues: true}
	const urn = "urn:pulumi:dev::shop::a:b:C::d"
	x, from := resource.NewProperty("x"), []resource.URN{urn}
	for _, value := range append(opaque(t), resource.NewNullProperty(), x, resource.MakeSecret(x),
		resource.MakeComputed(resource.NewProperty("")), resource.MakeComputed(resource.NewProperty(0.0)),
		resource.MakeComputed(resource.NewProperty(false)),
		resource.MakeComputed(resource.NewProperty([]resource.PropertyValue{})),
		resource.MakeComputed(resource.NewProperty(resource.PropertyMap{})),
		resource.NewProperty(resource.Output{Element: x, Known: true, Secret: true, Dependencies: from}),
		resource.NewProperty(resource.Output{Element: resource.NewProperty(""), Dependencies: from}),
		resource.MakeSecret(resource.NewProperty(resource.Output{Element: resource.NewProperty("")}))) {
		sent, err := plugin.MarshalProperties(resource.PropertyMap{"a": value}, options)
		if err != nil {
			t.Fatal(err)
		}
		received, err := plugin.UnmarshalProperties(sent, options)
		if err != nil {
			t.Fatal(err)
		}
		again, err := plugin.MarshalProperties(pulumiInputs(rawInputs(received)), options)
		if err != nil {
			t.Fatal(err)
		}
		if sent.String() != again.String() {
			t.Errorf("%v was sent as %s and is handed on as %s", value, sent, again)
		}
	}
}
