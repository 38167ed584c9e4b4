package ci

import "sort"

// A Severity says what becomes of a finding.
type Severity string

const (
	// High findings stop the update unless their id is accepted.
	High Severity = "high"
	// Medium findings are shown.
	Medium Severity = "medium"
	// Low findings are shown.
	Low Severity = "low"
)

var severities = map[Severity]int{High: 0, Medium: 1, Low: 2}

// A Rule is a kind of finding: what can be found, why it matters and what to do about it.
type Rule struct {
	ID          string
	Severity    Severity
	Summary     string // a sentence that quotes nothing of the input
	Remediation string
	Source      string // a URL
}

// A Finding is a rule that applies to something the user wrote.
type Finding struct {
	Rule
	Path   string // where
	Detail string // what, in this trust; may quote the input
}

// Message is the finding in words.
func (f Finding) Message() string {
	if f.Detail == "" {
		return f.Summary
	}
	return f.Detail + ": " + f.Summary
}

// sortFindings puts the worst first.
func sortFindings(findings []Finding) {
	sort.SliceStable(findings, func(i, j int) bool {
		a, b := findings[i], findings[j]
		if a.Severity != b.Severity {
			return severities[a.Severity] < severities[b.Severity]
		}
		return a.ID < b.ID
	})
}
