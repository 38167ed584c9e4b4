// Package systems brings up every CI system's own example for real and hands STS every token that the system makes up.
package systems

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// read understands an example as the component does.
func read(t *testing.T, example string) ci.Trust {
	t.Helper()
	sections := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(example), &sections))
	schema, err := check.Package()
	require.NoError(t, err)
	var problems input.Problems
	tree, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", sections, &problems)
	account := ci.Account{Partition: "aws"}
	trusts := all.Registry().Read(tree, account, &problems)
	require.NoError(t, ci.Check(trusts, account, input.Value{Known: true}, &problems)) // it may make the policy compact
	require.Empty(t, problems.Sorted())
	require.Len(t, trusts, 1)
	return trusts[0]
}

// program is a stack in YAML with the example in it.
func program(example string) string {
	indented := strings.ReplaceAll(strings.TrimRight(example, "\n"), "\n", "\n      ")
	return "name: systems\nruntime: yaml\nresources:\n  deploy:\n    type: ci-oidc-trust:CiOidcTrust\n    " +
		"properties:\n      " + indented +
		"\noutputs:\n  roleArn: ${deploy.roleArn}\n  grants: ${deploy.grants}\n"
}

// A count is how often STS gave which answer.
type count struct{ admitted, refused int }

func TestEverySystemAdmitsItsJobsAndRefusesEveryNearMiss(t *testing.T) {
	ctx := context.Background()
	world, err := harness.Start(ctx, func(line string) { t.Log(line) })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, world.Close()) })
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "\nsystem\tgrants\ttokens admitted\ttokens refused")
	for _, e := range examples(t) {
		t.Run(e.title, func(t *testing.T) {
			trust := read(t, e.sections)
			roleArn, down := up(ctx, t, world, e.sections)
			defer down()
			result := exchange(ctx, t, world, trust, roleArn)
			fmt.Fprintf(rows, "%s\t%d\t%d\t%d\n", e.title, len(trust.Grants), result.admitted, result.refused)
			require.Positive(t, result.admitted, e.title)
			require.Positive(t, result.refused, e.title)
		})
	}
	require.NoError(t, rows.Flush())
	require.NoError(t, harness.Publish("systems", table.String()))
}

// An example is a trust that is brought up.
type example struct{ title, sections string }

// examples are those of the systems' pages, and further ones of systems that have more than one kind of issuer.
func examples(t *testing.T) []example {
	t.Helper()
	var examples []example
	for _, s := range all.Registry().Systems() {
		told, err := page.Of("../../provider/ci", s.Section())
		require.NoError(t, err)
		examples = append(examples, example{s.Title(), told.Example})
		examples = append(examples, furtherExamples[s.Section()]...)
	}
	return examples
}

var furtherExamples = map[string][]example{
	"circleci": {
		{"CircleCI, several projects", `circleci:
  organizationId: 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11
  projects:
    - id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70
      vcsOrigin: github.com/acme/web
      branches: [main]
    - id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71
      vcsOrigin: github.com/acme/api
      branches: [main, release/*]
    - id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c72
      vcsOrigin: github.com/acme/cli
      tags: [v*]
`},
		{"CircleCI server", `circleci:
  organizationId: 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11
  hostname: circleci.example.com
  projects:
    - id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70
      vcsOrigin: github.com/acme/web
      branches: [main]
`},
	},
	"buildkite": {
		{"Buildkite, pipelines by id", `buildkite:
  organization: acme-inc
  pipelines:
    - slug: web
      id: 0184990a-4782-42b5-afc1-16715b10b1f0
      branches: [main]
    - slug: api
      id: 0184990a-4782-42b5-afc1-16715b10b1f1
      branches: [main]
    - slug: cli
      id: 0184990a-4782-42b5-afc1-16715b10b1f2
      branches: [main*]
      tags: [v*]
`},
	},
	"gitlab": {
		{"GitLab, projects, groups, merge requests", `gitlab:
  projects:
    - path: acme/web
      id: "46573356"
      branches: [main]
      mergeRequests: true
    - path: acme/api
      id: "46573357"
      branches: [main]
      mergeRequests: true
    - path: acme/cli
      id: "46573358"
      tags: [v*]
    - id: "46573359"
      branches: [main]
  groups:
    - path: acme/platform
      id: "68413579"
      branches: [main]
`},
		{"GitLab by ids", `gitlab:
  identify: ids
  projects:
    - path: acme/web
      id: "46573356"
      branches: [main]
      mergeRequests: true
    - path: acme/api
      id: "46573357"
      tags: [v*]
  groups:
    - path: acme/platform
      id: "68413579"
      branches: [release/*]
`},
		{"GitLab, more projects than fit by path", "gitlab:\n  projects:\n" + gitLabProjects(20)},
	},
	"hcpTerraform": {
		{"HCP Terraform, every workspace of a project", `hcpTerraform:
  organization: acme
  projects:
    - name: Default Project
      runPhases: [apply]
  workspaces:
    - project: platform
      name: web-production
      runPhases: [apply]
`},
	},
	"github": {
		{"GitHub Actions of an enterprise", `github:
  enterprise: acme-inc
  repositories:
    - repository: acme@1234567/web@89012345
      branches: [main]
      actors: ["583231"]
    - repository: acme@1234567/api@89012346
      environments: [production]
      workflows: [acme/ci/.github/workflows/deploy.yml@refs/heads/main]
      subjectClaims: [job_workflow_ref]
`},
		{"GitHub Actions by ids", `acceptRisks: [github-merge-queue]
github:
  identify: ids
  repositories:
    - repository: acme@1234567/web@89012345
      branches: [main]
      mergeQueue: [main]
      pullRequests: true
    - repository: acme@1234567/api@89012346
      tags: [api-v*]
      workflows: [acme/api/.github/workflows/deploy.yml@refs/tags/api-v*]
`},
		{"GitHub Actions of an organization", `acceptRisks: [github-organization, github-organization-workflow-ref]
github:
  organizations:
    - organization: acme@1234567
      environments: [production]
      branches: [main]
      workflows:
        - acme/ci/.github/workflows/deploy.yml@4f1c2ab90d3e5b6a7c8d9e0f1a2b3c4d5e6f7a8b
        - acme/ci/.github/workflows/release.yml@refs/heads/main
  repositories:
    - repository: acme@1234567/web@89012345
      environments: [production, staging]
`},
		{"GitHub Actions, forty repositories with pull requests", forty()},
		{"GitHub Actions on GHE.com", `github:
  hostname: acme.ghe.com
  repositories:
    - repository: acme@1234567/web@89012345
      branches: [main]
      workflows: [acme/ci/.github/workflows/deploy.yml@refs/tags/v1]
      subjectClaims: [repo, context, job_workflow_ref]
`},
		{"GitHub Enterprise Server", `github:
  hostname: github.example.com
  repositories:
    - repository: acme/web
      branches: [release/*]
      environments: [production]
    - repository: acme@1234567/api@89012346
      branches: [main]
      actors: ["583231"]
      subjectClaims: [repository_id, actor_id, context]
`},
	},
}

// gitLabProjects are items of so many projects.
func gitLabProjects(n int) string {
	var items strings.Builder
	for i := range n {
		fmt.Fprintf(&items, "    - path: acme/platform/web%d\n      id: \"%d\"\n      branches: [main]\n",
			i, 46573300+i)
	}
	return items.String()
}

// forty are repositories that fit the quota by their ids alone.
func forty() string {
	var b strings.Builder
	b.WriteString("github:\n  repositories:\n")
	for i := range 40 {
		fmt.Fprintf(&b, "    - repository: acme@1234567/service-%02d@890123%02[1]d\n", i)
		b.WriteString("      branches: [main]\n      pullRequests: true\n")
	}
	return b.String()
}

// tried are the grants whose tokens are exchanged: all, and of a long list the first, those in the middle and the last.
func tried(grants []ci.Grant) []ci.Grant {
	if len(grants) <= 12 {
		return grants
	}
	middle := len(grants) / 2
	return slices.Concat(grants[:1], grants[middle:middle+2], grants[len(grants)-1:])
}

// up brings the example up and returns the role, and what takes it down again.
func up(ctx context.Context, t *testing.T, world *harness.World, example string) (roleArn string, down func()) {
	t.Helper()
	dir, err := world.Folder("system")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(program(example)), 0o600))
	for _, args := range [][]string{
		{"stack", "init", filepath.Base(dir)},
		{"up", "--yes", "--skip-preview", "--non-interactive"},
	} {
		_, err = world.Run(ctx, dir, "pulumi", args...)
		require.NoError(t, err)
	}
	outputs, err := world.StackOutputs(ctx, dir)
	require.NoError(t, err)
	return outputs.RoleArn, func() {
		_, err := world.Run(ctx, dir, "pulumi", "destroy", "--yes", "--skip-preview", "--non-interactive")
		require.NoError(t, err)
		left := world.AWS.Inventory()
		require.Empty(t, left.Roles)
		require.Empty(t, left.Providers)
	}
}

// exchange signs every token of every grant and holds STS's answer against what the grants mean.
func exchange(ctx context.Context, t *testing.T, world *harness.World, trust ci.Trust, roleArn string) count {
	t.Helper()
	issuer, err := world.Issuer(trust.Issuer())
	require.NoError(t, err)
	var c count
	for _, g := range tried(trust.Grants) {
		for _, token := range g.Tokens() {
			wanted := trust.Admits(token.Claims)
			claims := map[string]any{}
			for name, value := range token.Claims {
				claims[name] = value
			}
			claims["iss"] = trust.Issuer() // a near miss may name another; this issuer signs its own name only
			signed, err := issuer.Sign(claims)
			require.NoError(t, err)
			_, err = world.AssumeRole(ctx, roleArn, signed)
			var refused smithy.APIError
			if err != nil {
				require.True(t, errors.As(err, &refused), "%s: %v", token.Name, err)
				require.Contains(t, []string{"AccessDenied", "InvalidIdentityToken"}, refused.ErrorCode(), token.Name)
				c.refused++
			} else {
				c.admitted++
			}
			require.Equal(t, wanted, err == nil, "%s: %s: %v", g.Sentence, token.Name, token.Claims["sub"])
			if token.Admit {
				require.NoError(t, err, token.Name)
			}
		}
	}
	return c
}
