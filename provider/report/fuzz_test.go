package report_test

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/report"
)

// FuzzDecisions reads files of what is ignored and of what is known, as a pull request may bring them along.
func FuzzDecisions(f *testing.F) {
	for _, seed := range []string{
		"ignore: [{rule: any-ref, reason: x}]", "ignore: [{}]", "ignore: &a [*a]", "a: 1\n---\nb: 2", "ignore: 1", "[",
		`{"version":1,"findings":[{"fingerprint":"a","rule":"b","role":"c"}]}`, `{"version":1}`, `{"version":"1"}`, "",
		`{"version":1,"findings":[]} {"version":1}`, "null",
	} {
		f.Add(seed)
	}
	known := rules()
	f.Fuzz(func(t *testing.T, text string) {
		config, err := report.ReadConfig([]byte(text), known)
		if (config == nil) == (err == nil) {
			t.Errorf("either a configuration or an error: %v, %v", config, err)
		}
		if err == nil {
			for _, entry := range config.Ignore {
				if strings.TrimSpace(entry.Reason) == "" || entry.Rule == "" && entry.Role == "" {
					t.Errorf("an entry that ignores everything, or without a reason: %+v", entry)
				}
			}
		}
		if baseline, err := report.ReadBaseline([]byte(text)); (baseline == nil) == (err == nil) {
			t.Errorf("either a baseline or an error: %v, %v", baseline, err)
		}
	})
}
