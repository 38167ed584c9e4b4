package octopusdeploy

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfOctopusDeployThatPeopleWrite(t *testing.T) {
	const (
		all = "medium organization-wide"
		web = "space:default:project:web"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("acme.octopus.app", operator, subjects...)
	}
	policies := []citest.Audited{
		{
			Name:      "aud alone",
			Condition: `{"StringEquals":{"ISSUER:aud":"acme.octopus.app"}}`,
			Want:      all,
			Witness:   "space mallory",
		},
		{Name: "any space", Condition: sub("StringLike", "space:*"), Want: all},
		{
			Name:      "a space",
			Condition: sub("StringLike", "space:default:*"),
			Want:      all,
			Witness:   "space default, project mallory",
		},
		{Name: "any project of a space in production",
			Condition: sub("StringLike", "space:default:project:*:environment:production"),
			Want:      "medium organization-wide",
			Witness:   "project mallory, environment production"},
		{Name: "spaces that begin alike", Condition: sub("StringLike", "space:def*:project:web:environment:production"),
			Want: "medium project-prefix", Witness: "space defmallory"},
		{Name: "projects that begin alike",
			Condition: sub("StringLike", "space:default:project:web*:environment:production"),
			Want:      "medium project-prefix", Witness: "project webmallory"},
		{Name: "a project, whatever its environment", Condition: sub("StringLike", web+":*"),
			Want: "medium octopus-deploy-any-environment"},
		{Name: "any environment", Condition: sub("StringLike", web+":environment:*"),
			Want: "medium octopus-deploy-any-environment", Witness: "environment mallory"},
		{Name: "no environment in the subject", Condition: sub("StringEquals", web),
			Want: "medium octopus-deploy-any-environment"},
		{Name: "environments that begin alike", Condition: sub("StringLike", web+":environment:prod*"),
			Want: "medium project-prefix", Witness: "environment prodmallory"},
		{Name: "one environment", Condition: sub("StringEquals", web+":environment:production"), Want: ""},
		{
			Name:      "one environment, for any tenant",
			Condition: sub("StringLike", web+":tenant:*:environment:production"),
			Want:      "",
		},
		{Name: "a runbook, with every key",
			Condition: sub("StringEquals", web+":runbook:restart:environment:production:account:aws:type:runbook"),
			Want:      ""},
		{Name: "a project group and its project, in either order", Condition: sub("StringEquals",
			"space:default:project-group:shop:project:web:environment:production",
			"space:default:project:web:project-group:shop:environment:production"), Want: ""},
		{Name: "a health check", Condition: sub("StringEquals", "space:default:target:web-1"), Want: ""},
		{Name: "health checks of any target", Condition: sub("StringLike", "space:default:target:*"),
			Want: "medium organization-wide", Witness: "target mallory"},
		{Name: "an account test", Condition: sub("StringEquals", "space:default:account:aws"),
			Want: "medium octopus-deploy-account-test"},
		{Name: "a feed", Condition: sub("StringEquals", "space:default:feed:ecr"), Want: ""},
		{Name: "names in the place of slugs",
			Condition: sub("StringEquals", "space:Default:project:web:environment:Production"),
			Want:      "low octopus-deploy-slug-case"},
		{Name: "the keys in another order",
			Condition: sub("StringEquals", "space:default:environment:production:project:web"),
			Want:      "medium never-matches"},
		{
			Name:      "a key that there is not",
			Condition: sub("StringEquals", web+":channel:stable"),
			Want:      "medium never-matches",
		},
		{
			Name:      "no space",
			Condition: sub("StringEquals", "project:web:environment:production"),
			Want:      "medium never-matches",
		},
		{Name: "a wildcard that StringEquals takes literally", Condition: sub("StringEquals", web+":*"),
			Want: "medium never-matches"},
		{Name: "a space, all but a project in production denied", Condition: sub("StringLike", "space:default:*"),
			Deny: `{"StringNotLike":{"ISSUER:sub":"` + web + `:environment:production"}}`, Want: ""},
	}
	for i := range policies {
		policies[i].Host = "acme.octopus.app"
	}
	// A server on another host is known by its subjects; one in the cloud may have a slash behind its issuer.
	for i, p := range policies[1:20] {
		p.Name, p.Host = p.Name+", self-hosted", "octopus.example.com"
		if i < 3 {
			p.Host = "acme.octopus.app/"
		}
		policies = append(policies, p)
	}
	suite.Audited(t, policies)
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
