package moto

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// TestLocalAWSAndMotoAnswerAlike makes the same calls in the same order on both, and compares every field of every
// answer: each claims to be AWS, and neither knows the other. What differs must be in the list of differences, with the
// document of AWS that says who is right; a difference that is listed and gone fails the test as well.
func TestLocalAWSAndMotoAnswerAlike(t *testing.T) {
	ctx := t.Context()
	local, err := localaws.Start(localaws.Options{Region: harness.Region})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, local.Close()) })
	ours := harness.Endpoint{URL: local.URL(), CAPEM: local.CAPEM()}
	ours.AccessKeyID, ours.SecretAccessKey = local.Credentials()
	moto, err := Start(ctx, func(line string) { t.Log(line) })
	require.NoError(t, err)
	t.Cleanup(moto.Close)

	fromLocal, fromMoto := record(ctx, ours), record(ctx, moto.Endpoint())
	seen := make([]bool, len(differences))
	for _, step := range steps {
		a, b := fromLocal[step.name], fromMoto[step.name]
		for _, field := range fieldsOf(a, b) {
			if a[field] == b[field] {
				continue
			}
			known := slices.IndexFunc(differences, func(d difference) bool {
				return d.covers(step.name, field, a[field], b[field])
			})
			if known < 0 {
				t.Errorf("%s: %s is\n\t%q in localaws and\n\t%q in moto", step.name, field, a[field], b[field])
				continue
			}
			seen[known] = true
		}
	}
	for i, d := range differences {
		assert.True(t, seen[i], "a listed difference is gone: %s, %s", d.steps, d.source)
	}
}

func record(ctx context.Context, account harness.Endpoint) map[string]answer {
	answers := map[string]answer{}
	client := account.IAM()
	for _, step := range steps {
		output, err := step.call(ctx, client)
		answers[step.name] = flatten(output, err)
	}
	return answers
}
