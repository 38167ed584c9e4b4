package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// services are repositories of one owner.
func services(n int) props {
	repositories := []any{}
	for i := range n {
		repositories = append(repositories,
			repository(fmt.Sprintf("acme@1234567/service-%d@%d", i, 89012345+i), "main"))
	}
	return props{"github": props{"repositories": repositories}}
}

func TestTwelveRepositoriesOfOneOwnerFitTheDefaultQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(services(12)))
	require.Less(t, len(w.trustPolicy()), 2048)
	require.Len(t, w.outputs()["grants"], 12)
}

func TestAPolicyOfExactlyTheQuotaIsAcceptedAndOneCharacterMoreIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(services(1)))
	size := len(w.trustPolicy())
	fits := with(services(1), props{"trustPolicyMaxLength": size})
	require.NoError(t, w.preview(trust(fits)).err)
	messages := newWorld(t).refused(with(services(1), props{"trustPolicyMaxLength": size - 1}))
	requireProblem(t, messages, "trustPolicyMaxLength", fmt.Sprint(size), fmt.Sprint(size-1),
		"(1 grants in 1 statements; ", "2 values of sub")
}

// The limit must stop a trust that is far beyond it at once, not after hours of proving what can never be used.
func TestTenThousandRepositoriesAreRefusedInSeconds(t *testing.T) {
	t.Parallel()
	started := time.Now()
	r := newWorld(t).preview(trust(services(10000)))
	require.Error(t, r.err)
	requireProblem(t, r.messages(), "trustPolicyMaxLength", "characters")
	require.Less(t, time.Since(started), time.Minute)
}
