package engine

import (
	"fmt"
	"os"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/stretchr/testify/require"
)

// asked counts the calls of an action so far.
func (w *world) asked(action string) int {
	n := 0
	for _, called := range w.aws.Calls() {
		if called == action {
			n++
		}
	}
	return n
}

// roles is a program of n trusts through one existing provider.
func roles(n int, arn string) program {
	return func(p *running) error {
		for i := range n {
			if _, err := p.component(fmt.Sprintf("deploy-%d", i), using(arn, nil),
				deploytest.ResourceOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestAHundredRolesOnOneProviderAskAWSOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	for range 2 { // each operation asks anew
		before, identities := w.asked("GetOpenIDConnectProvider"), w.asked("GetCallerIdentity")
		r := w.preview(roles(100, arn))
		require.NoError(t, r.err, r.messages())
		require.Equal(t, 1, w.asked("GetOpenIDConnectProvider")-before)
		require.LessOrEqual(t, w.asked("GetCallerIdentity")-identities, 2, "one is the AWS provider's own")
	}
}

// Attack: an answer about one account lets a role of another account trust what is not there.
func TestALookUpIsNeverSharedAcrossAccounts(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorldIn(t, "aws", "ap-south-1")
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	program := func(p *running) error {
		if _, err := p.component("here", using(arn, nil), deploytest.ResourceOptions{}); err != nil {
			return err
		}
		return elsewhere(other, using(arn, nil), nil)(p)
	}
	r := w.preview(program)
	require.Error(t, r.err)
	requireProblem(t, r.messages(), "github.providerArn", "the account does not have")
	require.Equal(t, 1, w.asked("GetOpenIDConnectProvider"))
	require.Equal(t, 1, other.asked("GetOpenIDConnectProvider"))

	require.Equal(t, arn, other.existingProvider(githubURL, "sts.amazonaws.com"))
	r = w.up(program)
	require.NoError(t, r.err, r.messages())
}

// The SDK's construct leaves the connection to the engine's monitor open, which ends a stack of a thousand roles.
func TestManyConstructsLeaveNoFileOpen(t *testing.T) {
	w := newWorld(t)
	open := func() int {
		entries, err := os.ReadDir("/dev/fd")
		require.NoError(t, err)
		return len(entries)
	}
	var before, after int
	r := w.preview(func(p *running) error {
		if err := trusts(5)(p); err != nil {
			return err
		}
		before = open()
		for i := range 200 {
			if _, err := p.component(fmt.Sprintf("more-%d", i), github(), deploytest.ResourceOptions{}); err != nil {
				return err
			}
		}
		after = open()
		return nil
	})
	require.NoError(t, r.err, r.messages())
	require.NotZero(t, after)
	require.Less(t, after, before+20)
}
