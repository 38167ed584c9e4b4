package corpus

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

type vector struct {
	Name    string          `json:"name"`
	Policy  json.RawMessage `json:"policy"`
	Request struct {
		Provider  string              `json:"provider"`
		Issuer    string              `json:"issuer"`
		Partition string              `json:"partition"`
		Role      string              `json:"role"`
		Session   string              `json:"session"`
		Claims    map[string]any      `json:"claims"`
		Context   map[string][]string `json:"context"`
	} `json:"request"`
	Expect string `json:"expect"`
	Source string `json:"source"`
}

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
	return policy.Decide(&trust.Request{
		Provider: r.Provider, Issuer: r.Issuer, Partition: r.Partition, Claims: r.Claims,
		RoleARN: r.Role, RoleSessionName: r.Session, Context: known,
	}).String()
}

func (v *vector) naive() string {
	r := v.Request
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
	total, answers := 0, map[string]int{}
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
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json")+"/"+v.Name, func(t *testing.T) {
				t.Parallel()
				require.True(t, strings.HasPrefix(v.Source, "https://docs.aws.amazon.com/"), "the source is a page of AWS")
				require.Contains(t, []string{"allowed", "denied", "undecided", "error"}, v.Expect)
				require.Equal(t, v.Expect, v.engine(), "the engine: %s", v.Policy)
				if v.Expect != "undecided" {
					require.Equal(t, v.Expect, v.naive(), "the naive evaluator: %s", v.Policy)
				}
			})
		}
	}
	t.Log(total, "vectors", answers)
	require.GreaterOrEqual(t, total, 160)
}
