package awsplugin

import (
	"context"
	"sort"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// kind is the shape a property's value must have.
type kind int

const (
	text     kind = iota
	document      // a JSON policy document: text, or an object that is turned into text
	integer
	flag
	textList
	textMap
)

func (k kind) String() string {
	return [...]string{
		"a string", "a JSON string or an object", "an integer", "a boolean", "a list of strings", "a map of strings",
	}[k]
}

// property is an input of a resource type.
type property struct {
	name     string
	kind     kind
	required bool
	// computed: AWS fills the value when the program leaves it out, so that leaving it out is no change.
	computed bool
	// replace: a change needs a new resource.
	replace bool
	// unordered: a list in which order does not count.
	unordered bool
	// fallback is the value of an input left out, nil for none.
	fallback any
	// conflicts names the input that cannot be given together with this one.
	conflicts string
	// unsupported says, for an input that pulumi-aws has and the stand-in does not, what to use instead.
	unsupported string
	// valid returns what is wrong with a value of the right kind, or "".
	valid func(resource.PropertyValue) string
	// same compares two texts that differ; nil means that they do.
	same func(old, new string) bool
	// asInput turns what AWS reports into what a program would write; nil means that they are the same.
	asInput func(string) string
}

// resourceType is one row of the plugin's table: what the generic Check and Diff need to know of a type, and its
// operations. Operations receive plain values: secrets are unwrapped before and wrapped again after.
type resourceType struct {
	token string
	// title names the type in error messages, in AWS's words.
	title   string
	inputs  []property
	outputs []string
	// volatile outputs may change in any update; the other outputs are kept.
	volatile []string
	// nameLength is the longest name allowed when the type has a name that is generated if left out, else 0.
	nameLength int

	create func(context.Context, *iam.Client, resource.PropertyMap) (id string, state resource.PropertyMap, err error)
	// read returns no state when the resource is gone. The state passed in is empty on import.
	read func(
		ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
	) (newID string, state resource.PropertyMap, err error)
	update func(ctx context.Context, client *iam.Client, id string, old, new resource.PropertyMap) error
	delete func(ctx context.Context, client *iam.Client, id string, state resource.PropertyMap) error
}

var resourceTypes = map[string]*resourceType{
	openIDConnectProviderType.token: openIDConnectProviderType,
	roleType.token:                  roleType,
	rolePolicyType.token:            rolePolicyType,
	rolePolicyAttachmentType.token:  rolePolicyAttachmentType,
	policyType.token:                policyType,
}

func (t *resourceType) input(name resource.PropertyKey) *property {
	for i := range t.inputs {
		if t.inputs[i].name == string(name) {
			return &t.inputs[i]
		}
	}
	return nil
}

// hasTags tells whether the type has tags, and so takes part in the provider's default tags.
func (t *resourceType) hasTags() bool { return t.input("tags") != nil }

func sortedKeys[V any](m map[resource.PropertyKey]V) []resource.PropertyKey {
	keys := make([]resource.PropertyKey, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}
