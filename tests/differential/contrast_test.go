package differential

import (
	"encoding/json"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive/generate"
)

// witnessed asks the second evaluator about every difference that a comparison shows, and returns how many there are.
func witnessed(t *testing.T, before, after []byte) int {
	t.Helper()
	first, err := trust.ParsePolicy(before)
	if err != nil {
		return 0
	}
	second, err := trust.ParsePolicy(after)
	if err != nil {
		return 0
	}
	c := audit.Compare(all.Registry(), first, second)
	count := 0
	for _, side := range []struct {
		*audit.Contrast
		by, other []byte
	}{{&c.Admitted, after, before}, {&c.Refused, before, after}} {
		for _, d := range append(side.Differences, side.Beyond...) {
			count++
			request := naive.Request{
				Provider: d.Request.Provider, Issuer: d.Request.Issuer, Partition: d.Request.Partition,
				Claims: d.Request.Claims, RoleARN: d.Request.RoleARN, RoleSessionName: d.Request.RoleSessionName,
				Context: d.Request.Context,
			}
			admitted, err := naive.Decide(side.by, request)
			require.NoError(t, err)
			refused, err := naive.Decide(side.other, request)
			require.NoError(t, err)
			if !admitted || refused {
				t.Errorf("the second evaluator says %v and %v to %v %v\n%s\n%s", admitted, refused, request.Claims,
					request.Context, side.by, side.other)
			}
		}
	}
	return count
}

// rendered are the policies that render was recorded to print, by system.
func rendered(t *testing.T) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob("../../provider/cmd/ci-oidc-trust/testdata/recorded/*.json")
	require.NoError(t, err)
	policies := map[string][][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var recorded struct {
			Cases []struct{ Out []string }
		}
		require.NoError(t, json.Unmarshal(raw, &recorded))
		for _, c := range recorded.Cases {
			for _, line := range c.Out {
				if strings.HasPrefix(line, `{"Version"`) {
					policies[file] = append(policies[file], []byte(line))
				}
			}
		}
	}
	return policies
}

func TestTheSecondEvaluatorAgreesWithEveryTokenThatShowsADifferenceOfTwoRenderedPolicies(t *testing.T) {
	systems := rendered(t)
	if len(systems) < 25 {
		t.Fatalf("%d systems", len(systems))
	}
	for file, policies := range systems {
		count := 0
		for i := range policies {
			count += witnessed(t, policies[i], policies[(i+1)%len(policies)])
			if n := witnessed(t, policies[i], policies[i]); n != 0 {
				t.Errorf("%s: %d differences of a policy from itself: %s", file, n, policies[i])
			}
		}
		if count == 0 && len(policies) > 1 {
			t.Errorf("%s: nothing differs", file)
		}
	}
}

func TestTheSecondEvaluatorAgreesWithEveryTokenThatShowsADifferenceOfTwoRandomPolicies(t *testing.T) {
	r := rand.New(rand.NewSource(13))
	count := 0
	for range 300 {
		before, _ := generate.Pair(r)
		after, _ := generate.Pair(r)
		count += witnessed(t, before, after)
	}
	if count < 100 {
		t.Errorf("only %d differences", count)
	}
	t.Logf("%d differences", count)
}
