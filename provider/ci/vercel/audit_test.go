package vercel

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForVercelAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone at the team's issuer", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"}}`,
		Want:      "medium organization-wide", Witness: "team acme, project mallory",
	},
	{
		Name: "aud alone at the shared issuer", Host: "oidc.vercel.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"}}`,
		Want:      "medium organization-wide", Witness: "project mallory",
	},
	{
		Name: "an audience of any team", Host: "oidc.vercel.com",
		Condition: `{"StringLike": {"ISSUER:aud": "https://vercel.com/*"}}`,
		Want:      "high tenant-not-pinned", Witness: "https://vercel.com/mallory",
	},
	{
		Name: "every project in production", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"},
			"StringLike": {"ISSUER:sub": "owner:acme:project:*:environment:production"}}`,
		Want: "medium organization-wide", Witness: "project mallory, environment production",
	},
	{
		Name: "any environment of a project", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"},
			"StringLike": {"ISSUER:sub": "owner:acme:project:web:environment:*"}}`,
		Want: "medium vercel-preview, medium vercel-development", Witness: "environment preview",
	},
	{
		Name: "production and preview, as the documentation has it", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme", "ISSUER:sub": [
			"owner:acme:project:web:environment:preview", "owner:acme:project:web:environment:production"]}}`,
		Want: "medium vercel-preview", Witness: "environment preview",
	},
	{
		Name: "the previews of every project", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"},
			"StringLike": {"ISSUER:sub": "owner:acme:project:*:environment:preview"}}`,
		Want: "medium organization-wide, medium vercel-preview", Witness: "project mallory, environment preview",
	},
	{
		Name: "a Deny of previews", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"},
			"StringLike": {"ISSUER:sub": "owner:acme:project:web:environment:*"}}`,
		Statements: `{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": {"StringLike": {"ISSUER:sub": "*:environment:preview"}}}`,
		Want: "medium vercel-development", Witness: "environment development",
	},
	{
		Name: "projects that begin alike", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme"},
			"StringLike": {"ISSUER:sub": "owner:acme:project:web*:environment:production"}}`,
		Want: "medium project-prefix", Witness: "project webmallory",
	},
	{
		Name: "another team than the issuer's", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme",
			"ISSUER:sub": "owner:other:project:web:environment:production"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "any team at the shared issuer", Host: "oidc.vercel.com",
		Condition: `{"StringLike": {"ISSUER:aud": "*", "ISSUER:sub": "owner:*:project:web:environment:production"}}`,
		Want:      "high tenant-not-pinned", Witness: "team mallory",
	},
	{
		Name: "the team in sub alone at the shared issuer", Host: "oidc.vercel.com",
		Condition: `{"StringEquals": {"ISSUER:sub": "owner:acme:project:web:environment:production"}}`,
		Want:      "medium required-claim",
	},
	{
		Name: "one project in production", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme",
			"ISSUER:sub": "owner:acme:project:web:environment:production"}}`,
	},
	{
		Name: "a custom environment", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme",
			"ISSUER:sub": "owner:acme:project:web:environment:staging"}}`,
	},
	{
		Name: "slashes for colons", Host: "oidc.vercel.com/acme",
		Condition: `{"StringEquals": {"ISSUER:aud": "https://vercel.com/acme",
			"ISSUER:sub": "owner/acme/project/web/environment/production"}}`,
		Want: "medium never-matches",
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
