package citest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// judges reports that the system judges readings.
func (s Suite) judges() bool {
	issuer := s.System.Issuer()
	return issuer.Installed != nil && issuer.Installed.Judge != nil ||
		slices.ContainsFunc(issuer.Hosts, func(h ci.Host) bool { return h.Judge != nil })
}

// Audit are the findings of an audit of a policy, by what the suite knows.
func (s Suite) Audit(t testing.TB, policy string) []ci.Finding {
	t.Helper()
	findings, err := audit.Audit(s.Registry(), []byte(policy), trust.Role{})
	if err != nil {
		t.Fatalf("%v\n%s", err, policy)
	}
	return findings
}

// judgement holds the audit of every policy that the component makes, all risks accepted, against the component's own
// findings: the same ids and severities, no more and no fewer.
func (s Suite) judgement(t *testing.T) {
	for _, written := range slices.Concat(s.Matrix, s.Elsewhere) {
		for _, account := range s.Accounts(written, InAWS, InChina) {
			trusts := s.MustRead(t, written, account)
			policy := ci.Compile(trusts, account, nil).JSON()
			own := idsAndSeverities(ci.Findings(trusts), s.Unseen)
			found := s.Audit(t, policy)
			got := idsAndSeverities(found, s.AuditOnly)
			if slices.Equal(own, got) {
				continue
			}
			var messages []string
			for _, f := range found {
				messages = append(messages, f.ID+": "+f.Message())
			}
			t.Errorf("%v in %s\nthe component finds %s\nthe audit finds     %s\n  %s\npolicy: %s", written,
				account.Partition, strings.Join(own, ", "), strings.Join(got, ", "), strings.Join(messages, "\n  "),
				policy)
		}
	}
}

// idsAndSeverities are those of findings, sorted, without some.
func idsAndSeverities(findings []ci.Finding, without map[string]string) []string {
	var list []string
	for _, f := range findings {
		if without[f.ID] == "" && f.ID != "over-quota" { // the component has an error of its own for that
			list = append(list, f.ID+" "+string(f.Severity))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
