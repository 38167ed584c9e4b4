package advice

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var account = ci.Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}

// recorded are the trusts of the first recorded inputs of a section that have one issuer and are right.
func recorded(t *testing.T, section string, most int) [][]ci.Trust {
	t.Helper()
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join("..", "cmd", "ci-oidc-trust", "testdata", "recorded", section+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct{ Input map[string]any }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var found [][]ci.Trust
	for _, c := range file.Cases[:min(most, len(file.Cases))] {
		var problems input.Problems
		root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", input.RawMap(c.Input), &problems)
		trusts := all.Registry().Read(root, account, &problems)
		if problems.Len() == 0 && len(trusts) == 1 && len(trusts[0].Grants) > 0 {
			found = append(found, trusts)
		}
	}
	return found
}
