package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Finding is a kind of finding, as a part declares it.
type Finding struct {
	ID          string
	Severity    string // "high", "medium" or "low"
	Refused     bool   // the component refuses it until it is accepted, as every high one
	Summary     string // what was found and why it matters, without a full stop at the end
	Remediation string // what to do about it
	Source      string // a URL
}

// Findings reads the findings that a part declares: those that the component reports about a section, which the user
// can accept, and those that an audit of somebody's policy alone reports.
func Findings(part []byte) (component, audit []Finding, err error) {
	n, err := parse(part)
	if err != nil {
		return nil, nil, err
	}
	if component, err = readFindings("findings", n.get("findings")); err != nil {
		return nil, nil, err
	}
	audit, err = readFindings("auditFindings", n.get("auditFindings"))
	return component, audit, err
}

// IssuerProperties reads which of a section's own properties make its issuer and default audience: those that it has
// in CiOidcProviders. It reports false for a section that CiOidcProviders does not have.
func IssuerProperties(part []byte) (properties []string, has bool, err error) {
	n, err := parse(part)
	if err != nil {
		return nil, false, err
	}
	f, err := readFragment("the part", n)
	return f.issuer, f.hasIssuer, err
}

func readFindings(list string, n node) ([]Finding, error) {
	var findings []Finding
	for _, m := range n.members {
		f, err := readFinding(m.name, m.value)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", list, m.name, err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

func readFinding(id string, n node) (Finding, error) {
	if err := onlyMembers("the finding", n, "severity", "refused", "summary", "remediation", "source"); err != nil {
		return Finding{}, err
	}
	f := Finding{ID: id}
	for _, m := range n.members {
		switch m.name {
		case "severity":
			f.Severity = m.value.text
		case "refused":
			f.Refused = m.value.literal == "true"
		case "summary":
			f.Summary = m.value.text
		case "remediation":
			f.Remediation = m.value.text
		case "source":
			f.Source = m.value.text
		}
	}
	switch {
	case !slices.Contains([]string{"high", "medium", "low"}, f.Severity):
		return f, fmt.Errorf("severity is %q; it must be high, medium or low", f.Severity)
	case f.Summary == "" || strings.HasSuffix(f.Summary, "."):
		return f, errors.New("summary must say what was found and why it matters, without a full stop at the end")
	case f.Remediation == "":
		return f, errors.New("remediation must say what to do")
	case !strings.HasPrefix(f.Source, "https://"):
		return f, errors.New("source must be the URL of what says so, such as https://docs.example.com/page")
	}
	return f, nil
}

// findingIDs are the values of the enum of findings that can be accepted: those of the systems, and general ones.
func (c *composer) findingIDs(general fragment) (node, error) {
	ids := node{kind: array}
	names := map[string]string{}
	for _, f := range append(slices.Clone(c.fragments), general) {
		for _, finding := range f.findings {
			name := pascalCase(finding.ID)
			other, again := names[name]
			if other == finding.ID {
				continue // another system has it, too
			}
			if again {
				return node{},
					fmt.Errorf("%s: the findings %s and %s have one name in the SDKs, %s; call one otherwise",
						f.file, other, finding.ID, name)
			}
			names[name] = finding.ID
			severity := strings.ToUpper(finding.Severity[:1]) + finding.Severity[1:]
			if finding.Refused {
				severity += ", refused until it is accepted"
			}
			ids.items = append(ids.items, objectNode(
				member{"name", textNode(name)},
				member{"value", textNode(finding.ID)},
				member{"description", textNode(severity + ": " + finding.Summary + ".")},
			))
		}
	}
	return ids, nil
}

// pascalCase turns github-any-ref into GithubAnyRef.
func pascalCase(id string) string {
	var b strings.Builder
	for _, word := range strings.Split(id, "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
