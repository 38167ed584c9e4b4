package advice

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Near misses of recorded trusts of every system are explained, and those of strangers hear nothing of how to get in.
func TestNoNearMissOfAStrangerIsToldHowToGetIn(t *testing.T) {
	registry := all.Registry()
	asked, helped := 0, 0
	for _, system := range registry.Systems() {
		for _, trusts := range recorded(t, system.Section(), 3) {
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
					t.Errorf("%s, %s: nothing is said", system.Section(), token.Name)
				}
				if got.Section+got.Condition == "" {
					continue
				}
				helped++
				if strings.Contains(token.Name, "stranger") || strings.Contains(token.Name, "another owner") ||
					strings.Contains(token.Name, "another organization") {
					t.Errorf("%s, %s: %v is told\n%s\n%s", system.Section(), token.Name, token.Claims, got.Section,
						got.Condition)
				}
			}
		}
	}
	if asked < 500 || helped < 50 {
		t.Errorf("%d near misses, of which %d were helped", asked, helped)
	}
}
