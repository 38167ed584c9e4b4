package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// fixtures are AWS's own answers, recorded and published by others.
const fixtures = "https://github.com/radkawar/stackd/blob/9dc356f5e5cc49d2d334178a09c1398dd1c62617/"

type vector struct {
	Name    string          `json:"name"`
	Policy  json.RawMessage `json:"policy"`
	Request struct {
		Provider  string         `json:"provider"`
		Issuer    string         `json:"issuer"`
		Partition string         `json:"partition"`
		Role      string         `json:"role"`
		Session   string         `json:"session"`
		Claims    map[string]any `json:"claims"`
		// ClaimsText are the claims as a token has them, where a name stands twice.
		ClaimsText string              `json:"claimsText"`
		Context    map[string][]string `json:"context"`
		ClientIDs  []string            `json:"clientIds"`
		Now        int64               `json:"now"`
	} `json:"request"`
	Expect   string `json:"expect"`
	Source   string `json:"source"`
	Recorded string `json:"recorded"`
}

// refusals are the answers that STS gives before it reads a policy.
var refusals = []string{trust.InvalidIdentityToken, trust.ExpiredToken, trust.InternalFailure}

func (v *vector) engine() string {
	policy, err := trust.ParsePolicy(v.Policy)
	if err != nil {
		return "error"
	}
	r := v.Request
	known := map[string][]string{}
	for name, values := range r.Context {
		known[strings.ToLower(name)] = values
	}
	request := &trust.Request{
		Provider: r.Provider, Issuer: r.Issuer, Partition: r.Partition, Claims: r.Claims,
		RoleARN: r.Role, RoleSessionName: r.Session, Context: known,
	}
	if r.Now != 0 {
		if refusal := request.Refused(time.Unix(r.Now, 0), r.ClientIDs); refusal != nil {
			return refusal.Code
		}
	}
	return policy.Decide(request).String()
}

func (v *vector) naive() string {
	r := v.Request
	if r.Now != 0 {
		now := time.Unix(r.Now, 0)
		audience, err := naive.CheckClaims(r.Claims, now)
		if err == nil && len(r.ClientIDs) > 0 && !slices.Contains(r.ClientIDs, audience) {
			err = naive.NotValidated()
		}
		if err == nil {
			err = naive.Refuse(r.Claims, r.Role, now)
		}
		var refusal *naive.Refusal
		if errors.As(err, &refusal) {
			return refusal.Code
		}
	}
	allowed, err := naive.Decide(v.Policy, naive.Request{
		Provider: r.Provider, Issuer: r.Issuer, Partition: r.Partition, Claims: r.Claims,
		RoleARN: r.Role, RoleSessionName: r.Session, Context: r.Context,
	})
	switch {
	case err != nil:
		return "error"
	case allowed:
		return "allowed"
	}
	return "denied"
}

func TestBothEnginesGiveTheAnswerOfEveryVector(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("evaluation/*.json")
	require.NoError(t, err)
	total, answers, recorded := 0, map[string]int{}, map[string]int{}
	for _, file := range files {
		document, err := os.ReadFile(file)
		require.NoError(t, err)
		d := json.NewDecoder(bytes.NewReader(document))
		d.UseNumber()
		d.DisallowUnknownFields()
		var vectors []vector
		require.NoError(t, d.Decode(&vectors), file)
		names := map[string]bool{}
		for i := range vectors {
			v := &vectors[i]
			total++
			answers[v.Expect]++
			require.False(t, names[v.Name], "%s: %q stands twice", file, v.Name)
			names[v.Name] = true
			if v.Request.ClaimsText != "" {
				claims, err := trust.ParseClaims([]byte(v.Request.ClaimsText))
				require.NoError(t, err, v.Name)
				v.Request.Claims = claims
			}
			if v.Recorded != "" {
				recorded[filepath.Base(v.Source)]++
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json")+"/"+v.Name, func(t *testing.T) {
				t.Parallel()
				if v.Recorded == "" {
					require.True(t, strings.HasPrefix(v.Source, "https://docs.aws.amazon.com/"),
						"the source is a page of AWS")
				} else {
					require.True(t, strings.HasPrefix(v.Source, fixtures),
						"the source is a fixture of AWS's answers, at a commit")
				}
				refused := slices.Contains(refusals, v.Expect)
				require.True(t,
					refused || slices.Contains([]string{"allowed", "denied", "undecided", "error"}, v.Expect), v.Expect)
				require.Equal(t, v.Expect, v.engine(), "the engine: %s", v.Policy)
				// The naive evaluator begins where STS has taken the token.
				if v.Expect != "undecided" {
					require.Equal(t, v.Expect, v.naive(), "the naive evaluator: %s", v.Policy)
				}
			})
		}
	}
	t.Log(total, "vectors", answers, "recorded", recorded)
	require.GreaterOrEqual(t, total, 1000)
	for fixture, least := range map[string]int{
		"condition_sets.json": 91, "condition_strings.json": 182, "condition_values.json": 283,
		"condition_ip.json": 256, "aws.json": 44, "aws-roles.json": 31, "aws-trust.json": 22,
	} {
		require.GreaterOrEqual(t, recorded[fixture], least, fixture)
	}
}
