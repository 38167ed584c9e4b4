package main

import (
	"strings"
	"testing"
)

const (
	properties  = "properties: {github: {repositories: [{repository: acme@1234567/web@89012345, branches: [main]}]}}"
	mainSection = "github: {repositories: [{repository: acme@1234567/web@89012345, branches: [main]}]}"
)

func renders(t *testing.T, text string, more ...string) answer {
	t.Helper()
	return cli(t, text, append([]string{"render", "--input", "-", "--account-id", "123456789012"}, more...)...)
}

func TestRenderReadsTheOneComponentOfAProgram(t *testing.T) {
	want := renders(t, mainSection)
	if want.code != 0 {
		t.Fatalf("%+v", want)
	}
	for name, text := range map[string]string{
		"a program": "name: x\nruntime: yaml\nresources:\n  deploy: {type: " +
			"'ci-oidc-trust:CiOidcTrust', " + properties + "}\n",
		"the long token": "resources: {deploy: {type: 'ci-oidc-trust:index:CiOidcTrust', " + properties + "}}",
		"others beside": "resources: {b: {type: 'aws:s3:Bucket'}, a: {type: " +
			"'ci-oidc-trust:CiOidcTrust', " + properties + "}}",
		"the component":  "type: ci-oidc-trust:CiOidcTrust\n" + properties,
		"its properties": properties,
	} {
		if got := renders(t, text); got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRenderNamesWhatOfAProgramItDoesNotLookAt(t *testing.T) {
	got := renders(t, "type: ci-oidc-trust:CiOidcTrust\nproperties:\n  "+mainSection+"\n  roleName: deploy\n"+
		"  path: /ci/\n  policyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]\n  tags: {a: b}\n")
	if got.code != 0 || got.err != "standard input: not looked at, as no trust policy holds it: policyArns, tags\n" ||
		!strings.Contains(got.out, "arn:aws:iam::123456789012:role/ci/deploy\n") {
		t.Errorf("%+v", got)
	}
}

// The value of ${repository} was once refused as the name of a repository, and a program as one without sections.
func TestRenderSaysOfAProgramWhatItCannotKnow(t *testing.T) {
	const head = "resources:\n  deploy:\n    type: ci-oidc-trust:CiOidcTrust\n    properties:\n"
	for text, want := range map[string]string{
		head + "      github:\n        repositories:\n          - repository: ${repository}\n            branches: " +
			"[main]\n": "line 7, column 13: github.repositories[0].repository: is not known yet",
		head + "      github: {fn::fromJSON: \"${x}\"}\n": "line 5, column 7: github: is not known yet",
		head + "      gitHub: {}\n":                       "line 5, column 7: gitHub: unknown property",
		head:                                              "the CiOidcTrust has no properties",
		"name: x\nruntime: yaml\nresources: {}\n": "is a whole program, and has no CiOidcTrust; " +
			"write its properties",
		"name: x\nresources: {a: {type: ci-oidc-trust:CiOidcProviders, properties: {github: {}}}}": "has no " +
			"CiOidcTrust",
		"resources: {b: {type: 'ci-oidc-trust:CiOidcTrust'}, a: {type: 'ci-oidc-trust:CiOidcTrust'}}": "is a whole " +
			"program with 2 of CiOidcTrust (a, b); write",
		"type: aws:iam:Role\n" + properties: "the type must be ci-oidc-trust:CiOidcTrust",
		"resources: 5\n":                    "resources: unknown property",
		"properties: [1]\n":                 "the CiOidcTrust has no properties",
		"resources: {a: 5, b: [1]}\n":       "has no CiOidcTrust",
	} {
		if got := renders(t, text); got.code != 2 || got.out != "" || !strings.Contains(got.err, want) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// What adopt prints is a program, and rendering it is how people look at it.
func TestRenderTakesWhatAdoptPrints(t *testing.T) {
	adopted := cli(t, policy, "adopt", "--trust-policy", "-")
	if got := renders(t, adopted.out, "--json"); got.code != 0 || !strings.Contains(got.out, "refs/heads/main") {
		t.Errorf("%+v: %+v", adopted, got)
	}
}
