package generate

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

const pairs = 50_000

// share counts how often something was true.
type share struct{ yes, all int }

func (s *share) add(yes bool) {
	s.all++
	if yes {
		s.yes++
	}
}

func (s share) part() float64 { return float64(s.yes) / float64(max(s.all, 1)) }

// balance is what a run of pairs holds.
type balance struct {
	allowed  share
	elements map[string]*share // by operator, by modifier, by feature: was the element true?
	answers  map[string]*share // the same: was the pair allowed?
	seen     map[string]int
}

func (b *balance) count(m map[string]*share, name string, yes bool) {
	if m[name] == nil {
		m[name] = &share{}
	}
	m[name].add(yes)
}

func measure(t *testing.T, pair func(*rand.Rand) ([]byte, naive.Request), n int) *balance {
	t.Helper()
	b := &balance{elements: map[string]*share{}, answers: map[string]*share{}, seen: map[string]int{}}
	r := rand.New(rand.NewSource(1))
	for range n {
		policy, req := pair(r)
		allowed, err := naive.Decide(policy, req)
		require.NoError(t, err, "%s", policy)
		b.allowed.add(allowed)
		var doc struct {
			Version   string
			Statement json.RawMessage
		}
		require.NoError(t, json.Unmarshal(policy, &doc))
		var statements []map[string]any
		if json.Unmarshal(doc.Statement, &statements) != nil {
			statements = single(t, doc.Statement)
		}
		for _, s := range statements {
			for _, name := range []string{"NotAction", "Condition"} {
				if _, ok := s[name]; ok {
					b.seen[name]++
				}
			}
			b.count(b.answers, "effect "+s["Effect"].(string), allowed)
			condition, _ := s["Condition"].(map[string]any)
			for operator, byKey := range condition {
				for key, v := range byKey.(map[string]any) {
					b.element(t, doc.Version, operator, key, v, req, allowed)
				}
			}
		}
	}
	return b
}

func single(t *testing.T, raw json.RawMessage) []map[string]any {
	t.Helper()
	var s map[string]any
	require.NoError(t, json.Unmarshal(raw, &s))
	return []map[string]any{s}
}

// element evaluates one element by itself, in a policy that allows everything else.
func (b *balance) element(t *testing.T, version, operator, key string, v any, req naive.Request, allowed bool) {
	t.Helper()
	policy := map[string]any{"Statement": map[string]any{
		"Effect": "Allow", "Action": "*", "Principal": map[string]any{"Federated": req.Provider},
		"Condition": map[string]any{operator: map[string]any{key: v}},
	}}
	if version != "" {
		policy["Version"] = version
	}
	raw, err := json.Marshal(policy)
	require.NoError(t, err)
	holds, err := naive.Decide(raw, req)
	require.NoError(t, err, "%s", raw)

	qualifier, base, found := strings.Cut(operator, ":")
	if !found {
		qualifier, base = "no set operator", operator
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	values, _ := json.Marshal(v)
	text := string(values)
	have := naive.Keys(req)[strings.ToLower(key)]
	features := []string{base, qualifier, "version " + version}
	for name, on := range map[string]bool{
		"IfExists":             ifExists,
		qualifier + " negated": strings.Contains(base, "Not"),
		"missing key":          len(have) == 0,
		"several in request":   len(have) > 1,
		"several in policy":    strings.HasPrefix(text, "["),
		"variable":             strings.Contains(text, "${") && !strings.Contains(text, ", '"),
		"variable default":     strings.Contains(text, ", '"),
		"escaped character": strings.Contains(text, "${*}") || strings.Contains(text, "${?}") ||
			strings.Contains(text, "${$}"),
		"wildcard":          strings.ContainsAny(text, "*?") && strings.HasSuffix(base, "Like"),
		"key in other case": key == strings.ToUpper(key),
	} {
		if on {
			features = append(features, name)
		}
	}
	for _, f := range features {
		b.count(b.elements, f, holds)
		b.count(b.answers, f, allowed)
	}
}

func TestPairsAreBalanced(t *testing.T) {
	t.Parallel()
	b := measure(t, Pair, pairs)
	report := []string{fmt.Sprintf("allowed %.1f%% of %d", 100*b.allowed.part(), b.allowed.all)}
	var names []string
	for name := range b.elements {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e, a := b.elements[name], b.answers[name]
		report = append(report,
			fmt.Sprintf("%-32s %7d true %4.1f%% allowed %4.1f%%", name, e.all, 100*e.part(), 100*a.part()))
	}
	report = append(report, fmt.Sprint(b.seen))
	t.Log("\n" + strings.Join(report, "\n"))

	require.InDelta(t, 0.5, b.allowed.part(), 0.2, "allowed and denied pairs")
	for _, operator := range Operators {
		require.Contains(t, b.elements, operator)
		e, a := b.elements[operator], b.answers[operator]
		require.Greater(t, e.all, 2_000, operator)
		require.InDelta(t, 0.5, e.part(), 0.3, "%s true and false", operator)
		require.InDelta(t, 0.5, a.part(), 0.3, "%s allowed and denied", operator)
	}
	for _, feature := range []string{
		"no set operator", "ForAnyValue", "ForAllValues", "ForAnyValue negated", "ForAllValues negated", "IfExists",
		"missing key", "several in request", "several in policy", "variable", "variable default", "escaped character",
		"wildcard", "key in other case", "version ", "version 2008-10-17", "version 2012-10-17",
	} {
		require.Contains(t, b.elements, feature)
		e := b.elements[feature]
		require.Greater(t, e.all, 120, feature)
		require.InDelta(t, 0.5, e.part(), 0.4, "%s true and false", feature)
	}
	for _, name := range []string{"NotAction", "Condition"} {
		require.Greater(t, b.seen[name], 500, name)
	}
}

func TestSilentPairsAreWellFormed(t *testing.T) {
	t.Parallel()
	b := measure(t, PairSilent, pairs/10)
	require.InDelta(t, 0.5, b.allowed.part(), 0.2, "allowed and denied pairs")
}

// What AWS was recorded to do otherwise than its documentation says has to occur among the pairs, or the two evaluators
// are never asked about it.
func TestWhatWasRecordedOccurs(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	r := rand.New(rand.NewSource(3))
	for i := range 20_000 {
		pair := PairSilent
		if i%2 == 0 {
			pair = Pair
		}
		policy, req := pair(r)
		err := naive.Refuse(req.Claims, req.RoleARN, Now)
		if i%2 == 0 {
			require.NoError(t, err, "%v", req.Claims)
		}
		if err != nil {
			message, _, _ := strings.Cut(strings.TrimRight(err.Error(), " 0123456789"), " current")
			seen[message]++
		}
		keys, text := naive.Keys(req), string(policy)
		for name, occurs := range map[string]bool{
			"an empty set": keys[req.Issuer+":amr"] != nil && len(keys[req.Issuer+":amr"]) == 0,
			"a set under an operator for one": strings.Contains(text, `"StringEquals":{"aws:TagKeys"`) ||
				strings.Contains(text, `"StringNotEquals":{"aws:TagKeys"`),
			"a set under a set operator":        strings.Contains(text, `ForAnyValue:StringEquals":{"aws:TagKeys"`),
			"a variable of a set":               strings.Contains(text, "${aws:TagKeys}"),
			"a variable of a set, with default": strings.Contains(text, "${aws:TagKeys, '"),
			"a supplementary character":         strings.ContainsAny(text, "\U00010400\U00010428"),
			"a sharp s":                         strings.Contains(text, "ß"),
			"a final sigma":                     strings.Contains(text, "ς"),
			"a dotted I":                        strings.Contains(text, "İ"),
			"a combining accent":                strings.Contains(text, "e\u0301"),
			"the caller's account":              strings.Contains(text, `"aws:PrincipalAccount"`),
			"RoleAuthorizedByIdp":               strings.Contains(text, `"sts:RoleAuthorizedByIdp"`),
			"an authorized party":               req.Claims["azp"] != nil && err == nil,
			"a null authorized party":           hasNull(req.Claims, "azp"),
			"null roles":                        hasNull(req.Claims, "https://aws.amazon.com/roles"),
			"roles in a text":                   isText(req.Claims["https://aws.amazon.com/roles"]) && err == nil,
			"nested tags":                       req.Claims["https://aws.amazon.com/tags"] != nil && err == nil,
			"flat tags": isText(req.Claims["https://aws.amazon.com/tags/principal_tags/Team"]) &&
				err == nil,
			"a subject that is a number": isNumber(req.Claims["sub"]) && err == nil,
			"an empty subject":           req.Claims["sub"] == "" && err == nil,
			"a time in a text":           isText(req.Claims["exp"]) && err == nil,
			"a list of one audience":     isList(req.Claims["aud"]) && err == nil,
		} {
			if occurs {
				seen[name]++
			} else {
				seen[name] += 0
			}
		}
	}
	t.Log(seen)
	for _, message := range []string{
		"InvalidIdentityToken: Missing a required claim: sub", "InvalidIdentityToken: Missing a required claim: exp",
		"InvalidIdentityToken: Invalid timestamp in token claims.", "InvalidIdentityToken: Token issued in the future:",
		"InvalidIdentityToken: Token not yet valid:", "ExpiredTokenException: Token expired:",
		"InvalidIdentityToken: Token audience contains more than one audience while authorized party is not present",
		"InvalidIdentityToken: Claim is not allowed to be empty: aud",
		"InternalFailure: Unknown error validating third-party token",
		"InvalidIdentityToken: principal_tags passed in claim is not in correct format.",
		"InvalidIdentityToken: The target role ARN is not present in the roles claim of the identity token",
		"InvalidIdentityToken: The roles claim contains no valid role ARNs",
		"InvalidIdentityToken: The roles claim is not in a supported format",
	} {
		require.Contains(t, seen, message)
	}
	for name, times := range seen {
		require.Positive(t, times, name)
	}
}

func hasNull(claims map[string]any, name string) bool {
	claim, ok := claims[name]
	return ok && claim == nil
}

func isText(claim any) bool   { _, ok := claim.(string); return ok }
func isNumber(claim any) bool { _, ok := claim.(json.Number); return ok }
func isList(claim any) bool   { _, ok := claim.([]any); return ok }

func TestSameSeedSamePairs(t *testing.T) {
	t.Parallel()
	one, other := rand.New(rand.NewSource(7)), rand.New(rand.NewSource(7))
	for range 1_000 {
		p1, r1 := Pair(one)
		p2, r2 := Pair(other)
		require.Equal(t, string(p1), string(p2))
		require.Equal(t, r1, r2)
	}
}
