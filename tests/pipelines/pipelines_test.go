// Package pipelines holds the pipeline that is printed for every CI system against what the system takes: it is YAML,
// and it fits the system's published schema, if a package carries one.
package pipelines

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

func TestEveryPipelineIsWhatItsSystemTakes(t *testing.T) {
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "\nsystem\tpipelines parsed\tvalidated against\tof the package\tmisspelt keys refused")
	for _, s := range all.Registry().Systems() {
		texts := rendered(t, s)
		require.NotEmpty(t, texts)
		fmt.Fprintf(rows, "%s\t%d\t", s.Title(), len(texts))
		if reason, only := parsedOnly(t, s.Section()); only {
			for _, text := range texts {
				parse(t, text)
			}
			fmt.Fprintf(rows, "only parsed: %s\t\t\n", reason)
			continue
		}
		fit := schemasOf(s.Section())
		require.Len(t, fit, 1)
		rules, name := fit[0].rules(t)
		refused, misspelt := validate(t, rules, texts)
		fmt.Fprintf(rows, "%s\t%s\t%d of %d\n", fit[0], name, refused, misspelt)
	}
	require.NoError(t, rows.Flush())
	require.NoError(t, harness.Publish("pipelines", table.String()))
}

// parse reads a pipeline, which is more than one text: a file in another language may well be a text in YAML.
func parse(t *testing.T, text string) any {
	t.Helper()
	document, err := readYAML(text)
	require.NoError(t, err, text)
	_, isText := document.(string)
	require.False(t, isText, text)
	return document
}

// validate holds pipelines against a schema, and then with each key misspelt, which must be refused at least once: how
// often tells how much the schema looks at. Names that the user chooses, such as a job's, are keys too.
func validate(t *testing.T, r rules, texts []string) (refused, misspelt int) {
	t.Helper()
	for _, text := range texts {
		document := parse(t, text)
		require.NoError(t, r.Validate(document), text)
		for _, wrong := range withAKeyMisspelt(document) {
			misspelt++
			if r.Validate(wrong) != nil {
				refused++
			}
		}
	}
	require.Positive(t, refused)
	return refused, misspelt
}

// withAKeyMisspelt are all copies of a document in which one key, at any depth, is another.
func withAKeyMisspelt(document any) []any {
	return edited(document, func(fields map[string]any, name string) {
		fields[name+"z"] = fields[name]
		delete(fields, name)
	}, func([]any, int) []any { return nil })
}
