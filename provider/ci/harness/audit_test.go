package harness

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfHarnessThatPeopleWrite(t *testing.T) {
	const (
		account = "account/" + acme + ":"
		flags   = "harness-subject-flags low"
		chosen  = "harness-chosen-subject medium"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects(audience, operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "aud alone, as in the reference architecture", Allow: `{"StringEquals":{"KEY:aud":"` + audience + `"}}`,
			Want:  "harness-whole-account high, harness-chosen-subject medium, harness-shared-connector medium, " + flags,
			Shows: "organization mallory"},
		{Name: "the account, before the flag is on", Allow: sub("StringEquals", acme),
			Want: "harness-whole-account high, " + flags},
		{Name: "whatever the account has", Allow: sub("StringLike", account+"*"),
			Want:  "harness-whole-account high, harness-chosen-subject medium, harness-shared-connector medium, " + flags,
			Shows: "organization mallory"},
		{Name: "an organization's connectors and its projects'", Allow: sub("StringLike", account+"org/default:project/*"),
			Want:  chosen + ", harness-shared-connector medium, organization-wide medium, " + flags,
			Shows: "project mallory"},
		{Name: "the organization's connectors", Allow: sub("StringEquals", account+"org/default:project/"),
			Want: chosen + ", harness-shared-connector medium, " + flags},
		{Name: "the account's connectors", Allow: sub("StringEquals", account+"org/:project/"),
			Want: chosen + ", harness-shared-connector medium, " + flags},
		{Name: "a project", Allow: sub("StringEquals", account+"org/default:project/web"), Want: chosen + ", " + flags},
		{Name: "a project, whatever its pipelines", Allow: sub("StringLike", account+"org/default:project/web:*"),
			Want: chosen + ", " + flags},
		{Name: "a pipeline", Allow: sub("StringEquals", account+"org/default:project/web:pipeline/deploy"),
			Want: chosen + ", " + flags},
		{Name: "projects that begin alike", Allow: sub("StringLike", account+"org/default:project/web*"),
			Want: chosen + ", project-prefix medium, " + flags, Shows: "project webmallory"},
		{Name: "organizations that begin alike", Allow: sub("StringLike", account+"org/def*"),
			Want:  chosen + ", harness-shared-connector medium, project-prefix medium, " + flags,
			Shows: "organization defmallory"},
		{Name: "a project of that name in any organization", Allow: sub("StringLike", account+"org/*:project/web"),
			Want: "harness-whole-account high, " + flags, Shows: "organization mallory, project web"},
		{Name: "another audience", Allow: citest.Subjects("harness", "StringEquals", account+"org/default:project/web"),
			Want: chosen + ", harness-other-audience low, " + flags},
		{Name: "another account than the issuer's", Allow: sub("StringEquals", "account/mallory:org/default:project/web"),
			Want: "never-matches medium"},
		{Name: "slashes for colons", Allow: sub("StringEquals", "account/"+acme+"/org/default/project/web"),
			Want: "never-matches medium"},
		{Name: "no project", Allow: sub("StringEquals", account+"org/default"), Want: "never-matches medium"},
		{Name: "the name of a project, with a space", Allow: sub("StringEquals", account+"org/default:project/Web Shop"),
			Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", account+"*"),
			Want: "never-matches medium"},
		{Name: "the account as a key, which AWS does not fill",
			Allow: `{"StringEquals":{"KEY:aud":"` + audience + `","KEY:account_id":"` + acme + `"}}`,
			Want:  "never-matches medium"},
		{Name: "whatever the account has, all but a project denied", Allow: sub("StringLike", "*"),
			Deny: `{"StringNotLike":{"KEY:sub":"` + account + `org/default:project/web"}}`, Want: chosen + ", " + flags},
	}
	for i := range policies {
		policies[i].Host = "app.harness.io" + accountPath + acme
	}
	// A self-managed Harness is known by the path of its issuer.
	for _, p := range policies[:8] {
		p.Name, p.Host = p.Name+", self-managed", "harness.example.com"+accountPath+acme
		policies = append(policies, p)
	}
	suite.Policies(t, policies)
}
