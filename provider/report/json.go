package report

import (
	"encoding/json"
	"io"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// Version is that of the JSON document. It grows when a name is taken away or means something else.
const Version = 1

// JSON writes a report as JSON: {"version", "findings"} of one policy, {"version", "summary", "roles"} of several.
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
			Version int               `json:"version"`
			Summary Count             `json:"summary"`
			Roles   []verb.RoleAudit  `json:"roles"`
			Skipped []account.Skipped `json:"skipped,omitempty"`
			Unused  []string          `json:"unused,omitempty"`
		}{Version, r.Count(), roles, r.Skipped, r.Unused}
	}
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}
