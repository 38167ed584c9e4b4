package engine

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
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

// A declaration is what the folder of a CI system says of stacks that are brought up.
type declaration struct {
	section string
	citest.Stack
}

// declarations are those of all systems.
var declarations = sync.OnceValue(func() []declaration {
	var found []declaration
	for _, s := range all.Registry().Systems() {
		stack, err := citest.ReadStack(filepath.Join("../../provider/ci", strings.ToLower(s.Section())))
		if err != nil {
			panic(err) // no test of this package means anything then
		}
		found = append(found, declaration{s.Section(), stack})
	}
	return found
})

// examples are inputs that have, together, every property of the schema; a test says when one is missing. Those of the
// CI systems stand in their folders, in testdata/stack.yaml.
func examples() map[string]props {
	found := map[string]props{}
	for _, d := range declarations() {
		for name, inputs := range d.Examples {
			found[name] = inputs
		}
	}
	risks, _ := found["github"]["acceptRisks"].([]any) // pull requests get a role that writes
	found["github"] = with(found["github"], props{
		"acceptRisks":         append(slices.Clone(risks), "unreviewed-write"),
		"policyArns":          []any{policy("AmazonS3FullAccess"), policy("AmazonSQSFullAccess")},
		"inlinePolicies":      props{"inlineone": document("s3:ActionOne"), "inlinetwo": document("s3:ActionTwo")},
		"permissionsBoundary": policy("PowerUserAccess"),
		"maxSessionDuration":  7201, "roleName": "nameofrole", "path": "/pathofrole/",
		"description": "descriptionofrole", "tags": props{"tagkey": "tagvalue"}, "forceDetachPolicies": true,
		"trustPolicyMaxLength": 2047, "additionalTrustStatements": []any{
			`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/userone"},"Action":"sts:AssumeRole"}`,
		},
	})
	found["all ways to name a provider"] = props{
		"github": props{
			"repositories": []any{props{"repository": "ownertwo@1002/nametwo@2002", "tags": []any{"tagtwo*"}}},
			"audiences":    []any{"audienceone"}, "existingProvider": true,
		},
		"circleci": props{
			"organizationId": exampleOrganization,
			"projects":       []any{props{"id": "0e0e0e0e-1111-4111-8111-0f0f0f0f0f0f"}},
			"audiences":      []any{"audiencethree"},
			"providerArn":    "arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/" + exampleOrganization,
		},
		"scalr": props{
			"account":    "accountscalrtwo",
			"workspaces": []any{props{"environment": "environmentscalrtwo", "name": "workspacescalrtwo"}},
			"audiences":  []any{"audiencescalrtwo"},
		},
		"providerArns": props{"scalr": "arn:aws:iam::123456789012:oidc-provider/scalr.io"},
		"acceptRisks":  []any{"circleci-any-ref"},
	}
	return found
}

const exampleOrganization = "0a0a0a0a-1111-4111-8111-0b0b0b0b0b0b"

// newExampleWorld is an account in which an example can be brought up.
func newExampleWorld(t *testing.T, example string) *world {
	t.Helper()
	w := newWorld(t)
	handedOn, _ := examples()[example]["providerArns"].(props)
	for name, section := range examples()[example] {
		existing, _ := section.(props)
		arn, named := existing["providerArn"].(string)
		if handed, given := handedOn[name].(string); given {
			arn, named = handed, true
		}
		if existing["existingProvider"] == true {
			arn, named = githubArn, true // one example has it
		}
		if named {
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
