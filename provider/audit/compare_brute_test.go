package audit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A world is an issuer, and what tokens and policies of a random comparison are made of.
type world struct {
	host     string
	subjects []string
	patterns []string
	claims   map[string][]string
	// repeats are the claims that a token has according to its subject.
	repeats func(sub string) map[string]string
}

var (
	unknownWorld = world{
		host:     "ci.example.org",
		subjects: []string{"a", "b", "ab", "ba", "aab", "bab", "abab", "A", "c", "ac", "aca", "abc"},
		patterns: []string{"*", "a*", "*a", "?b", "a?b*", "*a*b", "ab", "A", "a", "?", "??*", "*b*b*", "c*", "*c?"},
		claims:   map[string][]string{"aud": {"one", "two", "three"}, "email": {"e", "f", "E"}},
		repeats:  func(string) map[string]string { return nil },
	}
	gitlabWorld = world{
		host: "gitlab.com",
		subjects: []string{
			"project_path:acme/web:ref_type:branch:ref:main", "project_path:acme/web:ref_type:tag:ref:v1",
			"project_path:acme/api:ref_type:branch:ref:main", "project_path:acme/web:ref_type:branch:ref:release/1",
			"project_path:acme/sub/web:ref_type:branch:ref:main", "project_path:evil/web:ref_type:branch:ref:main",
		},
		patterns: []string{
			"project_path:acme/web:*", "project_path:acme/*", "*:ref:main", "project_path:acme/web:ref_type:branch:*",
			"project_path:acme/???:ref_type:branch:ref:main", "project_path:*/web:ref_type:*:ref:*",
			"project_path:acme/web:ref_type:branch:ref:main",
		},
		claims: map[string][]string{
			"aud": {"https://gitlab.com", "other"}, "project_id": {"1", "2"}, "ref_protected": {"true", "false"},
		},
		repeats: func(string) map[string]string { return nil },
	}
	githubWorld = world{
		host: github,
		subjects: []string{
			"repo:acme@1/web@2:ref:refs/heads/main", "repo:acme@1/web@2:pull_request", "repo:acme/web:pull_request",
			"repo:acme@1/api@3:ref:refs/heads/main", "repo:evil@4/web@5:ref:refs/heads/main",
			"repo:acme/web:ref:refs/heads/main", "repo:acme@1/web@2:environment:main",
			"repo:acme/web:environment:main", "repo:evil/web:ref:refs/heads/main",
		},
		patterns: []string{
			"repo:acme@1/*", "repo:acme/*", "*:ref:refs/heads/main", "repo:*/web*:*:main", "repo:acme@1/web@2:*",
			"repo:acme@?/???@?:ref:refs/heads/main", "*:pull_request", "repo:acme/web:ref:refs/heads/main",
		},
		claims: map[string][]string{
			"aud": {"sts.amazonaws.com", "other"}, "repository_id": {"2", "3", "5"},
			"repository_owner_id": {"1", "4"}, "environment": {"main", "prod"},
		},
		repeats: func(sub string) map[string]string {
			repeated := map[string]string{}
			if parts := withIDs.FindStringSubmatch(sub); parts != nil {
				repeated["repository_owner_id"], repeated["repository_id"] = parts[1], parts[2]
			}
			if _, environment, found := strings.Cut(sub, ":environment:"); found {
				repeated["environment"] = environment
			}
			return repeated
		},
	}
)

// withIDs is the beginning of a subject of GitHub's with ids.
var withIDs = regexp.MustCompile(`^repo:[a-z]+@([0-9]+)/[a-z]+@([0-9]+):`)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// policy is a random one.
func (w world) policy(r *rand.Rand) string {
	var statements []string
	for range 1 + r.IntN(3) {
		statements = append(statements, w.statement(r))
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func (w world) statement(r *rand.Rand) string {
	effect := pick(r, []string{"Allow", "Allow", "Allow", "Deny"})
	action := pick(r, []string{
		`"sts:AssumeRoleWithWebIdentity"`, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, `"sts:*"`,
		`"sts:AssumeRoleWithWebIdentity"`, `"sts:TagSession"`,
	})
	conditions := map[string]map[string]any{}
	for range r.IntN(4) {
		operator, key, values := w.condition(r)
		if conditions[operator] == nil {
			conditions[operator] = map[string]any{}
		}
		conditions[operator][key] = values
	}
	text, _ := json.Marshal(conditions)
	return fmt.Sprintf(`{"Effect":%q,"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/%s"},`+
		`"Action":%s,"Condition":%s}`, effect, w.host, action, text)
}

func (w world) condition(r *rand.Rand) (operator, key string, values []string) {
	prefix := pick(r, []string{"", "", "", "", "ForAllValues:", "ForAnyValue:"})
	suffix := pick(r, []string{"", "", "", "IfExists"})
	texts := func(list []string) (some []string) {
		for range 1 + r.IntN(2) {
			some = append(some, pick(r, list))
		}
		return some
	}
	operators := []string{
		"StringEquals", "StringLike", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase",
	}
	switch r.IntN(8) {
	case 0, 1, 2, 3:
		return prefix + pick(r, operators) + suffix, w.host + ":sub", texts(w.patterns)
	case 4, 5:
		claim := pick(r, sortedKeys(w.claims))
		return prefix + pick(r, operators) + suffix, w.host + ":" + claim, texts(append(w.claims[claim], "*"))
	case 6:
		return "Null", w.host + ":" + pick(r, sortedKeys(w.claims)), []string{pick(r, []string{"true", "false"})}
	}
	switch r.IntN(4) {
	case 0:
		return pick(r, []string{"IpAddress", "NotIpAddress"}) + suffix, "aws:SourceIp",
			texts([]string{"192.0.2.0/24", "192.0.2.7/32", "198.51.100.0/24"})
	case 1:
		return pick(r, operators), "sts:RoleSessionName", texts([]string{"ci", "ci-*", "x?"})
	case 2:
		return pick(r, operators) + suffix, "aws:RequestTag/team", texts([]string{"red", "blue", "*"})
	}
	return pick(r, []string{"DateLessThan", "DateGreaterThan"}) + suffix, "aws:CurrentTime",
		texts([]string{"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"})
}

func sortedKeys(m map[string][]string) []string {
	var keys []string
	for _, key := range []string{
		"aud", "email", "project_id", "ref_protected", "repository_id", "repository_owner_id", "environment",
	} {
		if m[key] != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// requests are tokens and calls of a world, every combination.
func (w world) requests(yield func(*trust.Request) bool) {
	var walk func(claims []string, token map[string]any) bool
	walk = func(claims []string, token map[string]any) bool {
		if len(claims) == 0 {
			for _, address := range []string{"192.0.2.7", "192.0.2.8", "198.51.100.1", "203.0.113.1"} {
				for _, at := range []string{"2025-06-01T00:00:00Z", "2026-06-01T00:00:00Z", "2028-01-01T00:00:00Z"} {
					for _, session := range []string{"ci", "ci-1", "xy"} {
						r := &trust.Request{
							Provider: "arn:aws:iam::123456789012:oidc-provider/" + w.host, Issuer: w.host,
							Partition: "aws", Claims: token, RoleSessionName: session,
							Context: map[string][]string{"aws:sourceip": {address}, "aws:currenttime": {at}},
						}
						if !yield(r) {
							return false
						}
					}
				}
			}
			return true
		}
		texts := w.claims[claims[0]]
		sub, _ := token["sub"].(string)
		if text, repeated := w.repeats(sub)[claims[0]]; repeated {
			texts = []string{text}
		} else if claims[0] != "aud" {
			texts = append([]string{""}, texts...)
		}
		for _, text := range texts {
			changed := ci.With(token, map[string]any{claims[0]: text})
			if text == "" {
				delete(changed, claims[0])
			}
			if !walk(claims[1:], changed) {
				return false
			}
		}
		return true
	}
	for _, sub := range w.subjects {
		for _, tags := range []string{"", "red", "green"} {
			token := map[string]any{"sub": sub}
			if tags != "" {
				token = ci.With(token, ci.SessionTags(map[string]string{"team": tags}))
			}
			if !walk(sortedKeys(w.claims), token) {
				return
			}
		}
	}
}

// What a comparison says is nothing must be nothing for every token that can be listed, and what it says is something
// has its witness.
func TestNoTokenShowsADifferenceOfTwoRandomPoliciesThatTheComparisonDidNotFind(t *testing.T) {
	registry := all.Registry()
	const pairs = 100
	contrasts, differ, undecided := 0, 0, 0
	for seed, w := range []world{unknownWorld, gitlabWorld, githubWorld} {
		r := rand.New(rand.NewPCG(7, uint64(seed)))
		for range pairs {
			first, second := w.policy(r), w.policy(r)
			if r.IntN(2) == 0 { // one statement more alone
				second = strings.TrimSuffix(first, "]}") + "," + w.statement(r) + "]}"
			}
			before, after := parsed(t, first), parsed(t, second)
			c := audit.Compare(registry, before, after)
			for _, side := range []struct {
				audit.Contrast
				by, other *trust.Policy
			}{{c.Admitted, after, before}, {c.Refused, before, after}} {
				for _, d := range side.Differences {
					if side.by.Decide(d.Request) != trust.Allowed || side.other.Decide(d.Request) != trust.Denied {
						t.Errorf("%v shows nothing of\n%s\n%s", d.Request, first, second)
					}
				}
				if contrasts++; len(side.Undecided) > 0 {
					undecided++
				}
				if !side.Nothing() {
					differ++
					continue
				}
				for request := range w.requests {
					if side.by.Decide(request) == trust.Allowed && side.other.Decide(request) == trust.Denied {
						t.Fatalf("not found: %v %v %s of\n%s\n%s", request.Claims, request.Context,
							request.RoleSessionName, first, second)
					}
				}
			}
		}
	}
	if differ < contrasts/10 || differ > contrasts-contrasts/10 || undecided > contrasts/50 {
		t.Errorf("of %d contrasts %d differ and %d are undecided", contrasts, differ, undecided)
	}
	t.Logf("of %d contrasts %d differ and %d are undecided", contrasts, differ, undecided)
}
