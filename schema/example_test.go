package schema

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryResourceAndEveryFunctionHasAnExampleInEveryLanguage(t *testing.T) {
	type described struct{ Description string }
	var schema struct{ Resources, Functions map[string]described }
	if err := json.Unmarshal([]byte(composed(t, checkout(t))), &schema); err != nil {
		t.Fatal(err)
	}
	if len(schema.Resources) < 2 || len(schema.Functions) < 5 {
		t.Fatalf("there are %d resources and %d functions", len(schema.Resources), len(schema.Functions))
	}
	for _, part := range []map[string]described{schema.Resources, schema.Functions} {
		for token, one := range part {
			_, chooser, begins := strings.Cut(one.Description, "\n<!--Start PulumiCodeChooser -->\n")
			chooser, rest, ends := strings.Cut(chooser, "\n<!--End PulumiCodeChooser -->\n")
			if !begins || !ends || rest != "" {
				t.Errorf("%s has no chooser at its end", token)
			}
			for _, e := range Examples {
				if strings.Count("\n"+chooser, "\n```"+e.Language+"\n") != 1 {
					t.Errorf("%s has no example in %s", token, e.Name)
				}
			}
		}
	}
}

func TestAFunctionWithoutAnExampleIsNamed(t *testing.T) {
	for name, test := range map[string]struct{ file, program, want string }{
		"a file that is missing": {"functions/diffTrust/Pulumi.yaml", "",
			"the example of diffTrust: open examples/functions/diffTrust/Pulumi.yaml: file does not exist"},
		"an example of something else": {"functions/diffTrust/Pulumi.yaml", "function: ci-oidc-trust:auditTrust\n",
			"examples/functions/diffTrust/Pulumi.yaml: is the example of diffTrust, and does not use it"},
		"an example of another component": {"providers/Pulumi.yaml", "type: ci-oidc-trust:CiOidcTrust\n",
			"examples/providers/Pulumi.yaml: is the example of CiOidcProviders, and does not use it"},
		"a code block inside": {"providers/Pulumi.yaml", "type: ci-oidc-trust:CiOidcProviders\n# ```",
			"in TypeScript there is ``` or */"},
		"the end of a comment inside": {"providers/Pulumi.yaml", "type: ci-oidc-trust:CiOidcProviders\n# a/*/b",
			"in TypeScript there is ``` or */"},
		"no program": {"nodejs/index.ts", "\n", "there is no program in TypeScript"},
	} {
		parts := checkout(t)
		if delete(parts, "examples/"+test.file); test.program != "" {
			parts["examples/"+test.file] = &fstest.MapFile{Data: []byte(test.program)}
		}
		if _, err := Compose(parts, sixTimes); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}
