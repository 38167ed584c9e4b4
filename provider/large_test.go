package provider

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// many is a list of n items.
func many(n int, item func(i int) any) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

// nested is a value inside as many lists, or maps, as there are levels.
func nested(levels int, list bool) any {
	var value any = "x"
	for range levels {
		if list {
			value = []any{value}
		} else {
			value = map[string]any{"a": value}
		}
	}
	return value
}

type object = map[string]any

// oversized are inputs that nobody means, in each of the shapes in which there can be too much.
func oversized() map[string]object {
	const wrong = 20_000
	long := strings.Repeat("a", 10<<20)
	branch := object{"repositories": []any{object{"repository": "acme@1/web@2", "branches": []any{"main"}}}}
	inRepository := func(item object) object {
		return object{"github": object{"repositories": []any{item}}}
	}
	badBranch := func(i int) any { return fmt.Sprintf("a..b%d", i) }
	badProject := func(i int) any { return object{"id": fmt.Sprint("project-", i)} }
	of := func(more object) object {
		more["github"] = branch
		return more
	}
	inRepositories := func(item func(i int) any) object {
		return object{"github": object{"repositories": many(wrong, item)}}
	}
	return map[string]object{
		"wrong ids of risks": of(object{"acceptRisks": many(wrong, func(i int) any { return fmt.Sprint("risk-", i) })}),
		"wrong repositories": inRepositories(func(i int) any {
			return object{"repository": fmt.Sprintf("acme@x%d/web@y", i), "branches": []any{"main"}}
		}),
		"repositories that are texts": inRepositories(func(i int) any { return fmt.Sprint("acme/", i) }),
		"repositories with unknown words": inRepositories(func(i int) any {
			return object{fmt.Sprint("repo", i): "acme/web"}
		}),
		"wrong branches":    inRepository(object{"repository": "acme@1/web@2", "branches": many(wrong, badBranch)}),
		"wrong projects":    {"circleci": object{"organizationId": "acme", "projects": many(wrong, badProject)}},
		"wrong policies":    of(object{"policyArns": many(wrong, func(i int) any { return fmt.Sprint("policy-", i) })}),
		"wrong thumbprints": {"github": object{"thumbprints": many(wrong, func(int) any { return "x" })}},
		"unknown properties": func() object {
			inputs := object{}
			for i := range wrong {
				inputs[fmt.Sprint("property", i)] = i
			}
			return inputs
		}(),
		"wrong tags": func() object {
			tags := object{}
			for i := range wrong {
				tags[fmt.Sprint("aws:", i)] = "x"
			}
			return of(object{"tags": tags})
		}(),
		"wrong inline policies": func() object {
			policies := object{}
			for i := range wrong {
				policies[fmt.Sprint("policy ", i)] = "{"
			}
			return of(object{"inlinePolicies": policies})
		}(),
		"custom issuers": func() object {
			issuers := object{}
			for i := range wrong {
				issuers[fmt.Sprint("issuer", i)] = object{"issuer": "http://x"}
			}
			return object{"custom": issuers}
		}(),
		"a long risk":             of(object{"acceptRisks": []any{long}}),
		"a long name":             of(object{"roleName": long}),
		"a long path":             of(object{"path": long}),
		"a long text":             of(object{"description": long}),
		"a long boundary":         of(object{"permissionsBoundary": long}),
		"a long policy":           of(object{"inlinePolicies": object{"p": long}}),
		"a long name of a policy": of(object{"inlinePolicies": object{long: "{}"}}),
		"a long tag":              of(object{"tags": object{long: long}}),
		"a long word":             of(object{long: "x"}),
		"a long repository":       inRepository(object{"repository": long, "branches": []any{long}}),
		"a long project": {"circleci": object{
			"organizationId": long, "projects": []any{object{"id": long}},
		}},
		"a long audience": {"github": object{
			"audiences": []any{long}, "repositories": branch["repositories"],
		}},
		"a long issuer":    {"custom": object{"x": object{"issuer": "https://" + long}}},
		"lists in lists":   of(object{"policyArns": nested(5000, true)}),
		"maps in maps":     of(object{"tags": nested(5000, false)}),
		"a deep policy":    of(object{"inlinePolicies": object{"p": strings.Repeat(`{"a":[`, 500_000)}}),
		"a deep statement": of(object{"additionalTrustStatements": strings.Repeat(`[`, 1_000_000)}),
	}
}

// patience is a second of the processor on a machine that many others use, too. BenchmarkTooMuch has the figures.
const patience = 20 * time.Second

// Attack: one input holds the plugin, and with it the deployment of everybody, or fills the log.
func TestMoreThanAnybodyMeansIsAnsweredInASecondWithAShortMessage(t *testing.T) {
	for name, inputs := range oversized() {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			c, err := read(inputs)
			if err != nil {
				t.Fatal(err)
			}
			failure := c.invalid()
			if took := time.Since(started); took > patience {
				t.Errorf("it took %v", took)
			}
			if failure == nil {
				t.Fatal("it was accepted")
			}
			shown, _ := c.problems.Shown()
			length := len(failure.Error())
			for _, p := range shown {
				length += len(p.Path) + len(p.Reason)
			}
			if length > 100_000 || len(shown) > 50 {
				t.Errorf("the message has %d characters and %d problems", length, len(shown))
			}
		})
	}
}

// read understands inputs as Construct does, as far as no engine is needed.
func read(inputs object) (*component, error) {
	c := &component{kind: "CiOidcTrust", given: resource.NewPropertyMapFromMap(inputs)}
	var err error
	if c.tree, _, err = readInputs(trustToken, rawInputs(c.given), &c.problems); err != nil {
		return nil, err
	}
	c.read(ci.Account{})
	return c, nil
}

func TestALongValueIsNotHandedToTheEngineToPrint(t *testing.T) {
	for path, want := range map[string]string{
		"roleName": "roleName (too long to show)", "path": "path", "policyArns": "policyArns (too long to show)",
		"policyArns[3]": "policyArns[3]", "nowhere": "nowhere", "tags.x": "tags.x",
	} {
		c := &component{kind: "CiOidcTrust", given: resource.NewPropertyMapFromMap(object{
			"roleName": strings.Repeat("a", 1001), "path": strings.Repeat("a", 900),
			"policyArns": many(1000, func(int) any { return "policy" }), "tags": object{"x": "y"},
		})}
		if got := c.quotable(path, property.New(resource.FromResourcePropertyMap(c.given))); got != want {
			t.Errorf("%s is shown as %s, want %s", path, got, want)
		}
	}
}

// Attack: an input that Pulumi's engine cannot print ends the whole command, in place of the message about it.
func TestAValueThatTheEngineCannotPrintIsNotHandedToIt(t *testing.T) {
	unknown := resource.MakeComputed(resource.NewProperty(""))
	c := &component{kind: "CiOidcTrust", given: args{
		"path": unknown, "roleName": resource.NewProperty(resource.ResourceReference{URN: "urn:pulumi:a::b::c:d:E::f"}),
		"policyArns": resource.NewProperty([]resource.PropertyValue{text("x"), unknown}),
		"tags": resource.NewProperty(resource.Output{Known: true, Element: resource.NewProperty(args{
			"a": resource.MakeSecret(resource.NewProperty(resource.Output{Element: text("")})), "b": text("y"),
		})}),
		"description": resource.NewProperty(resource.Output{Known: true, Element: text("a b")}),
	}}
	const unfit = " (value not shown)"
	for path, want := range map[string]string{
		"path": "path" + unfit, "roleName": "roleName" + unfit, "policyArns": "policyArns" + unfit,
		"policyArns[0]": "policyArns[0]", "policyArns[1]": "policyArns[1]" + unfit, "tags": "tags" + unfit,
		"tags.a": "tags.a" + unfit, "tags.b": "tags.b", "description": "description",
	} {
		if got := c.quotable(path, property.New(resource.FromResourcePropertyMap(c.given))); got != want {
			t.Errorf("%s is shown as %s, want %s", path, got, want)
		}
	}
}

func BenchmarkTooMuch(b *testing.B) {
	for name, inputs := range oversized() {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c, err := read(inputs)
				if err != nil || c.invalid() == nil {
					b.Fatalf("accepted: %v", err)
				}
			}
		})
	}
}

// Deep nesting comes as far as the protocol lets it, and a stack that grows for it must not end the process.
func TestFunctionsAnswerADocumentThatIsDeepOrLongInASecond(t *testing.T) {
	for name, document := range map[string]string{
		"lists":   strings.Repeat(`[`, 5<<20),
		"maps":    strings.Repeat(`{"Statement":`, 1<<20),
		"a text":  `{"Version":"` + strings.Repeat("a", 10<<20) + `"}`,
		"nothing": strings.Repeat(" ", 10<<20),
	} {
		for _, function := range []string{"auditTrust", "evaluateTrust"} {
			t.Run(function+" of "+name, func(t *testing.T) {
				args, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(object{
					"trustPolicy": document, "claims": `{"sub":"x"}`}), plugin.MarshalOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if function == "auditTrust" {
					delete(args.Fields, "claims")
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				started := time.Now()
				s := &server{}
				_, err = s.Invoke(t.Context(), &pulumirpc.InvokeRequest{
					Tok: "ci-oidc-trust:index:" + function, Args: args,
				})
				runtime.ReadMemStats(&after)
				if err == nil || len(err.Error()) > 100_000 || strings.Contains(err.Error(), errBug.Error()) {
					t.Errorf("answered %.300v", err)
				}
				if took := time.Since(started); took > patience {
					t.Errorf("it took %v", took)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
					t.Errorf("it allocated %d MB", used>>20)
				}
			})
		}
	}
}
