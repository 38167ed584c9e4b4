package engine

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

const (
	organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	project      = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"

	githubURL   = "https://token.actions.githubusercontent.com"
	circleciURL = "https://oidc.circleci.com/org/" + organization

	githubArn   = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	circleciArn = "arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/" + organization
)

// policy is the ARN of a managed policy of AWS.
func policy(name string) string { return "arn:aws:iam::aws:policy/" + name }

// document is a permission policy that allows one action.
func document(action string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"*"}]}`, action)
}

// repository is an item of github.repositories that trusts branches.
func repository(name string, branches ...any) props {
	return props{"repository": name, "branches": branches}
}

// github is the smallest trust: one branch of one repository.
func github() props {
	return props{"github": props{"repositories": []any{repository("acme@1234567/web@89012345", "main")}}}
}

// circleci is a section that trusts one branch of one project.
func circleci() props {
	return props{"organizationId": organization, "projects": []any{
		props{"id": project, "vcsOrigin": "github.com/acme/web", "branches": []any{"main"}},
	}}
}

// with is a copy of properties with others added; nil takes one away.
func with(p, more props) props {
	merged := maps.Clone(p)
	for name, value := range more {
		merged[name] = value
		if value == nil {
			delete(merged, name)
		}
	}
	return merged
}

// further are the examples of the systems that register theirs in a file of their own.
var further = map[string]props{}

// exampleOf registers a system's example: one section with every property of its own, made of words that stand nowhere else
// (six letters or digits at least), and with names of things that end up in ARNs listed in inNames: "SpaceliftTrust.hostname".
// What all sections have, such as audiences, need not be there.
func exampleOf(name string, inputs props, inNames ...string) bool {
	further[name] = inputs
	for _, declared := range inNames {
		named[declared] = true
	}
	return true
}

// examples are inputs that have, together, every property of the schema; a test says when one is missing here. Every text
// is made of words that stand nowhere else, so that a secret can be searched for.
func examples() map[string]props {
	githubRepositories := []any{
		props{
			"repository": "ownerone@1001/nameone@2001", "branches": []any{"branchone", "branchtwo"},
			"tags": []any{"tagone"}, "environments": []any{"environmentone"}, "pullRequests": true,
		},
		props{"repository": "ownertwo@1002/nametwo@2002", "tags": []any{"tagtwo*"}},
	}
	circleciProjects := []any{
		props{
			"id": "0c0c0c0c-1111-4111-8111-0d0d0d0d0d0d", "vcsOrigin": "vcshost.example/vcsowner/vcsname",
			"branches": []any{"branchthree"}, "tags": []any{"tagthree"},
		},
		props{"id": "0e0e0e0e-1111-4111-8111-0f0f0f0f0f0f"},
	}
	risks := []any{"circleci-any-ref"}
	all := map[string]props{
		"github": {
			"github": props{
				"repositories": githubRepositories, "audiences": []any{"audienceone", "audiencetwo"},
				"retainProvider": true, "thumbprints": []any{"aaaaaaaaaa1111111111aaaaaaaaaa1111111111"},
			},
			"policyArns":          []any{policy("AmazonS3FullAccess"), policy("AmazonSQSFullAccess")},
			"inlinePolicies":      props{"inlineone": document("s3:ActionOne"), "inlinetwo": document("s3:ActionTwo")},
			"permissionsBoundary": policy("PowerUserAccess"),
			"maxSessionDuration":  7201, "roleName": "nameofrole", "path": "/pathofrole/", "description": "descriptionofrole",
			"tags": props{"tagkey": "tagvalue"}, "forceDetachPolicies": true, "trustPolicyMaxLength": 2047,
		},
		"github, of an enterprise": {
			"github": props{
				"enterprise": "enterpriseone", "audiences": []any{"audienceseven"},
				"repositories": []any{props{
					"repository": "ownerthree@1003/namethree@2003", "branches": []any{"brancheight"},
					"workflows": []any{"ownerfour/namefour/.github/workflows/workflowone.yml@refs/tags/tageight"}, "actors": []any{"70070071"},
				}},
			},
		},
		"github, on a server": {
			"github": props{
				"hostname": "github.hostnametwo.example", "audiences": []any{"audienceeight"},
				"repositories": []any{props{
					"repository": "ownerfive@1005/namefive@2005", "environments": []any{"environmenttwo"}, "subjectClaims": []any{"repo", "repository_id", "context"},
				}},
			},
		},
		"circleci": {
			"circleci": props{
				"organizationId": exampleOrganization, "projects": circleciProjects, "audiences": []any{"audiencethree"},
				"retainProvider": true, "thumbprints": []any{"bbbbbbbbbb2222222222bbbbbbbbbb2222222222"},
			},
			"acceptRisks": risks,
		},
		"circleci, on a server": {
			"circleci": props{
				"organizationId": exampleOrganization, "hostname": "circleci.hostnamethree.example", "audiences": []any{"audiencenine"},
				"projects": []any{props{"id": "0abc0abc-2222-4222-8222-0dab0dab0dab", "vcsOrigin": "vcshosttwo.example/vcsownertwo/vcsnametwo", "branches": []any{"branchten"}}},
			},
		},
		"hcpTerraform": {
			"hcpTerraform": props{
				"organization": "organizationone", "hostname": "tfe.hostnameone.example", "audiences": []any{"audiencefour"},
				"workspaces": []any{props{"project": "projectone", "name": "workspaceone", "runPhases": []any{"apply"}}},
				"stacks": []any{props{
					"project": "projecttwo", "name": "stackone", "deployments": []any{"deploymentone"}, "operations": []any{"plan"},
				}},
				"retainProvider": true, "thumbprints": []any{"cccccccccc3333333333cccccccccc3333333333"},
			},
		},
		"buildkite": {
			"buildkite": props{
				"organization": "organizationthree", "audiences": []any{"audiencefive"},
				"pipelines": []any{props{
					"slug": "pipelineone", "id": "1a1a1a1a-1111-4111-8111-1b1b1b1b1b1b", "branches": []any{"branchfour"}, "tags": []any{"tagfour"},
				}},
				"retainProvider": true, "thumbprints": []any{"dddddddddd4444444444dddddddddd4444444444"}, "sessionTags": true,
			},
		},
		"buildkite, of an existing provider": {
			"buildkite": props{
				"organization": "organizationfour", "audiences": []any{"audiencefive"},
				"pipelines": []any{props{
					"slug": "pipelinetwo", "id": "2a2a2a2a-1111-4111-8111-2b2b2b2b2b2b", "branches": []any{"branchfive"},
				}},
				"providerArn": "arn:aws:iam::123456789012:oidc-provider/agent.buildkite.com",
			},
		},
		"gitlab": {
			"gitlab": props{
				"url": "https://gitlab.urlone.example", "audiences": []any{"audiencesix"},
				"projects": []any{
					props{"path": "groupone/projectfour", "id": "3003", "branches": []any{"branchsix"}, "tags": []any{"tagsix"}},
				},
				"retainProvider": true, "thumbprints": []any{"eeeeeeeeee5555555555eeeeeeeeee5555555555"},
			},
		},
		"gitlab, of an existing provider": {
			"gitlab": props{
				"audiences": []any{"audiencesix"}, "projects": []any{props{"id": "3004", "branches": []any{"branchseven"}, "protectedRefs": true}},
				"providerArn": "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
			},
		},
		"hcpTerraform, of an existing provider": {
			"hcpTerraform": props{
				"organization": "organizationtwo", "audiences": []any{"audiencefour"},
				"workspaces":  []any{props{"project": "projectthree", "name": "workspacetwo", "runPhases": []any{"plan"}}},
				"providerArn": "arn:aws:iam::123456789012:oidc-provider/app.terraform.io",
			},
		},
		"both, of existing providers": {
			"github": props{
				"repositories": githubRepositories[1:], "audiences": []any{"audienceone"}, "providerArn": githubArn,
			},
			"circleci": props{
				"organizationId": exampleOrganization, "projects": circleciProjects[1:], "audiences": []any{"audiencethree"},
				"providerArn": "arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/" + exampleOrganization,
			},
			"acceptRisks": risks,
		},
	}
	maps.Copy(all, further)
	return all
}

const exampleOrganization = "0a0a0a0a-1111-4111-8111-0b0b0b0b0b0b"

// newExampleWorld is an account in which an example can be brought up.
func newExampleWorld(t *testing.T, example string) *world {
	t.Helper()
	w := newWorld(t)
	for _, section := range examples()[example] {
		existing, _ := section.(props)
		if arn, ok := existing["providerArn"].(string); ok {
			_, host, _ := strings.Cut(arn, ":oidc-provider/")
			audiences := []string{"audiencetwo"}
			given, _ := existing["audiences"].([]any)
			for _, audience := range given {
				audiences = append(audiences, audience.(string))
			}
			w.existingProvider("https://"+host, audiences...)
		}
	}
	return w
}
