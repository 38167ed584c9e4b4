package report

import (
	"io"
	"net/url"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// The types here are the part of SARIF 2.1.0 that a report needs. They are written by hand because the libraries for Go
// give all of the standard, in which an absent list and one that is null are easily taken for each other: a log with a
// null is not valid, and some of them write it. Here what is empty is not written.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		ShortDescription sarifText      `json:"shortDescription"`
		FullDescription  sarifText      `json:"fullDescription"`
		Help             sarifText      `json:"help"`
		HelpURI          string         `json:"helpUri,omitempty"`
		Configuration    sarifLevel     `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		State        string             `json:"baselineState,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Full string `json:"fullyQualifiedName,omitempty"`
		Kind string `json:"kind"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	project     = "https://github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
)

// levels of SARIF, and the number by which GitHub's code scanning sorts what is about security.
// Source: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
var levels = map[trust.Severity]struct{ level, number string }{
	trust.High: {"error", "8.0"}, trust.Medium: {"warning", "5.0"}, trust.Low: {"note", "3.0"},
}

// SARIF writes a report as a log of SARIF 2.1.0. rules are all that there are, and version is the program's.
func (r *Report) SARIF(to io.Writer, rules []ci.Rule, version string) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "ci-oidc-trust", Version: version, InformationURI: project, Rules: []sarifRule{},
		}},
		Invocations: []sarifInvocation{{Successful: !r.Unreadable(), Notifications: r.notifications()}},
		ColumnKind:  "unicodeCodePoints", Results: []sarifResult{},
	}
	index := map[string]int{}
	for i := range r.Roles {
		a := &r.Roles[i]
		for _, list := range []struct {
			findings []verb.Finding
			state    string
		}{{a.Findings, "new"}, {a.Known, "unchanged"}, {a.Ignored, ""}} {
			for j := range list.findings {
				f := &list.findings[j]
				at, known := index[f.ID]
				if !known {
					at = len(run.Tool.Driver.Rules)
					index[f.ID] = at
					run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(rules, f))
				}
				result := resultOf(a, f, at)
				if r.Baseline {
					result.State = list.state
				}
				run.Results = append(run.Results, result)
			}
		}
	}
	const html = true // the log may end up in a page
	return encode(to, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}, html)
}

func ruleOf(rules []ci.Rule, f *verb.Finding) sarifRule {
	known := ci.Rule{ID: f.ID, Summary: f.ID, Remediation: f.Remediation, Source: f.Source}
	for _, rule := range rules {
		if rule.ID == f.ID {
			known = rule
		}
	}
	level := levels[trust.Severity(f.Severity)]
	return sarifRule{
		ID: f.ID, ShortDescription: sarifText{message(known.Summary)},
		FullDescription: sarifText{message(known.Summary)}, Help: sarifText{message(known.Remediation)},
		HelpURI: known.Source, Configuration: sarifLevel{level.level},
		Properties: map[string]any{"security-severity": level.number, "tags": []string{"security"}},
	}
}

func resultOf(a *verb.RoleAudit, f *verb.Finding, rule int) sarifResult {
	result := sarifResult{
		RuleID: f.ID, RuleIndex: rule, Level: levels[trust.Severity(f.Severity)].level,
		Message:   sarifText{message(sentence(a, f))},
		Locations: []sarifLocation{locationOf(a, f)},
		// The first is what code scanning compares, the second says whose it is.
		Fingerprints: map[string]string{
			"primaryLocationLineHash": f.Fingerprint + ":1", "ciOidcTrust/v1": f.Fingerprint,
		},
	}
	if f.Reason != "" {
		result.Suppressions = []sarifSuppression{{"external", verb.Visible(f.Reason)}}
	}
	if f.Witness != nil {
		result.Properties = map[string]any{"witness": f.Witness}
	}
	return result
}

// sentence is a finding and what to do about it, with the role if there is one.
func sentence(a *verb.RoleAudit, f *verb.Finding) string {
	text := f.Message + ". " + f.Remediation
	if name := a.Arn; name != "" {
		return name + ": " + text
	}
	if a.Whole {
		return text
	}
	return a.Role + ": " + text
}

// locationOf is where a finding is: in the file, and in the account.
func locationOf(a *verb.RoleAudit, f *verb.Finding) sarifLocation {
	physical := &sarifPhysical{Artifact: sarifArtifact{uri(a.File)}}
	line, column := spot(a, f)
	if line > 0 {
		physical.Region = &sarifRegion{line, column}
	}
	location := sarifLocation{Physical: physical}
	if a.Arn != "" || !a.Whole {
		full := a.Arn
		if full == "" {
			full = a.Address
		}
		location.Logical = []sarifLogical{{verb.Visible(a.Role), verb.Visible(full), "resource"}}
	}
	return location
}

// spot is the line and the column in the file; the column is 0 if only the role's line is known, and the line is 1 if
// nothing is.
func spot(a *verb.RoleAudit, f *verb.Finding) (line, column int) {
	switch {
	case a.Whole && f != nil && f.Line > 0:
		return f.Line, f.Column
	case a.Line > 0:
		return a.Line, 0
	}
	return 1, 0
}

// notifications are what could not be read, and what was skipped.
func (r *Report) notifications() []sarifNotification {
	var notes []sarifNotification
	for i := range r.Roles {
		if a := &r.Roles[i]; a.Error != "" {
			notes = append(notes, sarifNotification{
				"error", sarifText{message(a.Role + ": " + a.Error)}, []sarifLocation{locationOf(a, nil)},
			})
		}
	}
	for _, s := range r.Skipped {
		text := message("skipped: " + s.File + ": " + s.Reason)
		notes = append(notes, sarifNotification{"note", sarifText{text}, nil})
	}
	for _, text := range r.Unused {
		notes = append(notes, sarifNotification{"warning", sarifText{message("not used: " + text)}, nil})
	}
	return notes
}

// message is a text in which nothing is a link or a placeholder to a reader of SARIF.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html#_Toc34317459
func message(text string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `{`, `{{`, `}`, `}}`).Replace(verb.Visible(text))
}

// uri is a file's name as a relative reference.
func uri(file string) string {
	if file == "" {
		return "stdin"
	}
	return (&url.URL{Path: strings.ReplaceAll(file, `\`, "/")}).String()
}
