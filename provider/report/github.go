package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// commands are GitHub's for annotations.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
var commands = map[trust.Severity]string{trust.High: "error", trust.Medium: "warning", trust.Low: "notice"}

// GitHub writes a report as annotations of a GitHub job, one a finding, and the summary.
func (r *Report) GitHub(to io.Writer) error {
	w := bufio.NewWriter(to)
	for i := range r.Roles {
		a := &r.Roles[i]
		if a.Error != "" {
			annotate(w, "error", a, nil, "not read", a.Role+": "+a.Error)
		}
		for j := range a.Findings {
			f := &a.Findings[j]
			annotate(w, commands[trust.Severity(f.Severity)], a, f, f.ID+" ("+f.Severity+")", sentence(a, f))
		}
	}
	r.summary(w)
	skipped(w, r.Skipped)
	for _, text := range r.Unused {
		annotate(w, "warning", &verb.RoleAudit{}, nil, "not used", text)
	}
	return w.Flush()
}

func annotate(w io.Writer, command string, a *verb.RoleAudit, f *verb.Finding, title, text string) {
	var properties []string
	if a.File != "" {
		line, column := spot(a, f)
		properties = append(properties, "file="+property(a.File), fmt.Sprintf("line=%d", line))
		if column > 0 {
			properties = append(properties, fmt.Sprintf("col=%d", column))
		}
	}
	properties = append(properties, "title="+property(title))
	fmt.Fprintf(w, "::%s %s::%s\n", command, strings.Join(properties, ","), data(text))
}

// data is a text that ends no command and begins none: after control characters it has no line of its own, and what
// looks like an escape of a command is a text.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(plain(text))
}

// property is data in a property of a command.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}
