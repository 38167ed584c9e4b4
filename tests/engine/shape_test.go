package engine

import (
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
)

// refused previews and updates, expects both to fail with the same problems and nothing to be registered, and returns
// them.
func (w *world) refused(inputs props) string {
	w.t.Helper()
	before := len(w.changes())
	preview, up := w.preview(trust(inputs)), w.up(trust(inputs))
	require.Error(w.t, preview.err)
	require.Error(w.t, up.err)
	require.Equal(w.t, requestID.ReplaceAllString(preview.messages(), ""),
		requestID.ReplaceAllString(up.messages(), ""))
	require.Contains(w.t, up.messages(), "nothing was created or changed")
	require.Empty(w.t, w.resources())
	require.Len(w.t, w.changes(), before)
	return up.messages()
}

var requestID = regexp.MustCompile(`RequestID: [0-9a-f-]+`)

// objects are the places that hold objects of a declared type, and the component itself.
func objects(t *testing.T, example string) map[string]check.Type {
	t.Helper()
	schema := parsedSchema(t)
	component := schema.Resources[componentType]
	found := map[string]check.Type{"": {Properties: component.Inputs, Required: component.RequiredInputs}}
	for _, p := range places(t) {
		if p.example == example && p.object != "" {
			found[p.path] = schema.Types[strings.TrimPrefix(p.schema.Ref, "#/types/")]
		}
	}
	return found
}

func eachObject(t *testing.T, test func(t *testing.T, example, path string, declared check.Type)) {
	t.Helper()
	t.Parallel()
	for example := range examples() {
		for path, declared := range objects(t, example) {
			if !first(example) && !sampled(t.Name(), example+" "+path) {
				continue
			}
			t.Run(example+" "+path, func(t *testing.T) { test(t, example, path, declared) })
		}
	}
}

// changed is an example in which an object was changed.
func changed(t *testing.T, example, path string, change func(resource.PropertyMap)) props {
	t.Helper()
	inputs := resource.NewProperty(values(examples()[example]))
	steps, err := resource.ParsePropertyPath(path)
	require.NoError(t, err)
	object, ok := steps.Get(inputs)
	require.True(t, ok)
	change(object.ObjectValue())
	return props(wrapped(inputs.ObjectValue()))
}

func dotted(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

func TestAMissingRequiredPropertyIsNamedWithItsPath(t *testing.T) {
	eachObject(t, func(t *testing.T, example, path string, declared check.Type) {
		for _, required := range declared.Required {
			inputs := changed(t, example, path, func(object resource.PropertyMap) {
				delete(object, resource.PropertyKey(required))
			})
			messages := newExampleWorld(t, example).refused(inputs)
			require.Contains(t, messages, "- property "+dotted(path, required)+" has a problem: is missing; ")
		}
	})
}

func TestAMisspeltPropertyIsAnErrorThatListsTheKnownOnes(t *testing.T) {
	eachObject(t, func(t *testing.T, example, path string, declared check.Type) {
		for _, misspelt := range []string{"brnches", "Github", "policy_arns", "", "a.b[0]", "roleArn"} {
			inputs := changed(t, example, path, func(object resource.PropertyMap) {
				object[resource.PropertyKey(misspelt)] = resource.NewProperty("x")
			})
			messages := newExampleWorld(t, example).refused(inputs)
			names := []string{}
			for name := range declared.Properties {
				names = append(names, name)
			}
			sort.Strings(names)
			require.Contains(t, messages, " has "+strings.Join(names, ", "))
			require.Contains(t, messages, "unknown property; ")
			if misspelt != "" && !strings.Contains(misspelt, ".") {
				require.Contains(t, messages, "- property "+dotted(path, misspelt)+` with value "x"`)
			}
		}
	})
}

func TestAValueOfTheWrongTypeIsNamedWithItsPathAndBothTypes(t *testing.T) {
	wrong := map[string]resource.PropertyValue{
		"a string": resource.NewProperty("text"), "a number": resource.NewProperty(1.0),
		"a boolean": resource.NewProperty(true),
		"a list":    resource.NewProperty([]resource.PropertyValue{resource.NewProperty("text")}),
		"an object": resource.NewProperty(resource.PropertyMap{"key": resource.NewProperty("text")}),
	}
	eachPlace(t, func(t *testing.T, p place) {
		refusals := 0
		for kind, value := range wrong {
			if value.TypeString() == p.value().TypeString() {
				continue
			}
			messages := newExampleWorld(t, p.example).refused(p.replaced(value))
			require.Contains(t, messages, "- property "+p.path+" with value ")
			require.Contains(t, messages, "found "+kind)
			refusals++
		}
		require.GreaterOrEqual(t, refusals, 4)
	})
}

func TestEverythingThatIsWrongIsReportedAtOnceWithFullPaths(t *testing.T) {
	t.Parallel()
	messages := newWorld(t).refused(props{
		"github": props{
			"repositories": []any{
				props{"repository": "acme@1/web@2", "branches": []any{"main", "refs/heads/main", true}},
				props{"branches": []any{"main"}, "brnches": []any{"main"}},
				"acme/web",
			},
			"audiences": []any{}, "retainProvider": "yes",
		},
		"circleci": props{
			"organizationId": strings.ToUpper(organization),
			"projects":       []any{props{"id": "web", "tags": []any{"v1 0"}}},
		},
		"policyArns":         []any{policy("ReadOnlyAccess"), "ReadOnlyAccess"},
		"inlinePolicies":     props{"upload": "{", "read.s3": null()},
		"maxSessionDuration": 3600.5, "roleName": strings.Repeat("r", 65), "permissionsBoundary": null(),
		"acceptRisk": []any{}, "tags": props{"aws:team": "web"}, "acceptRisks": []any{"everything"},
	})
	for _, path := range []string{
		"github.repositories[0].branches[1] ", "github.repositories[0].branches[2] ",
		"github.repositories[1].repository ", "github.repositories[1].brnches ", "github.repositories[2] ",
		"github.audiences ", "github.retainProvider ", "circleci.organizationId ", "circleci.projects[0].id ",
		"circleci.projects[0].tags[0] ", "circleci.projects[0].vcsOrigin ", "policyArns[1] ", "inlinePolicies.upload ",
		`inlinePolicies["read.s3"] `, "maxSessionDuration ", "roleName ", "permissionsBoundary ", "acceptRisk ",
		"tags.aws:team ", "acceptRisks[0] ",
	} {
		require.Contains(t, messages, "- property "+path)
	}
	require.Equal(t, 20, strings.Count(messages, "- property "), messages)
}
