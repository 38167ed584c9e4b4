package azuredevops

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfAzureDevOpsThatPeopleWrite(t *testing.T) {
	const (
		retires = "azure-devops-issuer-retires low"
		lows    = "azure-devops-any-branch low, " + retires
		every   = "azure-devops-any-ref high, organization-wide medium, " + lows
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "aud alone", Allow: `{"StringEquals":{"KEY:aud":"` + audience + `"}}`, Want: every,
			Shows: "project mallory, service connection mallory"},
		{Name: "any subject", Allow: sub("StringLike", "*"), Want: every},
		{Name: "any service connection of the organization", Allow: sub("StringLike", "sc://acme/*"),
			Want:  "organization-wide medium, " + lows,
			Shows: "sc://acme/mallory/mallory"},
		{Name: "any service connection of a project", Allow: sub("StringLike", "sc://acme/Web Shop/*"),
			Want:  "project-prefix medium, " + lows,
			Shows: "sc://acme/Web Shop/mallory"},
		{Name: "projects that begin alike", Allow: sub("StringLike", "sc://acme/Web*/deploy to aws"),
			Want: "project-prefix medium, " + lows, Shows: "project Webmallory, service connection deploy to aws"},
		{Name: "connections that begin alike", Allow: sub("StringLike", "sc://acme/Web Shop/deploy*"),
			Want: "project-prefix medium, " + lows, Shows: "service connection deploymallory"},
		{Name: "a connection of that name in any project", Allow: sub("StringLike", "sc://acme/*/deploy to aws"),
			Want: "organization-wide medium, " + lows, Shows: "project mallory, service connection"},
		{Name: "one service connection", Allow: sub("StringEquals", "sc://acme/Web Shop/deploy to aws"), Want: lows},
		{Name: "one service connection, with StringLike", Allow: sub("StringLike", "sc://acme/Web Shop/deploy to aws"),
			Want: lows},
		{Name: "two connections", Allow: sub("StringEquals", "sc://acme/Web Shop/one", "sc://acme/Web Shop/two"),
			Want: lows},
		{Name: "the organization left open, and with it the project where a connection may be called so",
			Allow: sub("StringLike", "sc://*/Web Shop/deploy to aws"), Want: "organization-wide medium, " + lows,
			Shows: "service connection Web Shop/deploy to aws"},
		{Name: "a pipeline", Allow: sub("StringEquals", "p://acme/Web Shop/release"),
			Want: "azure-devops-any-ref high, " + retires, Shows: "pipeline release"},
		{Name: "any pipeline", Allow: sub("StringLike", "p://acme/*"),
			Want: "azure-devops-any-ref high, organization-wide medium, " + retires, Shows: "p://acme/mallory/mallory"},
		{Name: "a connection or a pipeline of the project", Allow: sub("StringLike", "?*://acme/Web Shop/deploy to aws"),
			Want: every},
		{Name: "the organization without its scheme", Allow: sub("StringEquals", "acme/Web Shop/deploy to aws"),
			Want: "never-matches medium"},
		{Name: "one slash too few", Allow: sub("StringEquals", "sc:/acme/Web Shop/deploy to aws"),
			Want: "never-matches medium"},
		{Name: "no project", Allow: sub("StringEquals", "sc://acme/deploy to aws"), Want: "never-matches medium"},
		{Name: "a subject of the Entra issuer", Allow: sub("StringLike", "/eid1/c/pub/t/*"), Want: "never-matches medium"},
		{Name: "a subject as GitHub has it", Allow: sub("StringLike", "repo:acme/web:*"), Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", "sc://acme/Web Shop/*"),
			Want: "never-matches medium"},
		{Name: "a branch as a key, which AWS does not fill",
			Allow: `{"StringEquals":{"KEY:aud":"` + audience + `","KEY:rpo_ref":"refs/heads/main"}}`,
			Want:  "never-matches medium"},
		{Name: "letter case that is passed over, in names",
			Allow: sub("StringEqualsIgnoreCase", "sc://ACME/web shop/deploy to aws"), Want: lows},
		{Name: "everything, pipelines denied", Allow: sub("StringLike", "*"),
			Deny: `{"StringLike":{"KEY:sub":"p://*"}}`, Want: "organization-wide medium, " + lows},
	}
	for i := range policies {
		policies[i].Host = host + "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	}
	suite.Policies(t, policies)
}
