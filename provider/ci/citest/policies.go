package citest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Policy is a trust policy as people write them, and what an audit says of it.
type Policy struct {
	Name      string // what people meant by it, or what is wrong with it
	Host      string // the issuer without its scheme
	Partition string // "" is aws
	Allow     string // the conditions as JSON, in which KEY stands for the issuer
	Deny      string // those of a Deny beside it, "" for none
	Want      string // all that is found, worst first: "id severity, id severity"
	Shows     string // what a witness says of itself or has in its token, "" for nothing
}

// JSON is the policy.
func (p Policy) JSON() string {
	partition := p.Partition
	if partition == "" {
		partition = "aws"
	}
	statement := func(effect, conditions string) string {
		return `{"Effect":"` + effect + `","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:` +
			partition + `:iam::123456789012:oidc-provider/` + p.Host + `"},"Condition":` +
			strings.ReplaceAll(conditions, "KEY", p.Host) + `}`
	}
	statements := statement("Allow", p.Allow)
	if p.Deny != "" {
		statements += "," + statement("Deny", p.Deny)
	}
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// Policies holds the audit of policies against what is expected of it. A finding that somebody gets in must be shown by
// a token that the policy admits.
func (s Suite) Policies(t *testing.T, policies []Policy) {
	t.Helper()
	for _, p := range policies {
		document := p.JSON()
		var got, shown []string
		for _, f := range s.Audit(t, document) {
			if line := f.ID + " " + string(f.Severity); !slices.Contains(got, line) {
				got = append(got, line)
			}
			if f.Witness == nil {
				continue
			}
			claims, err := json.Marshal(f.Witness.Claims)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, f.ID+": "+f.Witness.Who+" "+strings.ReplaceAll(string(claims), `\"`, `"`))
			s.admitted(t, p, document, f.Witness.Claims)
		}
		if strings.Join(got, ", ") != p.Want {
			t.Errorf("%s\n got %s\nwant %s\n%s", p.Name, strings.Join(got, ", "), p.Want, document)
		}
		if p.Shows != "" && !slices.ContainsFunc(shown, func(w string) bool { return strings.Contains(w, p.Shows) }) {
			t.Errorf("%s: no witness has %s:\n%s", p.Name, p.Shows, strings.Join(shown, "\n"))
		}
	}
}

// admitted fails where a witness's token does not get in.
func (s Suite) admitted(t *testing.T, p Policy, document string, claims map[string]any) {
	t.Helper()
	policy, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	partition := p.Partition
	if partition == "" {
		partition = "aws"
	}
	request := trust.Request{
		Provider: "arn:" + partition + ":iam::123456789012:oidc-provider/" + p.Host, Issuer: p.Host,
		Partition: partition, Claims: claims,
	}
	if policy.Decide(&request) == trust.Denied {
		t.Errorf("%s: a witness does not get in: %v\n%s", p.Name, claims, document)
	}
}
