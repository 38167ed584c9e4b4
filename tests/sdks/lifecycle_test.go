// Package sdks runs every example for real: CLI, engine, plugin processes and the SDK as a user would install it,
// against the local AWS and the local issuers.
package sdks

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

// What the examples name, besides the branch main and the environment production.
const (
	repository   = "acme@1234567/web@89012345"
	organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	project      = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"

	githubIssuer   = "https://token.actions.githubusercontent.com"
	circleciIssuer = "https://oidc.circleci.com/org/" + organization
)

func startWorld(t *testing.T) *harness.World {
	t.Helper()
	world, err := harness.Start(t.Context(), func(line string) { t.Log(line) })
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, world.Close()) })
	return world
}

// A stack is one example, ready to run in the folder dir.
type stack struct {
	world *harness.World
	dir   string
	// environment is what its commands need beside the world's.
	environment []string
	// verb runs plan (a preview), up, preview (which fails on any change) or destroy.
	verb func(ctx context.Context, verb string) error
}

// check looks at an example that is up: its outputs, what is in the account, and which tokens get in.
func (s stack) check(t *testing.T) {
	t.Helper()
	outputs, err := s.world.StackOutputs(t.Context(), s.dir)
	require.NoError(t, err)
	checkOutputs(t, outputs)
	checkInventory(t, s.world, outputs)
	checkTokens(t, s.world, outputs.RoleArn)
}

// chain is the life of two roles of which the second uses the provider of the first: one leaf of its section is unknown
// when the preview runs, and the rest must not become unknown with it.
func (s stack) chain(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, s.verb(ctx, "plan"))
	require.NoError(t, s.verb(ctx, "up"))

	inventory := s.world.AWS.Inventory()
	assert.Len(t, inventory.Roles, 2)
	assert.Len(t, inventory.Providers, 1)
	raw, err := s.world.Run(ctx, s.dir, "pulumi", "stack", "output", "roleArns", "--json")
	require.NoError(t, err)
	var roleArns []string
	require.NoError(t, json.Unmarshal(raw, &roleArns))
	assert.Len(t, roleArns, 2)
	for _, roleArn := range roleArns {
		issuer, err := s.world.Issuer(githubIssuer)
		require.NoError(t, err)
		token, err := issuer.Sign(githubClaims("repo:acme/web:ref:refs/heads/main"))
		require.NoError(t, err)
		_, err = s.world.AssumeRole(ctx, roleArn, token)
		assert.NoError(t, err)
	}

	require.NoError(t, s.verb(ctx, "preview"))
	s.end(t)
}

// end destroys the stack, after which the account must be as empty as before.
func (s stack) end(t *testing.T) {
	t.Helper()
	require.NoError(t, s.verb(t.Context(), "destroy"))
	inventory := s.world.AWS.Inventory()
	assert.Empty(t, inventory.Roles)
	assert.Empty(t, inventory.Policies)
	assert.Empty(t, inventory.Providers)
}

func checkOutputs(t *testing.T, o harness.Outputs) {
	t.Helper()
	assert.Regexp(t, `^arn:aws:iam::123456789012:role/deploy-[0-9a-f]{7,}$`, o.RoleArn)
	assert.Equal(t, "arn:aws:iam::123456789012:role/"+o.RoleName, o.RoleArn)
	assert.Equal(t, map[string]string{
		"github":   "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
		"circleci": "arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/" + organization,
	}, o.ProviderArns)
	assert.True(t, json.Valid([]byte(o.TrustPolicy)), o.TrustPolicy)

	sentences := strings.Join(o.Grants, "\n")
	assert.Len(t, o.Grants, 3)
	for _, word := range []string{"branch main", "environment production", "GitHub Actions", "CircleCI"} {
		assert.Contains(t, sentences, word)
	}
	for _, finding := range o.Findings {
		assert.NotEqual(t, "high", finding.Severity, finding.Message)
		assert.NotEmpty(t, finding.Remediation, finding.ID)
	}
	assert.Len(t, o.PipelineConfigs, 2)
	for section, yaml := range o.PipelineConfigs {
		assert.Contains(t, yaml, o.RoleArn, section)
		assert.Contains(t, yaml, harness.Region, section)
	}
}

func checkInventory(t *testing.T, w *harness.World, o harness.Outputs) {
	t.Helper()
	inventory := w.AWS.Inventory()
	assert.Equal(t, []string{o.RoleName}, inventory.Roles)
	assert.Len(t, inventory.Providers, 2)
	for _, arn := range o.ProviderArns {
		assert.Contains(t, inventory.Providers, arn)
	}
}

// checkTokens presents tokens to STS as the jobs of both systems would.
func checkTokens(t *testing.T, w *harness.World, roleArn string) {
	t.Helper()
	tokens := []struct {
		name     string
		issuer   string
		claims   map[string]any
		admitted bool
	}{
		{"GitHub, branch main", githubIssuer, githubClaims("repo:acme/web:ref:refs/heads/main"), true},
		{"GitHub, another branch", githubIssuer, githubClaims("repo:acme/web:ref:refs/heads/feature"), false},
		{"GitHub, environment production", githubIssuer,
			githubClaims("repo:" + repository + ":environment:production"), true},
		{"GitHub, a pull request", githubIssuer, githubClaims("repo:" + repository + ":pull_request"), false},
		{"CircleCI, branch main", circleciIssuer, circleciClaims("refs/heads/main"), true},
		{"CircleCI, another branch", circleciIssuer, circleciClaims("refs/heads/feature"), false},
	}
	for _, job := range tokens {
		issuer, err := w.Issuer(job.issuer)
		require.NoError(t, err)
		token, err := issuer.Sign(job.claims)
		require.NoError(t, err)
		keys, err := w.AssumeRole(t.Context(), roleArn, token)
		if !job.admitted {
			var refusal smithy.APIError
			if assert.True(t, errors.As(err, &refusal), "%s: want a refusal, got %v", job.name, err) {
				assert.Equal(t, "AccessDenied", refusal.ErrorCode(), job.name)
			}
			continue
		}
		if assert.NoError(t, err, job.name) {
			caller, err := w.CallerARN(t.Context(), keys)
			assert.NoError(t, err, job.name)
			assert.Contains(t, caller, ":assumed-role/deploy-", job.name)
		}
	}
}

func githubClaims(subject string) map[string]any {
	return map[string]any{
		"sub":                 subject,
		"aud":                 "sts.amazonaws.com",
		"repository":          "acme/web",
		"repository_id":       "89012345",
		"repository_owner":    "acme",
		"repository_owner_id": "1234567",
	}
}

func circleciClaims(ref string) map[string]any {
	const user = "3c1e5a52-77cf-4c58-8c62-0d6dbb3f1c11"
	return map[string]any{
		"sub": "org/" + organization + "/project/" + project + "/user/" + user +
			"/vcs-origin/github.com/acme/web/vcs-ref/" + ref,
		"aud":                          organization,
		"oidc.circleci.com/project-id": project,
		"oidc.circleci.com/vcs-origin": "github.com/acme/web",
		"oidc.circleci.com/vcs-ref":    ref,
	}
}

// lives are those of the programs that exist in a language, by name; YAML has no transforms. They share an account, so
// they go one by one.
type lives map[string]func(*testing.T)

func (l lives) run(t *testing.T) {
	for _, name := range []string{"chain", "mixed", "review", "transform", "readme"} {
		if life, has := l[name]; has {
			require.True(t, t.Run(name, life), "what it left in the account would disturb the next one")
		}
	}
}

// programs takes every program of a process, which drives them through the Automation API, through its life.
func programs(t *testing.T, w *harness.World, dir, name string, args ...string) {
	lives{
		"chain":  func(t *testing.T) { inline(w, dir, "chain", name, args...).chain(t) },
		"mixed":  func(t *testing.T) { inline(w, dir, "mixed", name, args...).mixed(t) },
		"review": func(t *testing.T) { inline(w, dir, "review", name, args...).review(t) },
		"transform": func(t *testing.T) {
			transform(t, func(team string) stack {
				return inlineWith([]string{"TEAM=" + team}, w, dir, "transform", name, args...)
			})
		},
		"readme": func(t *testing.T) { inline(w, dir, "readme", name, args...).readme(t) },
	}.run(t)
}

// inline is a process that drives one of its programs through the Automation API.
func inline(w *harness.World, dir, program, name string, args ...string) stack {
	return inlineWith(nil, w, dir, program, name, args...)
}

// inlineWith is inline with more of an environment.
func inlineWith(environment []string, w *harness.World, dir, program, name string, args ...string) stack {
	return stack{world: w, dir: dir, verb: func(ctx context.Context, verb string) error {
		cmd := w.Command(ctx, dir, name, args...)
		cmd.Env = append(append(cmd.Env, environment...), "VERB="+verb, "PROGRAM="+program)
		_, err := harness.Finish(cmd)
		return err
	}}
}
