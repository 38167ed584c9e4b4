package differential

import (
	"hash/maphash"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive/generate"
)

const (
	pairs    = 1_000_000
	fewPairs = 20_000 // of a short run
	// chunk is how many policies one seed makes.
	chunk = 500
	// forget is how many pairs a soak remembers.
	forget = 20 * pairs
)

// generators take turns: what AWS's documentation is clear about, what it leaves open, and broken documents.
var generators = []func(*rand.Rand) ([]byte, naive.Request){generate.Pair, generate.PairSilent, generate.Pair,
	generate.PairBroken}

// length says how many pairs to compare, for how long, and from which seed on.
func length(t *testing.T) (enough int64, until time.Time, seed int64) {
	t.Helper()
	enough, seed = pairs, 1
	if testing.Short() {
		enough = fewPairs
	}
	if soak := os.Getenv("CI_OIDC_TRUST_SOAK"); soak != "" {
		d, err := time.ParseDuration(soak)
		require.NoError(t, err, "CI_OIDC_TRUST_SOAK is a duration such as 10m")
		enough, until, seed = 1<<62, time.Now().Add(d), time.Now().UnixNano()
	}
	if text := os.Getenv("CI_OIDC_TRUST_PAIRS"); text != "" {
		var err error
		enough, err = strconv.ParseInt(text, 10, 64)
		require.NoError(t, err, "CI_OIDC_TRUST_PAIRS is a number of pairs such as 10000000")
	}
	if text := os.Getenv("CI_OIDC_TRUST_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseInt(text, 10, 64)
		require.NoError(t, err, "CI_OIDC_TRUST_SEED is a number")
	}
	return enough, until, seed
}

// seen counts the pairs that differ from all before.
type seen struct {
	sync.Mutex
	seed   maphash.Seed
	hashes map[uint64]struct{}
}

func (s *seen) add(pairs []string) int64 {
	s.Lock()
	defer s.Unlock()
	if len(s.hashes) > forget {
		clear(s.hashes)
	}
	before := len(s.hashes)
	for _, pair := range pairs {
		s.hashes[maphash.String(s.seed, pair)] = struct{}{}
	}
	return int64(len(s.hashes) - before)
}

func TestSameAnswers(t *testing.T) {
	enough, until, first := length(t)
	var compared, next atomic.Int64
	var differences atomic.Int32
	distinct := seen{seed: maphash.MakeSeed(), hashes: map[uint64]struct{}{}}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // much garbage, little to keep
	begun := time.Now()
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for compared.Load() < enough && (until.IsZero() || time.Now().Before(until)) && differences.Load() < 10 {
				seed := first + next.Add(1) - 1
				r := rand.New(rand.NewSource(seed))
				var made []string
				for i := range chunk {
					policy, req := generators[i%len(generators)](r)
					read := Read(policy)
					variants := []generate.Variant{{Request: req}}
					for range 4 {
						variants = append(variants, generate.Vary(r, req)...)
					}
					for _, v := range variants {
						made = append(made, string(policy)+v.Change)
						if difference := read.Compare(v.Request); difference != "" && differences.Add(1) <= 10 {
							t.Errorf("seed %d, policy %d, %q:\n%s", seed, i, v.Change, difference)
						}
					}
				}
				compared.Add(distinct.add(made))
			}
		})
	}
	workers.Wait()
	took := time.Since(begun)
	t.Logf("%d pairs from seed %d on, %d differences, in %s: %.0f pairs/s",
		compared.Load(), first, differences.Load(), took.Round(time.Millisecond),
		float64(compared.Load())/took.Seconds())
}
