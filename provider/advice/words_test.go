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

// spoken are the systems that say a job in their words.
var spoken = []string{"bitbucket", "buildkite", "circleci", "github", "gitlab", "hcpTerraform"}

// Each job that a recorded section trusts is said in words, and the component makes a policy of them that lets it in.
func TestTheWordsForAJobAdmitIt(t *testing.T) {
	registry := all.Registry()
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range spoken {
		raw, err := os.ReadFile(filepath.Join("..", "cmd", "ci-oidc-trust", "testdata", "recorded", section+".json"))
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
		said, jobs := 0, 0
		for _, c := range recorded.Cases {
			var problems input.Problems
			root, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", input.RawMap(c.Input), &problems)
			account := ci.Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}
			trusts := registry.Read(root, account, &problems)
			if problems.Len() > 0 || len(trusts) != 1 {
				continue
			}
			host := trusts[0].Host()
			for _, grant := range trusts[0].Grants {
				for _, token := range grant.Tokens() {
					if !token.Admit {
						continue
					}
					jobs++
					if n := saidOf(t, registry, section, host, token.Claims); n {
						said++
					}
				}
			}
		}
		if jobs == 0 || said*2 < jobs {
			t.Errorf("%s: words for %d of %d jobs", section, said, jobs)
		}
	}
}

// saidOf reports that there are words for a job; each that is there has to be right.
func saidOf(t *testing.T, registry *ci.Registry, section, host string, claims map[string]any) bool {
	t.Helper()
	arn := "arn:aws:iam::123456789012:oidc-provider/" + host
	r := &trust.Request{Provider: arn, Issuer: host, Partition: "aws", Claims: claims}
	policy, err := trust.ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{` +
		`"Federated":"` + arn + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + host +
		`:sub":"x"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	decision := policy.Evaluate(*r)
	a := newAdviser(registry, policy, r, &decision)
	if a.system == nil || a.system.Section() != section {
		t.Errorf("%s: %s is read as %v", section, host, a.title)
		return false
	}
	var out Advice
	a.write(&out)
	if out.Section == "" {
		return false
	}
	if !strings.HasPrefix(out.Section, section+":\n") {
		t.Errorf("%s: %s", section, out.Section)
	}
	return true
}

func TestEverySystemThatIsExpectedToSpeakDoes(t *testing.T) {
	registry := all.Registry()
	for _, section := range spoken {
		if _, ok := registry.System(section).(ci.Speaker); !ok {
			t.Errorf("%s has no words", section)
		}
	}
}
