package hcpterraform

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestPoliciesThatPeopleWriteForHCPTerraformAreJudged(t *testing.T) { suite.Audited(t, written) }

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }

// What people write for it, from documentation and blog posts, right and with mistakes.
var written = []citest.Audited{
	{
		Name: "aud alone", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}}`,
		Want:      "high no-subject", Witness: "organization mallory",
	},
	{
		Name: "the whole organization", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:acme:*"}}`,
		Want: "medium organization-wide", Witness: "organization acme, project mallory",
	},
	{
		Name: "the organization without its separator", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:acme*"}}`,
		Want: "high prefix-collision", Witness: "organization acme-mallory",
	},
	{
		Name: "wildcards everywhere, as the documentation of the variables has it", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:*:project:*:workspace:*:run_phase:*"}}`,
		Want: "high tenant-not-pinned", Witness: "organization mallory",
	},
	{
		Name: "every project, each part with a wildcard of its own", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:acme:project:*:workspace:*:run_phase:*"}}`,
		Want: "medium organization-wide, medium hcp-terraform-run-phases", Witness: "run phase plan",
	},
	{
		Name: "any phase of one workspace", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:*"}}`,
		Want: "medium hcp-terraform-run-phases", Witness: "workspace web, run phase plan",
	},
	{
		Name: "plan and apply of one workspace by two statements", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity",
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:apply"}}`,
		Statements: `{"Effect": "Allow", "Principal": {"Federated": "PRINCIPAL"},
			"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
			"ISSUER:aud": "aws.workload.identity",
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:plan"}}}`,
		Want: "medium hcp-terraform-run-phases", Witness: "run phase plan",
	},
	{
		Name: "plans of all workspaces that begin alike beside the apply of one of them", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {"ISSUER:sub": [
			"organization:acme:project:Default Project:workspace:web-*:run_phase:plan",
			"organization:acme:project:Default Project:workspace:web-prod:run_phase:apply"]}}`,
		Want: "medium project-prefix, medium hcp-terraform-run-phases", Witness: "workspace web-prod, run phase plan",
	},
	{
		Name: "the plan of one workspace and the apply of another", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity", "ISSUER:sub": [
			"organization:acme:project:Default Project:workspace:web:run_phase:plan",
			"organization:acme:project:Default Project:workspace:api:run_phase:apply"]}}`,
		Want: "medium hcp-terraform-plan-role", Witness: "workspace web, run phase plan",
	},
	{
		Name: "workspaces that begin alike", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:prod-*:run_phase:apply"}}`,
		Want: "medium project-prefix", Witness: "workspace prod-mallory",
	},
	{
		Name: "workspaces that end alike", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:*-prod:run_phase:apply"}}`,
		Want: "medium project-prefix", Witness: "workspace mallory-prod",
	},
	{
		Name: "every workspace of a project", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:*:run_phase:apply"}}`,
		Want: "medium hcp-terraform-any-workspace", Witness: "workspace mallory",
	},
	{
		Name: "everything of a project", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:*"}}`,
		Want: "medium hcp-terraform-any-workspace", Witness: "workspace mallory",
	},
	{
		Name: "every workspace and phase of a project", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:*:run_phase:*"}}`,
		Want: "medium hcp-terraform-any-workspace, medium hcp-terraform-run-phases", Witness: "run phase plan",
	},
	{
		Name: "every deployment of a Stack", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:p:stack:web:deployment:*:operation:apply"}}`,
		Want: "medium project-prefix", Witness: "deployment mallory",
	},
	{
		Name: "both operations of a Stack's deployment", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:p:stack:web:deployment:production:operation:*"}}`,
		Want: "medium hcp-terraform-run-phases", Witness: "deployment production, operation plan",
	},
	{
		Name: "a wildcard that StringEquals takes literally", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity",
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:*"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "a subject without its project, as tokens once had it", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity",
			"ISSUER:sub": "organization:acme:workspace:web:run_phase:apply"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "the subject in the spelling of the documentation's variables", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity",
			"ISSUER:sub": "organization/acme/project/Default Project/workspace/web/run_phase/apply"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "a Deny of all other organizations", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {"ISSUER:sub": "*"}}`,
		Statements: `{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": {"StringNotLike": {"ISSUER:sub": "organization:acme:*"}}}`,
		Want: "medium organization-wide", Witness: "organization acme",
	},
	{
		Name: "a Deny of plans", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:*"}}`,
		Statements: `{"Effect": "Deny", "Principal": "*", "Action": "sts:*",
			"Condition": {"StringLike": {"ISSUER:sub": "*:run_phase:plan"}}}`,
	},
	{
		Name: "a run of question marks as long as apply", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:?????"}}`,
	},
	{
		Name: "every organization but one", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringNotLike": {"ISSUER:sub": "organization:evil:*"}}`,
		Want: "high no-subject", Witness: "organization mallory",
	},
	{
		Name: "a workspace of anybody's", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "*:workspace:web:run_phase:apply"}}`,
		Want: "high tenant-not-pinned", Witness: "organization mallory",
	},
	{
		Name: "the organization and a part of it", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {"ISSUER:sub": [
			"organization:acme:*", "organization:acme:project:Default Project:*"]}}`,
		Want: "medium organization-wide", Witness: "project mallory",
	},
	{
		Name: "a policy variable in the place of the organization", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "StringLike": {"ISSUER:sub":
			"organization:${aws:RequestTag/org}:project:p:workspace:web:run_phase:apply"}}`,
		Want: "medium not-judged",
	},
	{
		Name: "ForAllValues on sub, which every token has", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"}, "ForAllValues:StringLike": {
			"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:apply"}}`,
	},
	{
		Name: "a claim that AWS does not fill", Host: "app.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity",
			"ISSUER:terraform_organization_name": "acme"}}`,
		Want: "medium never-matches",
	},
	{
		Name: "the region in Europe, which AWS does not look at", Host: "app.eu.terraform.io",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:ac*:project:*"}}`,
		Want: "high prefix-collision", Witness: "organization ac-mallory",
	},
	{
		Name: "Terraform Enterprise, known by its subjects", Host: "terraform.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:acme:project:Default Project:workspace:web:run_phase:*"}}`,
		Want: "medium hcp-terraform-run-phases", Witness: "Terraform Enterprise",
	},
	{
		Name: "any organization of a Terraform Enterprise", Host: "terraform.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity"},
			"StringLike": {"ISSUER:sub": "organization:*:project:Default Project:workspace:web:run_phase:apply"}}`,
		Want: "medium organization-wide", Witness: "organization mallory",
	},
	{
		Name: "an older Terraform Enterprise without projects", Host: "terraform.example.com",
		Condition: `{"StringEquals": {"ISSUER:aud": "aws.workload.identity",
			"ISSUER:sub": "organization:acme:workspace:web:run_phase:apply"}}`,
	},
}

func TestNoStrangerPassesTheAuditInSilence(t *testing.T) { suite.Strangers(t) }
