package differential

import (
	"encoding/json"
	"maps"
	"math/rand"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive/generate"
)

const session = "sts:rolesessionname"

// Where the engine is not told a key of the call, its answer must hold for every value the key may have, and Undecided
// must mean that both answers occur. The naive evaluator is asked for each of many values.
//
// That both occur is demanded only of keys that a policy tests once: two conditions on one key may exclude each other,
// which the engine does not look for.
func TestUndecidedMeansThatBothAnswersOccur(t *testing.T) {
	policies := 2_000
	if testing.Short() {
		policies = 200
	}
	said := map[trust.Answer]int{}
	for seed := range int64(policies) {
		r := rand.New(rand.NewSource(1_000_000 + seed))
		policy, req := generate.Pair(r)
		if seed%2 == 0 {
			policy, req = generate.PairSilent(r)
		}
		text := strings.ToLower(string(policy))
		var tested []string
		for _, key := range append([]string{session}, CallKeys...) {
			if strings.Contains(text, `"`+key+`"`) || strings.Contains(text, "${"+key) {
				tested = append(tested, key)
			}
		}
		if len(tested) == 0 {
			continue
		}
		r.Shuffle(len(tested), func(i, j int) { tested[i], tested[j] = tested[j], tested[i] })
		tested = tested[:min(len(tested), 2)]

		parsed, err := trust.ParsePolicy(policy)
		require.NoError(t, err)
		request := Engine(req)
		for _, key := range tested {
			delete(request.Context, key)
			if key == session {
				request.RoleSessionName = ""
			}
		}
		answer := parsed.Decide(&request)
		said[answer]++
		seen := answers(t, policy, req, tested)
		switch {
		case answer == trust.Undecided && exact(text, tested):
			require.Len(t, seen, 2, "seed %d: undecided without %v, but always %v: %s", seed, tested, seen, policy)
		case answer != trust.Undecided:
			require.Equal(t, map[trust.Answer]bool{answer: true}, seen, "seed %d without %v: %s", seed, tested, policy)
		}
	}
	t.Log(said)
	for _, answer := range []trust.Answer{trust.Allowed, trust.Denied, trust.Undecided} {
		require.Greater(t, said[answer], policies/100, answer)
	}
}

// exact says that the policy tests each of the keys once, and not by a variable in a comparison that the engine does
// not follow to the end.
func exact(text string, keys []string) bool {
	for _, key := range keys {
		if strings.Count(text, key) != 1 {
			return false
		}
		if strings.Contains(text, "*:*:*:*:*:*") {
			return false // nor that every ARN is like this
		}
		if key == "aws:securetransport" && coversBoth(values([]byte(text), key)) {
			return false // the engine does not see that every text is one of both
		}
		if strings.Contains(text, "${"+key) &&
			(strings.Contains(text, "foral") || strings.Contains(text, "arn") || strings.Contains(text, "ignorecase")) {
			return false
		}
	}
	return true
}

// coversBoth says whether there is a Boolean of each kind among the texts.
func coversBoth(texts []string) bool {
	isTrue := func(text string) bool { return strings.EqualFold(text, "true") }
	return slices.ContainsFunc(texts, isTrue) && slices.ContainsFunc(texts, func(text string) bool {
		return !isTrue(text)
	})
}

// answers are those of the naive evaluator over the values that the keys may have.
func answers(t *testing.T, policy []byte, req naive.Request, keys []string) map[trust.Answer]bool {
	t.Helper()
	seen := map[trust.Answer]bool{}
	var try func(keys []string, known map[string][]string)
	try = func(keys []string, known map[string][]string) {
		if len(seen) == 2 {
			return
		}
		if len(keys) > 0 {
			for _, values := range candidates(policy, req, keys[0]) {
				next := maps.Clone(known)
				next[keys[0]] = values
				try(keys[1:], next)
			}
			return
		}
		r := req
		r.Context = maps.Clone(req.Context)
		for name := range r.Context {
			if _, ok := known[strings.ToLower(name)]; ok {
				delete(r.Context, name)
			}
		}
		if _, ok := known[session]; ok {
			r.RoleSessionName = ""
		}
		maps.Copy(r.Context, known)
		allowed, err := naive.Decide(policy, r)
		require.NoError(t, err)
		if allowed {
			seen[trust.Allowed] = true
		} else {
			seen[trust.Denied] = true
		}
	}
	try(keys, map[string][]string{})
	return seen
}

var variable = regexp.MustCompile(`\$\{([^,}]*)(, '([^}]*)')?\}`)

// canBe says whether AWS may fill a key with a text: addresses and ARNs are always such, and a key of the call has one
// value.
func canBe(key, value string) bool {
	switch key {
	case "aws:sourceip", "aws:vpcsourceip":
		_, err := netip.ParseAddr(value)
		return err == nil
	case "aws:sourcearn":
		return strings.Count(value, ":") >= 5
	}
	return true
}

// candidates are values of a key that a policy may tell apart: none, the ones it wants, ones near them, and some it has
// never heard of.
func candidates(policy []byte, req naive.Request, key string) [][]string {
	texts := []string{
		"", "\U0010FFFE", "0", "true", "false", "1000-01-01", "9999-01-01", "-99999", "99999",
		"192.0.2.254", "2001:db8:ffff::fffe", "arn:none:none:none:none:none",
	}
	for _, wanted := range values(policy, key) {
		texts = append(texts, wanted) // in version 2008-10-17 there are no variables
		wanted = variable.ReplaceAllStringFunc(wanted, func(v string) string {
			parts := variable.FindStringSubmatch(v)
			if have := naive.Keys(req)[strings.ToLower(parts[1])]; len(have) == 1 {
				return have[0]
			}
			if parts[2] == "" && len(parts[1]) == 1 {
				return parts[1]
			}
			return parts[3]
		})
		texts = append(texts, wanted)
		for _, star := range []string{"", "q"} {
			texts = append(texts, strings.NewReplacer("*", star, "?", "q").Replace(wanted))
		}
		if prefix, err := netip.ParsePrefix(wanted); err == nil {
			texts = append(texts, prefix.Addr().String())
		}
		if n, err := strconv.ParseFloat(wanted, 64); err == nil {
			texts = append(texts, strconv.FormatFloat(n-1, 'f', -1, 64), strconv.FormatFloat(n+1, 'f', -1, 64))
		}
	}
	if strings.Contains(strings.ToLower(string(policy)), "${"+key) {
		for _, have := range naive.Keys(req) {
			for _, text := range have {
				if len(text) > 8 {
					continue
				}
				for i := range text {
					for j := i + 1; j <= len(text); j++ {
						texts = append(texts, text[i:j])
					}
				}
			}
		}
	}
	slices.Sort(texts)
	all := [][]string{nil}
	for _, text := range slices.Compact(texts) {
		if canBe(key, text) {
			all = append(all, []string{text})
		}
	}
	return all
}

// values are what a policy's conditions want of a key.
func values(policy []byte, key string) []string {
	var document any
	if json.Unmarshal(policy, &document) != nil {
		return nil
	}
	var found []string
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for inner, value := range v {
				walk(inner, value)
			}
		case []any:
			for _, item := range v {
				walk(name, item)
			}
		case string:
			if strings.EqualFold(name, key) {
				found = append(found, v)
			}
		case bool:
			if strings.EqualFold(name, key) {
				found = append(found, strconv.FormatBool(v))
			}
		case float64:
			if strings.EqualFold(name, key) {
				found = append(found, strconv.FormatFloat(v, 'f', -1, 64))
			}
		}
	}
	walk("", document)
	return found
}
