package check

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// The Python SDK is written by Pulumi's generator, whose rule for names is the one that counts.
func TestNamesInPythonAreThoseOfTheSDK(t *testing.T) {
	property := regexp.MustCompile(`@pulumi\.getter\(name="(\w+)"\)\n\s+def (\w+)\(`)
	seen := map[string]bool{}
	for _, file := range []string{"_inputs.py", "ci_oidc_trust.py", "ci_oidc_providers.py"} {
		text, err := os.ReadFile(filepath.Join("../../sdk/python/pulumi_ci_oidc_trust", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range property.FindAllStringSubmatch(string(text), -1) {
			seen[match[1]] = true
			if got := PythonName(match[1]); got != match[2] {
				t.Errorf("%s is %s in Python, not %s", match[1], match[2], got)
			}
		}
	}
	parsed, err := Package()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range parsed.Resources {
		for name := range c.Inputs {
			if PythonName(name) != name && !seen[name] {
				t.Errorf("no file of the SDK has %s, so this test looks for the wrong thing", name)
			}
		}
	}
}

func TestAProblemIsSaidInPythonsNamesAndWhatTheUserWroteStays(t *testing.T) {
	const trust, permissions = "ci-oidc-trust:index:CiOidcTrust", "ci-oidc-trust:index:permissions"
	parsed, err := Package()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token      string
		said, want input.Problem
	}{
		{trust, input.Problem{Path: "maxSessionDuration", Reason: "must be an integer, found a string"},
			input.Problem{Path: "max_session_duration", Reason: "must be an integer, found a string"}},
		{trust, input.Problem{Path: "hcpTerraform.workspaces[10].runPhases[0]", Reason: `must be plan or apply`},
			input.Problem{Path: "hcp_terraform.workspaces[10].run_phases[0]", Reason: `must be plan or apply`}},
		{trust, input.Problem{Path: "vercel.issuerMod", Reason: `unknown property; did you mean issuerMode?`},
			input.Problem{Path: "vercel.issuerMod", Reason: `unknown property; did you mean issuer_mode?`}},
		{trust, input.Problem{Path: "inlinePolicies.roleName", Reason: `is no policy (found "roleName \" roleName")`},
			input.Problem{Path: "inline_policies.roleName", Reason: `is no policy (found "roleName \" roleName")`}},
		{trust, input.Problem{Path: `tags["roleName.x"]`, Reason: "is too long"},
			input.Problem{Path: `tags["roleName.x"]`, Reason: "is too long"}},
		{trust, input.Problem{Path: "policyArns[0] (secret)", Reason: "is wrong"},
			input.Problem{Path: "policy_arns[0] (secret)", Reason: "is wrong"}},
		{trust, input.Problem{Path: "github", Reason: "the claim repositoryId, github.repositories[0].pullRequests, " +
			"https://example.com/roleName and myRoleName; add it to acceptRisks."},
			input.Problem{Path: "github", Reason: "the claim repositoryId, github.repositories[0].pull_requests, " +
				"https://example.com/roleName and myRoleName; add it to accept_risks."}},
		{permissions, input.Problem{Path: "acountId", Reason: "did you mean accountId?"},
			input.Problem{Path: "acountId", Reason: "did you mean account_id?"}},
		{permissions, input.Problem{Path: "terraformState.lockTables", Reason: "did you mean lockTable?"},
			input.Problem{Path: "terraform_state.lockTables", Reason: "did you mean lockTable?"}},
		{permissions, input.Problem{Path: "terraformState.lock_table", Reason: "unknown property; write lockTable, " +
			"or in Python pass TerraformStateArgs in the place of a dictionary"},
			input.Problem{Path: "terraform_state.lock_table", Reason: "unknown property; write lockTable, " +
				"or in Python pass TerraformStateArgs in the place of a dictionary"}},
		{"ci-oidc-trust:index:none", input.Problem{Path: "a.roleName[", Reason: ""},
			input.Problem{Path: "a.roleName[", Reason: ""}},
	} {
		if got := parsed.Python(c.token, c.said); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.token, got, c.want)
		}
	}
}

func FuzzPythonKeepsEveryPathThatHasNoProperty(f *testing.F) {
	parsed, err := Package()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a.b[0]", "x")
	f.Add(`tags["a\"b"].c (secret)`, `y "z`)
	f.Fuzz(func(t *testing.T, path, reason string) {
		got := parsed.Python("ci-oidc-trust:index:none", input.Problem{Path: path, Reason: reason})
		if got.Path != path {
			t.Errorf("%q became %q", path, got.Path)
		}
	})
}
