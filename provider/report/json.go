package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// Version is that of the JSON document. It grows when a name is taken away or means something else.
const Version = 1

// JSON writes a report as JSON: {"version", "findings"} of one policy, {"version", "summary", "roles",
// "inventory"} of several.
func (r *Report) JSON(to io.Writer) error {
	var document any
	if r.Single && len(r.Roles) == 1 {
		document = struct {
			Version  int            `json:"version"`
			Findings []verb.Finding `json:"findings"`
			Ignored  []verb.Finding `json:"ignored,omitempty"`
			Known    []verb.Finding `json:"known,omitempty"`
			Unused   []string       `json:"unused,omitempty"`
		}{Version, r.Roles[0].Findings, r.Roles[0].Ignored, r.Roles[0].Known, r.Unused}
	} else {
		roles := r.Roles
		if roles == nil {
			roles = []verb.RoleAudit{}
		}
		document = struct {
			Version   int               `json:"version"`
			Summary   Count             `json:"summary"`
			Roles     []verb.RoleAudit  `json:"roles"`
			Inventory []verb.Access     `json:"inventory,omitempty"`
			Skipped   []account.Skipped `json:"skipped,omitempty"`
			Unused    []string          `json:"unused,omitempty"`
		}{Version, r.Count(), roles, r.Inventory, r.Skipped, r.Unused}
	}
	return encode(to, document, false)
}

// encode writes JSON that is safe to print: what nobody sees, and what a terminal obeys, is escaped.
func encode(to io.Writer, document any, html bool) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(html)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	for _, r := range text.String() { // outside of strings all is printable, but for line feeds
		switch {
		case r == '\n' || unicode.IsPrint(r):
			_, _ = w.WriteRune(r) // Flush has the error
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(w, `\u%04x`, unit)
			}
		}
	}
	return w.Flush()
}
