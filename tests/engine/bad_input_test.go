package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A badInput is something that people write, and what they must be told: where it is wrong and what to write instead.
type badInput struct {
	name   string
	inputs props
	path   string
	remedy []string
}

// asRepository is a trust of a repository under a name.
func asRepository(name string) props {
	return props{"github": props{"repositories": []any{repository(name, "main")}}}
}

// onBranch and inEnvironment are trusts of one branch or environment.
func onBranch(name string) props {
	return props{"github": props{"repositories": []any{repository("acme@1/web@2", name)}}}
}

func inEnvironment(name string) props {
	return props{
		"github": props{"repositories": []any{props{"repository": "acme@1/web@2", "environments": []any{name}}}},
	}
}

// ofProject is a trust of CircleCI with ids.
func ofProject(organization, project string) props {
	section := circleci()
	section["organizationId"] = organization
	section["projects"].([]any)[0].(props)["id"] = project
	return props{"circleci": section}
}

const (
	atRepository  = "github.repositories[0].repository"
	atBranch      = "github.repositories[0].branches[0]"
	atEnvironment = "github.repositories[0].environments[0]"
)

func badInputs() []badInput {
	many := []any{}
	for i := range 200 {
		many = append(many, repository(fmt.Sprintf("acme@1234567/service-%d@%d", i, 89012345+i), "main"))
	}
	ids := []string{"OWNER@OWNER_ID/NAME@REPOSITORY_ID", "gh api repos/OWNER/NAME"}
	return []badInput{
		{"no section", props{"policyArns": []any{policy("ReadOnlyAccess")}}, "github",
			[]string{"at least one section of ", "circleci", "github"}},
		{"no input at all", props{}, "github", []string{"at least one section of ", "circleci", "github"}},
		{"an empty section", props{"github": props{}}, "github.repositories",
			[]string{"is missing", "so is organizations", "Name the repositories"}},
		{"no repositories", props{"github": props{"repositories": []any{}}}, "github.repositories",
			[]string{"is empty", "give at least one"}},
		{"no branches", props{"github": props{"repositories": []any{repository("acme@1/web@2")}}},
			"github.repositories[0].branches", []string{"is empty", "give at least one"}},
		{"a repository without events", props{
			"github": props{"repositories": []any{props{"repository": "acme@1/web@2"}}},
		}, "github.repositories[0].branches", []string{"tags", "environments", "pullRequests: true", "at least one"}},
		{"only pullRequests: false", props{
			"github": props{"repositories": []any{props{"repository": "acme@1/web@2", "pullRequests": false}}},
		}, "github.repositories[0].branches", []string{"at least one"}},
		{"no projects", props{"circleci": props{"organizationId": organization, "projects": []any{}}},
			"circleci.projects", []string{"is empty", "give at least one"}},

		{"an owner for a repository", asRepository("acme"), atRepository, ids},
		{"every repository of an owner", asRepository("acme/*"), atRepository, append(ids, "wildcard")},
		{"a repository of every owner", asRepository("*/web"), atRepository, append(ids, "wildcard")},
		{"an event in the repository", asRepository("acme/web:x"), atRepository,
			append(ids, "branches, tags, environments and pullRequests")},
		{"the owner's id alone", asRepository("acme@12/web"), atRepository, append(ids, "one id of two")},
		{"the repository's id alone", asRepository("acme/web@12"), atRepository, append(ids, "one id of two")},
		{"ids that are names", asRepository("acme@x/web@y"), atRepository, append(ids, "no number")},
		{"a URL", asRepository("https://github.com/acme/web"), atRepository, append(ids, "is a URL")},
		{"a clone URL", asRepository("git@github.com:acme/web.git"), atRepository, append(ids, "is a URL")},
		{"a policy variable", asRepository("acme@1/${aws:username}@2"), atRepository, ids},
		{"nothing for a repository", asRepository(""), atRepository, ids},
		{"a line end in a repository", asRepository("acme@1/web@2\n"), atRepository, ids},
		{"a longer path", asRepository("acme@1/web@2/deploy"), atRepository, ids},

		{"a full ref", onBranch("refs/heads/main"), atBranch, []string{"without refs/heads/", "main"}},
		{"a branch with a space", onBranch("my branch"), atBranch, []string{"no space"}},
		{"a branch with two dots", onBranch("a..b"), atBranch, []string{"no .."}},
		{"a star in the middle", onBranch("release/*/x"), atBranch, []string{"may end in one *"}},
		{"two stars", onBranch("release/**"), atBranch, []string{"may end in one *"}},
		{"a question mark in a branch", onBranch("v?"), atBranch, []string{"?"}},
		{"an empty branch", onBranch(""), atBranch, []string{"is empty"}},
		{"an environment with a question mark", inEnvironment("prod?"), atEnvironment, []string{"no ?"}},
		{"an environment with a policy variable", inEnvironment("${x}"), atEnvironment,
			[]string{"must not contain ${"}},
		{"an environment with a percent sign", inEnvironment("50%"), atEnvironment, []string{"must not contain %"}},
		{"an environment with a star in the middle", inEnvironment("a*b"), atEnvironment, []string{"may end in one *"}},

		{"an organization by name", ofProject("acme", project), "circleci.organizationId",
			[]string{"UUID", "Organization Settings > Overview"}},
		{"an organization in capitals", ofProject(strings.ToUpper(organization), project), "circleci.organizationId",
			[]string{"lower case"}},
		{"a project by name", ofProject(organization, "web"), "circleci.projects[0].id",
			[]string{"UUID", "Project Settings > Overview"}},
		{"a project in capitals", ofProject(organization, strings.ToUpper(project)), "circleci.projects[0].id",
			[]string{"lower case"}},
		{"branches without an origin", props{"circleci": props{
			"organizationId": organization,
			"projects":       []any{props{"id": project, "branches": []any{"main"}}},
		}}, "circleci.projects[0].vcsOrigin", []string{"is missing", "CIRCLE_OIDC_TOKEN_V2"}},

		{"a policy by name", with(github(), props{"policyArns": []any{"ReadOnlyAccess"}}), "policyArns[0]",
			[]string{"arn:PARTITION:iam::ACCOUNT-OR-aws:policy/NAME"}},
		{"a policy of another partition", with(github(), props{
			"policyArns": []any{"arn:aws-cn:iam::aws:policy/ReadOnlyAccess"},
		}), "policyArns[0]", []string{"another partition"}},
		{"a policy twice", with(github(), props{
			"policyArns": []any{policy("ReadOnlyAccess"), policy("ReadOnlyAccess")},
		}), "policyArns[1]", []string{"policyArns[0]", "attached once"}},
		{"a boundary by name", with(github(), props{"permissionsBoundary": "boundary"}), "permissionsBoundary",
			[]string{"arn:PARTITION:iam::ACCOUNT-OR-aws:policy/NAME"}},
		{"an empty boundary", with(github(), props{"permissionsBoundary": ""}), "permissionsBoundary", []string{"ARN"}},
		{"an inline policy that is no JSON", with(github(), props{
			"inlinePolicies": props{"upload": "Version: 2012-10-17"},
		}), "inlinePolicies.upload", []string{"JSON object"}},
		{"an inline policy that is a list", with(github(), props{"inlinePolicies": props{"upload": "[]"}}),
			"inlinePolicies.upload", []string{"JSON object"}},
		{"an inline policy without statements", with(github(), props{"inlinePolicies": props{"upload": "{}"}}),
			"inlinePolicies.upload", []string{"Statement"}},
		{"an inline policy under no name", with(github(), props{"inlinePolicies": props{"": document("s3:GetObject")}}),
			`inlinePolicies[""]`, []string{"1 to 128"}},
		{"inline policies beyond IAM's quota", with(github(), props{
			"inlinePolicies": props{"upload": document(strings.Repeat("s", 11000))},
		}), "inlinePolicies", []string{"10240", "policyArns"}},
		{"a session of ten minutes", with(github(), props{"maxSessionDuration": 600}), "maxSessionDuration",
			[]string{"at least 3600"}},
		{"a session of a day", with(github(), props{"maxSessionDuration": 86400}), "maxSessionDuration",
			[]string{"at most 43200"}},
		{"a session with half a second", with(github(), props{"maxSessionDuration": 3600.5}), "maxSessionDuration",
			[]string{"whole number"}},
		{"a name of 65 characters", with(github(), props{"roleName": strings.Repeat("r", 65)}), "roleName",
			[]string{"1 to 64"}},
		{"an empty name", with(github(), props{"roleName": ""}), "roleName", []string{"1 to 64"}},
		{"a path without slashes", with(github(), props{"path": "ci"}), "path", []string{"begin and end with /"}},
		{"a long description", with(github(), props{"description": strings.Repeat("d", 1001)}), "description",
			[]string{"1000"}},
		{"a description with a smile", with(github(), props{"description": "deploys 🙂"}), "description",
			[]string{"Latin-1"}},
		{"a tag of AWS", with(github(), props{"tags": props{"aws:team": "web"}}), "tags.aws:team",
			[]string{"does not begin with aws:"}},
		{"a null for the boundary", with(github(), props{"permissionsBoundary": null()}), "permissionsBoundary",
			[]string{"is null", "leave it out"}},
		{"a null for a policy", with(github(), props{"policyArns": []any{null()}}), "policyArns[0]",
			[]string{"is null"}},
		{"a null in a section", props{"github": with(github()["github"].(props), props{"providerArn": null()})},
			"github.providerArn", []string{"is null"}},
		{"200 repositories", props{"github": props{"repositories": many}}, "trustPolicyMaxLength", []string{
			"2048", "characters", "statement 1: ", "values of sub", "several roles", "L-C07B4B0D"}},
	}
}

// TestBadInput holds both operations against each row. That a preview must know whether a section is there is tested
// where unknowns are.
func TestBadInput(t *testing.T) {
	t.Parallel()
	for _, row := range badInputs() {
		t.Run(row.name, func(t *testing.T) {
			messages := newWorld(t).refused(row.inputs)
			requireProblem(t, messages, row.path, row.remedy...)
			require.Equal(t, 1, strings.Count(messages, "- property "), messages)
		})
	}
}

// requireProblem expects one line about a path, with words in it.
func requireProblem(t *testing.T, messages, path string, words ...string) {
	t.Helper()
	for _, line := range strings.Split(messages, "- property ")[1:] {
		if strings.HasPrefix(line, path+" ") {
			for _, word := range words {
				require.Contains(t, line, word)
			}
			return
		}
	}
	require.Failf(t, "no such problem", "%s is not in: %s", path, messages)
}
