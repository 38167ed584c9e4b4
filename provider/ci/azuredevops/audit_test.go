package azuredevops

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfAzureDevOpsThatPeopleWrite(t *testing.T) {
	const (
		retires = "low azure-devops-issuer-retires"
		lows    = "low azure-devops-any-branch, " + retires
		every   = "high azure-devops-any-ref, medium organization-wide, " + lows
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Audited{
		{Name: "aud alone", Condition: `{"StringEquals":{"ISSUER:aud":"` + audience + `"}}`, Want: every,
			Witness: "project mallory, service connection mallory"},
		{Name: "any subject", Condition: sub("StringLike", "*"), Want: every},
		{Name: "any service connection of the organization", Condition: sub("StringLike", "sc://acme/*"),
			Want:    "medium organization-wide, " + lows,
			Witness: "sc://acme/mallory/mallory"},
		{Name: "any service connection of a project", Condition: sub("StringLike", "sc://acme/Web Shop/*"),
			Want:    "medium project-prefix, " + lows,
			Witness: "sc://acme/Web Shop/mallory"},
		{Name: "projects that begin alike", Condition: sub("StringLike", "sc://acme/Web*/deploy to aws"),
			Want: "medium project-prefix, " + lows, Witness: "project Webmallory, service connection deploy to aws"},
		{Name: "connections that begin alike", Condition: sub("StringLike", "sc://acme/Web Shop/deploy*"),
			Want: "medium project-prefix, " + lows, Witness: "service connection deploymallory"},
		{Name: "a connection of that name in any project", Condition: sub("StringLike", "sc://acme/*/deploy to aws"),
			Want: "medium organization-wide, " + lows, Witness: "project mallory, service connection"},
		{
			Name:      "one service connection",
			Condition: sub("StringEquals", "sc://acme/Web Shop/deploy to aws"),
			Want:      lows,
		},
		{Name: "one service connection, with StringLike",
			Condition: sub("StringLike", "sc://acme/Web Shop/deploy to aws"),
			Want:      lows},
		{Name: "two connections", Condition: sub("StringEquals", "sc://acme/Web Shop/one", "sc://acme/Web Shop/two"),
			Want: lows},
		{Name: "the organization left open, and with it the project where a connection may be called so",
			Condition: sub("StringLike", "sc://*/Web Shop/deploy to aws"), Want: "medium organization-wide, " + lows,
			Witness: "service connection Web Shop/deploy to aws"},
		{Name: "a pipeline", Condition: sub("StringEquals", "p://acme/Web Shop/release"),
			Want: "high azure-devops-any-ref, " + retires, Witness: "pipeline release"},
		{Name: "any pipeline", Condition: sub("StringLike", "p://acme/*"),
			Want:    "high azure-devops-any-ref, medium organization-wide, " + retires,
			Witness: "p://acme/mallory/mallory"},
		{Name: "a connection or a pipeline of the project",
			Condition: sub("StringLike", "?*://acme/Web Shop/deploy to aws"),
			Want:      every},
		{Name: "the organization without its scheme", Condition: sub("StringEquals", "acme/Web Shop/deploy to aws"),
			Want: "medium never-matches"},
		{Name: "one slash too few", Condition: sub("StringEquals", "sc:/acme/Web Shop/deploy to aws"),
			Want: "medium never-matches"},
		{Name: "no project", Condition: sub("StringEquals", "sc://acme/deploy to aws"), Want: "medium never-matches"},
		{
			Name:      "a subject of the Entra issuer",
			Condition: sub("StringLike", "/eid1/c/pub/t/*"),
			Want:      "medium never-matches",
		},
		{
			Name:      "a subject as GitHub has it",
			Condition: sub("StringLike", "repo:acme/web:*"),
			Want:      "medium never-matches",
		},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", "sc://acme/Web Shop/*"),
			Want: "medium never-matches"},
		{Name: "a branch as a key, which AWS does not fill",
			Condition: `{"StringEquals":{"ISSUER:aud":"` + audience + `","ISSUER:rpo_ref":"refs/heads/main"}}`,
			Want:      "medium never-matches"},
		{Name: "letter case that is passed over, in names",
			Condition: sub("StringEqualsIgnoreCase", "sc://ACME/web shop/deploy to aws"), Want: lows},
		{Name: "everything, pipelines denied", Condition: sub("StringLike", "*"),
			Deny: `{"StringLike":{"ISSUER:sub":"p://*"}}`, Want: "medium organization-wide, " + lows},
	}
	for i := range policies {
		policies[i].Host = host + "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	}
	suite.Audited(t, policies)
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
