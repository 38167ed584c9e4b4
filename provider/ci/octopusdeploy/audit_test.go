package octopusdeploy

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestWhatAnAuditSaysOfTrustsOfOctopusDeployThatPeopleWrite(t *testing.T) {
	const (
		all = "octopus-deploy-account-test medium, octopus-deploy-any-environment medium, organization-wide medium"
		web = "space:default:project:web"
	)
	sub := func(operator string, subjects ...string) string {
		return citest.Subjects("acme.octopus.app", operator, subjects...)
	}
	policies := []citest.Policy{
		{Name: "aud alone", Allow: `{"StringEquals":{"KEY:aud":"acme.octopus.app"}}`, Want: all, Shows: "space mallory"},
		{Name: "any space", Allow: sub("StringLike", "space:*"), Want: all},
		{Name: "a space", Allow: sub("StringLike", "space:default:*"), Want: all, Shows: "space default, project mallory"},
		{Name: "any project of a space in production",
			Allow: sub("StringLike", "space:default:project:*:environment:production"), Want: "organization-wide medium",
			Shows: "project mallory, environment production"},
		{Name: "spaces that begin alike", Allow: sub("StringLike", "space:def*:project:web:environment:production"),
			Want: "project-prefix medium", Shows: "space defmallory"},
		{Name: "projects that begin alike", Allow: sub("StringLike", "space:default:project:web*:environment:production"),
			Want: "project-prefix medium", Shows: "project webmallory"},
		{Name: "a project, whatever its environment", Allow: sub("StringLike", web+":*"),
			Want: "octopus-deploy-any-environment medium"},
		{Name: "any environment", Allow: sub("StringLike", web+":environment:*"),
			Want: "octopus-deploy-any-environment medium", Shows: "environment mallory"},
		{Name: "no environment in the subject", Allow: sub("StringEquals", web),
			Want: "octopus-deploy-any-environment medium"},
		{Name: "environments that begin alike", Allow: sub("StringLike", web+":environment:prod*"),
			Want: "project-prefix medium", Shows: "environment prodmallory"},
		{Name: "one environment", Allow: sub("StringEquals", web+":environment:production"), Want: ""},
		{Name: "one environment, for any tenant", Allow: sub("StringLike", web+":tenant:*:environment:production"), Want: ""},
		{Name: "a runbook, with every key",
			Allow: sub("StringEquals", web+":runbook:restart:environment:production:account:aws:type:runbook"), Want: ""},
		{Name: "a project group and its project, in either order", Allow: sub("StringEquals",
			"space:default:project-group:shop:project:web:environment:production",
			"space:default:project:web:project-group:shop:environment:production"), Want: ""},
		{Name: "a health check", Allow: sub("StringEquals", "space:default:target:web-1"), Want: ""},
		{Name: "health checks of any target", Allow: sub("StringLike", "space:default:target:*"),
			Want: "organization-wide medium", Shows: "target mallory"},
		{Name: "an account test", Allow: sub("StringEquals", "space:default:account:aws"),
			Want: "octopus-deploy-account-test medium"},
		{Name: "a feed", Allow: sub("StringEquals", "space:default:feed:ecr"), Want: ""},
		{Name: "names in the place of slugs", Allow: sub("StringEquals", "space:Default:project:web:environment:Production"),
			Want: "octopus-deploy-slug-case low"},
		{Name: "the keys in another order", Allow: sub("StringEquals", "space:default:environment:production:project:web"),
			Want: "never-matches medium"},
		{Name: "a key that there is not", Allow: sub("StringEquals", web+":channel:stable"), Want: "never-matches medium"},
		{Name: "no space", Allow: sub("StringEquals", "project:web:environment:production"), Want: "never-matches medium"},
		{Name: "a wildcard that StringEquals takes literally", Allow: sub("StringEquals", web+":*"),
			Want: "never-matches medium"},
		{Name: "a space, all but a project in production denied", Allow: sub("StringLike", "space:default:*"),
			Deny: `{"StringNotLike":{"KEY:sub":"` + web + `:environment:production"}}`, Want: ""},
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
	suite.Policies(t, policies)
}
