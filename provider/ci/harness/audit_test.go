package harness

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfHarnessThatPeopleWrite(t *testing.T) {
	const (
		account = "account/" + acme + ":"
		flags   = "low harness-subject-flags"
		chosen  = "medium harness-chosen-subject"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Audited{
		{Name: "aud alone, as in the reference architecture",
			Condition: `{"StringEquals":{"ISSUER:aud":"` + audience + `"}}`,
			Want:      "high harness-whole-account, " + flags,
			Witness:   "organization mallory"},
		{Name: "the account, before the flag is on", Condition: sub("StringEquals", acme),
			Want: "high harness-whole-account, " + flags},
		{Name: "whatever the account has", Condition: sub("StringLike", account+"*"),
			Want:    "high harness-whole-account, " + flags,
			Witness: "organization mallory"},
		{Name: "an organization's connectors and its projects'",
			Condition: sub("StringLike", account+"org/default:project/*"),
			Want:      chosen + ", medium harness-shared-connector, medium organization-wide, " + flags,
			Witness:   "project mallory"},
		{Name: "the organization's connectors", Condition: sub("StringEquals", account+"org/default:project/"),
			Want: chosen + ", medium harness-shared-connector, " + flags},
		{Name: "the account's connectors", Condition: sub("StringEquals", account+"org/:project/"),
			Want: chosen + ", medium harness-shared-connector, " + flags},
		{
			Name:      "a project",
			Condition: sub("StringEquals", account+"org/default:project/web"),
			Want:      chosen + ", " + flags,
		},
		{Name: "a project, whatever its pipelines", Condition: sub("StringLike", account+"org/default:project/web:*"),
			Want: chosen + ", " + flags},
		{Name: "a pipeline", Condition: sub("StringEquals", account+"org/default:project/web:pipeline/deploy"),
			Want: chosen + ", " + flags},
		{Name: "projects that begin alike", Condition: sub("StringLike", account+"org/default:project/web*"),
			Want: chosen + ", medium project-prefix, " + flags, Witness: "project web-mallory"},
		{Name: "organizations that begin alike", Condition: sub("StringLike", account+"org/def*"),
			Want:    chosen + ", medium harness-shared-connector, medium project-prefix, " + flags,
			Witness: "organization def-mallory"},
		{Name: "a project of that name in any organization", Condition: sub("StringLike", account+"org/*:project/web"),
			Want: "high harness-whole-account, " + flags, Witness: "organization mallory, project web"},
		{Name: "another audience",
			Condition: citest.Subjects("harness", "StringEquals", account+"org/default:project/web"),
			Want:      chosen + ", low harness-other-audience, " + flags},
		{Name: "another account than the issuer's",
			Condition: sub("StringEquals", "account/mallory:org/default:project/web"),
			Want:      "medium never-matches"},
		{Name: "slashes for colons", Condition: sub("StringEquals", "account/"+acme+"/org/default/project/web"),
			Want: "medium never-matches"},
		{Name: "no project", Condition: sub("StringEquals", account+"org/default"), Want: "medium never-matches"},
		{Name: "the name of a project, with a space",
			Condition: sub("StringEquals", account+"org/default:project/Web Shop"),
			Want:      "medium never-matches"},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", account+"*"),
			Want: "medium never-matches"},
		{Name: "the account as a key, which AWS does not fill",
			Condition: `{"StringEquals":{"ISSUER:aud":"` + audience + `","ISSUER:account_id":"` + acme + `"}}`,
			Want:      "medium never-matches"},
		{Name: "whatever the account has, all but a project denied", Condition: sub("StringLike", "*"),
			Deny: `{"StringNotLike":{"ISSUER:sub":"` + account + `org/default:project/web"}}`,
			Want: chosen + ", " + flags},
	}
	for i := range policies {
		policies[i].Host = "app.harness.io" + accountPath + acme
	}
	// A self-managed Harness is known by the path of its issuer.
	for _, p := range policies[:8] {
		p.Name, p.Host = p.Name+", self-managed", "harness.example.com"+accountPath+acme
		policies = append(policies, p)
	}
	suite.Audited(t, policies)
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
