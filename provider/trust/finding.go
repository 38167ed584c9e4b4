package trust

import "sort"

// A Severity says how much a finding matters.
type Severity string

const (
	// High lets somebody in who was not meant: the component refuses it unless its id is accepted.
	High Severity = "high"
	// Medium is risky, or makes the trust useless.
	Medium Severity = "medium"
	// Low is worth knowing.
	Low Severity = "low"
)

var severities = map[Severity]int{High: 0, Medium: 1, Low: 2}

// AtLeast reports that the severity is as bad as another, or worse.
func (s Severity) AtLeast(other Severity) bool { return severities[s] <= severities[other] }

// A Rule is a kind of finding: what can be found, why it matters and what to do about it.
type Rule struct {
	ID          string
	Severity    Severity
	Summary     string // a sentence that quotes nothing of the policy or the input
	Remediation string
	Source      string // a URL
	// Refused says that the component refuses what has the finding until the risk is accepted: every high one, and a
	// medium one where it is set, because writing more avoids it.
	Refused bool
	// Unreviewed says that it is about jobs whose code nobody need have reviewed: what the role may do is then judged.
	Unreviewed bool
	// ForReaders is the remediation where the role is known to read only; "" where it is the same.
	ForReaders string
}

// IsRefused reports that the component refuses what has the finding, unless the risk is accepted.
func (r Rule) IsRefused() bool { return r.Severity == High || r.Refused }

// A Finding is a rule that applies to something.
type Finding struct {
	Rule
	Path   string // where: a property path, or "statement 2"
	Detail string // what, in this trust; may quote the policy or the input

	// The rest is of findings about a policy.

	Statement    int      // its number, from 1; 0 for the policy as a whole
	Line, Column int      // where the statement, the key or the value stands in the document, from 1, in characters
	Key, Value   string   // the condition's key and value as written; "" where the finding is about none
	Values       []string // all values that have it, where findings of several are told as one
	Role         string   // the role's ARN, where it is known
	Witness      *Witness // who gets in; nil where the finding is of another kind
}

// A Witness is a token that a policy admits.
type Witness struct {
	Claims map[string]any
	Who    string // whose it is, in words: "GitHub Actions: owner mallory, repository web, branch main"
	Call   string // what of the call lets it in: "called from 192.0.2.1"; "" where the call does not matter
}

// Message is the finding in words.
func (f Finding) Message() string {
	message := f.Summary
	if f.Detail != "" {
		message = f.Detail + ": " + f.Summary
	}
	if f.Witness == nil {
		return message
	}
	message += ". Who gets in, for example: " + f.Witness.Who
	if f.Witness.Call != "" {
		message += ", when " + f.Witness.Call
	}
	return message
}

// SortFindings puts the worst first.
func SortFindings(findings []Finding) {
	sort.SliceStable(findings, func(i, j int) bool {
		a, b := findings[i], findings[j]
		if a.Severity != b.Severity {
			return severities[a.Severity] < severities[b.Severity]
		}
		return a.ID < b.ID
	})
}
