package spacelift

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForSpaceliftAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"}}`,
		Want:      "medium organization-wide", Witness: "space mallory",
	},
	{
		Name: "any space", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"}, "StringLike": {"ISSUER:sub": "space:*"}}`,
		Want:      "medium organization-wide", Witness: "space mallory",
	},
	{
		Name: "everything in a space, as the documentation has it", Host: "acme.app.us.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.us.spacelift.io"},
			"StringLike": {"ISSUER:sub": "space:production-01J0000000000000000000WEB1:*"}}`,
		Want: "medium project-prefix", Witness: "caller mallory",
	},
	{
		Name: "a wildcard for each part", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"},
			"StringLike": {"ISSUER:sub": "space:root:stack:*:run_type:*:scope:*"}}`,
		Want: "medium project-prefix, medium spacelift-proposed-runs", Witness: "run type PROPOSED, scope read",
	},
	{
		Name: "any run of a stack", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"},
			"StringLike": {"ISSUER:sub": "space:root:stack:web:*"}}`,
		Want: "medium spacelift-proposed-runs", Witness: "caller web, run type PROPOSED",
	},
	{
		Name: "whatever only reads", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"},
			"StringLike": {"ISSUER:sub": "space:root:stack:web:run_type:*:scope:read"}}`,
		Want: "medium spacelift-proposed-runs", Witness: "run type PROPOSED, scope read",
	},
	{
		Name: "proposed runs alone", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io",
			"ISSUER:sub": "space:root:stack:web:run_type:PROPOSED:scope:read"}}`,
		Want: "medium spacelift-proposed-role", Witness: "run type PROPOSED",
	},
	{
		Name: "the tests of a module", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"},
			"StringLike": {"ISSUER:sub": "space:root:module:terraform-aws-vpc:*"}}`,
		Want: "medium spacelift-module-tests", Witness: "run type TESTING",
	},
	{
		Name: "a space by its name", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io",
			"ISSUER:sub": "space:production:stack:web:run_type:TRACKED:scope:write"}}`,
		Want: "low spacelift-space-form", Witness: "space production",
	},
	{
		Name: "tracked runs of one stack", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io",
			"ISSUER:sub": "space:root:stack:web:run_type:TRACKED:scope:write"}}`,
	},
	{
		Name: "a subject of the account's own template", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io",
			"ISSUER:sub": "path:/root/production:stack:web"}}`,
	},
	{
		Name: "the beginning of a template's subject", Host: "acme.app.spacelift.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "acme.app.spacelift.io"},
			"StringLike": {"ISSUER:sub": "path:/root/production*"}}`,
		Want: "medium project-prefix", Witness: "path:/root/production",
	},
	{
		Name: "a self-hosted one, known by its subjects", Host: "spacelift.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "spacelift.example.com"},
			"StringLike": {"ISSUER:sub": "space:root:stack:web:run_type:*:scope:*"}}`,
		Want: "medium spacelift-proposed-runs", Witness: "Spacelift",
	},
}
