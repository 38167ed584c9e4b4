package advice

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Each job that a recorded section trusts is said in words, and the component makes a policy of them that lets it in.
func TestTheWordsForAJobAdmitIt(t *testing.T) {
	registry := all.Registry()
	for _, system := range registry.Systems() {
		if system.Issuer().Any {
			continue // nothing is known of what differs from run to run
		}
		section := system.Section()
		said, jobs := 0, 0
		for _, trusts := range recorded(t, section, 1000) {
			for _, grant := range trusts[0].Grants {
				for _, token := range grant.Tokens() {
					if !token.Admit {
						continue
					}
					jobs++
					if saidOf(t, registry, section, trusts[0].Host(), token.Claims) {
						said++
					}
				}
			}
		}
		if jobs == 0 || said*2 < jobs {
			t.Errorf("%s: words for %d of %d jobs", section, said, jobs)
		}
		t.Logf("%s: words for %d of %d jobs", section, said, jobs)
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
