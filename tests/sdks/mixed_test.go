package sdks

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mixed is the life of a role that GitHub, GitLab and HCP Terraform share, and of one that uses GitLab's provider of
// the first. renderTrust must say of the section of HCP Terraform what the component says.
func (s stack) mixed(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, s.verb(ctx, "plan"))
	require.NoError(t, s.verb(ctx, "up"))

	inventory := s.world.AWS.Inventory()
	assert.Len(t, inventory.Roles, 2)
	assert.Len(t, inventory.Providers, 3)
	raw, err := s.world.Run(ctx, s.dir, "pulumi", "stack", "output", "--json")
	require.NoError(t, err)
	var o struct{ RoleArns, Grants, RenderedGrants []string }
	require.NoError(t, json.Unmarshal(raw, &o))
	require.Len(t, o.RoleArns, 2)
	assert.Len(t, o.Grants, 3)
	require.Len(t, o.RenderedGrants, 1)
	assert.Contains(t, o.Grants, o.RenderedGrants[0])

	gitlab := func(refType, ref string) map[string]any {
		return map[string]any{
			"sub": "project_path:acme/web:ref_type:" + refType + ":ref:" + ref, "aud": "https://gitlab.com",
			"project_id": "46573356", "namespace_id": "7",
		}
	}
	terraform := func(phase string) map[string]any {
		return map[string]any{
			"sub": "organization:acme:project:Default Project:workspace:web:run_phase:" + phase,
			"aud": "aws.workload.identity",
		}
	}
	const gitlabIssuer, terraformIssuer = "https://gitlab.com", "https://app.terraform.io"
	for _, job := range []struct {
		name, issuer string
		claims       map[string]any
		admitted     [2]bool // by the first role, by the second
	}{
		{"GitHub, branch main", githubIssuer, githubClaims("repo:acme/web:ref:refs/heads/main"), [2]bool{true, false}},
		{"GitHub, another branch", githubIssuer, githubClaims("repo:acme/web:ref:refs/heads/x"), [2]bool{}},
		{"GitLab, branch main", gitlabIssuer, gitlab("branch", "main"), [2]bool{true, false}},
		{"GitLab, tag v1", gitlabIssuer, gitlab("tag", "v1"), [2]bool{false, true}},
		{"GitLab, another branch", gitlabIssuer, gitlab("branch", "v1"), [2]bool{}},
		{"HCP Terraform, apply", terraformIssuer, terraform("apply"), [2]bool{true, false}},
		{"HCP Terraform, plan", terraformIssuer, terraform("plan"), [2]bool{}},
		{"HCP Terraform's subject from GitLab", gitlabIssuer, terraform("apply"), [2]bool{}},
	} {
		issuer, err := s.world.Issuer(job.issuer)
		require.NoError(t, err)
		token, err := issuer.Sign(job.claims)
		require.NoError(t, err)
		for i, roleArn := range o.RoleArns {
			_, err = s.world.AssumeRole(ctx, roleArn, token)
			assert.Equal(t, job.admitted[i], err == nil, "%s, role %d: %v", job.name, i+1, err)
		}
	}

	require.NoError(t, s.verb(ctx, "preview"))
	s.end(t)
}
