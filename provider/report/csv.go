package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

var columns = []string{
	"severity", "finding", "role", "arn", "file", "line", "column", "statement", "key", "value", "message", "who",
	"remediation", "source", "state", "fingerprint",
}

// CSV writes a report as a table with a line for each finding and for each role that could not be read. No cell is a
// formula.
func (r *Report) CSV(to io.Writer) error {
	w := csv.NewWriter(to)
	rows := [][]string{columns}
	for i := range r.Roles {
		a := &r.Roles[i]
		if a.Error != "" {
			line, column := spot(a, nil)
			rows = append(rows, []string{
				"error", "", a.Role, a.Arn, a.File, number(line), number(column), "", "", "", a.Error,
				"", "", "", "", "",
			})
		}
		for j := range a.Findings {
			rows = append(rows, row(a, &a.Findings[j], "new"))
		}
		for j := range a.Known {
			rows = append(rows, row(a, &a.Known[j], "known"))
		}
		for j := range a.Ignored {
			rows = append(rows, row(a, &a.Ignored[j], "ignored: "+a.Ignored[j].Reason))
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func row(a *verb.RoleAudit, f *verb.Finding, state string) []string {
	who := ""
	if f.Witness != nil {
		who = f.Witness.Who
	}
	line, column := spot(a, f)
	return []string{
		f.Severity, f.ID, a.Role, a.Arn, a.File, number(line), number(column), number(f.Statement), f.Key, f.Value,
		f.Message, who, f.Remediation, f.Source, state, f.Fingerprint,
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// cell is a text that a spreadsheet takes for one, and not for a formula.
// Source: https://owasp.org/www-community/attacks/CSV_Injection
func cell(text string) string {
	text = verb.Visible(text)
	if text != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
