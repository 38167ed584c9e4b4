package pipelines

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// An account is where the role is, and the role's ARN. The text of one needs care in YAML, in a shell and in JSON.
type account struct {
	ci.Account
	roleArn string
}

var accounts = []account{
	{ci.Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"},
		"arn:aws:iam::123456789012:role/ci/deploy+x=y,z@w"},
	{ci.Account{Partition: "aws-cn", Region: "cn-north-1", ID: "123456789012"},
		"arn:aws-cn:iam::123456789012:role/deploy"},
}

// render gives the only section's pipeline, or why the component would refuse the sections.
func render(t *testing.T, sections map[string]any, a account) (text string, refusal []input.Problem) {
	t.Helper()
	schema, err := check.Package()
	require.NoError(t, err)
	written := maps.Clone(sections)
	var risks []any
	for _, id := range citest.RisksOf(all.Registry(), sections) {
		risks = append(risks, id)
	}
	written["acceptRisks"] = risks
	var problems input.Problems
	tree, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", written, &problems)
	trusts := all.Registry().Read(tree, a.Account, &problems)
	if problems.Len() > 0 {
		return "", problems.Sorted()
	}
	require.Len(t, trusts, 1)
	return trusts[0].Pipeline(ci.Role{ARN: a.roleArn, Region: a.Region}), nil
}

// inputs are the inputs of a system's tests: its own example, those of its testdata/pipelines.yaml, and what stays of
// each when one part is left out or another audience is asked for. The component has to accept the known ones.
func inputs(t *testing.T, s ci.System) (known, derived []map[string]any) {
	t.Helper()
	told, err := page.Of("../../provider/ci", s.Section())
	require.NoError(t, err)
	known = documents(t, told.Example)
	more, err := os.ReadFile(filepath.Join("../../provider/ci", strings.ToLower(s.Section()), "testdata",
		"pipelines.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
		known = append(known, documents(t, string(more))...)
	}
	for _, sections := range known {
		for _, section := range append(withOneLess(sections[s.Section()]), sections[s.Section()]) {
			derived = append(derived, map[string]any{s.Section(): section})
			for _, audience := range []string{"another", `it's"one"`} {
				asking := maps.Clone(section.(map[string]any))
				asking["audiences"] = []any{audience}
				derived = append(derived, map[string]any{s.Section(): asking})
			}
		}
	}
	return known, derived
}

// documents reads a text of several YAML documents.
func documents(t *testing.T, text string) []map[string]any {
	t.Helper()
	var read []map[string]any
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var document map[string]any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return read
		}
		require.NoError(t, err)
		read = append(read, document)
	}
}

// withOneLess are all copies of a value in which one field or item, at any depth, is missing.
func withOneLess(value any) []any {
	return edited(value, func(fields map[string]any, name string) { delete(fields, name) },
		func(items []any, i int) []any { return []any{slices.Delete(items, i, i+1)} })
}

// edited are all copies of a value in which one field or item, at any depth, was edited.
func edited(value any, field func(fields map[string]any, name string), item func(items []any, i int) []any) []any {
	var copies []any
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fields := maps.Clone(v)
			field(fields, name)
			copies = append(copies, fields)
			for _, inner := range edited(v[name], field, item) {
				fields := maps.Clone(v)
				fields[name] = inner
				copies = append(copies, fields)
			}
		}
	case []any:
		for i := range v {
			copies = append(copies, item(slices.Clone(v), i)...)
			for _, inner := range edited(v[i], field, item) {
				items := slices.Clone(v)
				items[i] = inner
				copies = append(copies, items)
			}
		}
	}
	return copies
}

// rendered are the different pipelines of a system.
func rendered(t *testing.T, s ci.System) []string {
	t.Helper()
	known, derived := inputs(t, s)
	for _, sections := range known {
		_, refusal := render(t, sections, accounts[0])
		require.Empty(t, refusal, "%v", sections)
	}
	var texts []string
	for _, sections := range append(known, derived...) {
		for _, a := range accounts {
			if text, refusal := render(t, sections, a); refusal == nil && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}
