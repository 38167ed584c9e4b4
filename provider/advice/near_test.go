package advice

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Every near miss of every recorded trust is explained, and those of strangers hear nothing of how to get in.
func TestNoNearMissOfAStrangerIsToldHowToGetIn(t *testing.T) {
	registry := all.Registry()
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("..", "cmd", "ci-oidc-trust", "testdata", "recorded", "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatal(err, files)
	}
	asked, helped := 0, 0
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var recorded struct {
			Cases []struct {
				Name  string
				Input map[string]any
			}
		}
		if err := json.Unmarshal(raw, &recorded); err != nil {
			t.Fatal(err)
		}
		for _, c := range recorded.Cases[:min(3, len(recorded.Cases))] {
			var problems input.Problems
			root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", input.RawMap(c.Input), &problems)
			account := ci.Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}
			trusts := registry.Read(root, account, &problems)
			if problems.Len() > 0 || len(trusts) != 1 || len(trusts[0].Grants) == 0 {
				continue
			}
			policy := ci.Compile(trusts, account, nil)
			host := trusts[0].Host()
			provider := "arn:aws:iam::123456789012:oidc-provider/" + host
			if trusts[0].BuiltIn() {
				provider = host
			}
			for _, token := range trusts[0].Grants[0].Tokens() {
				r := &trust.Request{Provider: provider, Issuer: host, Partition: "aws", Claims: token.Claims}
				decision := policy.Evaluate(*r)
				if decision.Answer != trust.Denied {
					continue
				}
				asked++
				got := For(registry, policy, r, &decision)
				if len(got.Lines) == 0 || got.Lines[0] == "" {
					t.Errorf("%s, %s: nothing is said", path, token.Name)
				}
				if got.Section+got.Condition != "" {
					helped++
					if strings.Contains(token.Name, "stranger") || strings.Contains(token.Name, "another owner") ||
						strings.Contains(token.Name, "another organization") {
						t.Errorf("%s, %s: %v is told\n%s\n%s", filepath.Base(path), token.Name, token.Claims,
							got.Section,
							got.Condition)
					}
				}
			}
		}
	}
	if asked < 500 || helped == 0 {
		t.Errorf("%d near misses, of which %d were helped", asked, helped)
	}
}
