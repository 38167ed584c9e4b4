package clients

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

func TestEveryPipelineIsRunOrItsSystemExchangesTheToken(t *testing.T) {
	for _, s := range all.Registry().Systems() {
		require.NotEqual(t, len(systems[s.Section()]) > 0, slices.Contains(byServer, s.Section()), s.Section())
	}
}

// A pasted pipeline is one that is ready to run.
type pasted struct {
	*account
	system
	role  role
	steps []step
}

// eachPasted runs a test for the pipeline of every system.
func eachPasted(t *testing.T, test func(t *testing.T, p pasted)) {
	a := newAccount(t)
	n := 0
	for _, s := range all.Registry().Systems() {
		for _, how := range systems[s.Section()] {
			sections := how.sections
			if sections == "" {
				told, err := page.Of("../../provider/ci", s.Section())
				require.NoError(t, err)
				sections = told.Example
			}
			n++
			name := strings.Trim(s.Section()+", "+how.title, ", ")
			role := a.role(t, fmt.Sprintf("deploy-%d+=,.@_", n), sections)
			text := role.trust.Pipeline(role.Role)
			t.Run(name, func(t *testing.T) {
				var pipeline any
				require.NoError(t, yaml.Unmarshal([]byte(text), &pipeline), text)
				test(t, pasted{a, how, role, how.steps(t, pipeline, text)})
			})
		}
	}
}

// give starts a job with a token, and runs it.
func (p pasted) give(t *testing.T, g *agent, token string, found map[string]string) (worked bool, out string) {
	t.Helper()
	j := g.job(p.env, found)
	p.handOut(t, j, token)
	worked = j.run(t, p.steps)
	require.NotContains(t, j.out.String(), p.endpoint.SecretAccessKey, "keys are shown")
	if token != "" {
		require.NotContains(t, j.out.String(), token, "the token is shown")
		require.NotContains(t, g.text(t, "arguments"), token, "the token is an argument of a process")
	}
	require.NotContains(t, g.text(t, "arguments"), requestToken, "what asks for the token is an argument of a process")
	require.Empty(t, g.files(t, "checkout"), "something is left in the checkout")
	require.Empty(t, g.files(t, "tmp"), "a file with the token is left")
	return worked, j.out.String()
}

var callerLine = regexp.MustCompile(`arn:aws:sts::123456789012:assumed-role/[\w+=,.@-]+/([\w+=,.@-]+)`)

// Every pipeline in turn: a job that the role trusts; one on the same agent that it does not, whose HOME has the
// session of the first; one that finds keys; one without a token.
func TestAPastedPipelineIsTheRoleOrFails(t *testing.T) {
	eachPasted(t, func(t *testing.T, p pasted) {
		g := newAgent(t, p.account)
		keys := map[string]string{
			"AWS_ACCESS_KEY_ID": p.endpoint.AccessKeyID, "AWS_SECRET_ACCESS_KEY": p.endpoint.SecretAccessKey,
			"AGENT_KEYS": p.endpoint.AccessKeyID + " " + p.endpoint.SecretAccessKey,
		}
		if p.alone {
			keys = nil
		}
		worked, out := p.give(t, g, p.role.admitted(t), keys)
		require.True(t, worked, out)
		require.Contains(t, out, "DEPLOYED")
		found := callerLine.FindStringSubmatch(out)
		require.NotNil(t, found, out)
		require.True(t, strings.HasPrefix(found[0], p.role.Sessions()), out)
		require.LessOrEqual(t, len(found[1]), 64)

		if p.alone {
			g = newAgent(t, p.account)
		}
		worked, out = p.give(t, g, p.role.refused(t), keys)
		require.False(t, worked, "a refused job goes on as the job before it, or by keys that it found:\n%s", out)
		require.NotContains(t, out, "DEPLOYED")

		if files := strings.Fields(g.text(t, "tokens")); len(files) > 0 { // mode and path, of each exchange
			require.Len(t, files, 4)
			require.Equal(t, []string{"600", "600"}, []string{files[0], files[2]}, "others can read the token")
			require.NotEqual(t, files[1], files[3], "two jobs have one file")
			require.True(t, strings.HasPrefix(files[1], g.path("tmp")), files)
		}

		worked, out = p.give(t, g, "", keys)
		require.False(t, worked, "a job without a token goes on:\n%s", out)
		require.NotContains(t, out, "DEPLOYED")
	})
}
