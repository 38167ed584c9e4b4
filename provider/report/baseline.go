package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// A Baseline is a list of findings that are there already, so that only new ones fail a check.
type Baseline struct {
	Version  int             `json:"version"`
	Findings []BaselineEntry `json:"findings"`
}

// A BaselineEntry is one of them. The fingerprint decides, and the rest is for people who read the file.
type BaselineEntry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Role        string `json:"role"`
}

// baselineVersion is that of the file.
const baselineVersion = 1

// ReadBaseline reads what Baseline.Write has written.
func ReadBaseline(text []byte) (*Baseline, error) {
	var b Baseline
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&b); err != nil {
		if !json.Valid(text) {
			return nil, trust.Syntax(text, err)
		}
		return nil, fmt.Errorf("expected a baseline as --write-baseline writes it: %w", err)
	}
	if err := decoder.Decode(new(json.RawMessage)); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind the baseline; write it again with --write-baseline")
	}
	if b.Version != baselineVersion {
		return nil, fmt.Errorf("the baseline has version %d, and this program reads %d; write it again with "+
			"--write-baseline", b.Version, baselineVersion)
	}
	return &b, nil
}

// NewBaseline lists all findings of a report but those that are ignored.
func (r *Report) NewBaseline() *Baseline {
	b := &Baseline{Version: baselineVersion, Findings: []BaselineEntry{}}
	for i := range r.Roles {
		a := &r.Roles[i]
		for _, f := range slices.Concat(a.Findings, a.Known) {
			role := a.Arn
			if role == "" {
				role = a.Role
			}
			b.Findings = append(b.Findings, BaselineEntry{f.Fingerprint, f.ID, verb.Visible(role)})
		}
	}
	slices.SortFunc(b.Findings, func(x, y BaselineEntry) int {
		return cmp.Or(cmp.Compare(x.Role, y.Role), cmp.Compare(x.Rule, y.Rule),
			cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
	return b
}

// Text is the file.
func (b *Baseline) Text() ([]byte, error) {
	text, err := json.MarshalIndent(b, "", "  ")
	return append(text, '\n'), err
}

// Compare sets aside what is in a baseline.
func (r *Report) Compare(b *Baseline) {
	r.Baseline = true
	known := map[string]bool{}
	for _, entry := range b.Findings {
		known[entry.Fingerprint] = true
	}
	for i := range r.Roles {
		a := &r.Roles[i]
		a.Findings = slices.DeleteFunc(a.Findings, func(f verb.Finding) bool {
			if known[f.Fingerprint] {
				a.Known = append(a.Known, f)
			}
			return known[f.Fingerprint]
		})
	}
	r.sort()
}
