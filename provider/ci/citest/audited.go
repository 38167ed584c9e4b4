package citest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An Audited policy is one that somebody wrote, and what an audit must say of it.
type Audited struct {
	Name string
	// Host is the issuer without its scheme, and Condition that of the only statement; ISSUER in it stands for the host.
	Host, Condition string
	// Statements are further statements, as JSON.
	Statements string
	// Want are all findings, "SEVERITY ID", in any order and separated by commas; none where it is empty.
	Want string
	// Witness is a part of what the findings say of who gets in.
	Witness string
}

// builtIn are the issuers that a policy names by their host.
var builtIn = []string{"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}

// Policy is the policy as JSON. Session tags are allowed, as each system that sends them needs it.
func (a Audited) Policy() string {
	principal := "arn:aws:iam::123456789012:oidc-provider/" + a.Host
	if slices.Contains(builtIn, a.Host) {
		principal = a.Host
	}
	more := ""
	if a.Statements != "" {
		more = ", " + a.Statements
	}
	return strings.NewReplacer("ISSUER", a.Host, "PRINCIPAL", principal).Replace(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "PRINCIPAL"}, ` +
			`"Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"], "Condition": ` + a.Condition + `}` + more + `]}`)
}

// Audited holds the audit of policies against what it must say.
func (s Suite) Audited(t *testing.T, cases []Audited) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			findings := s.Audit(t, c.Policy())
			var got, witnesses []string
			for _, f := range findings {
				got = append(got, fmt.Sprintf("%s %s", f.Severity, f.ID))
				if f.Witness != nil {
					witnesses = append(witnesses, fmt.Sprint(f.Witness.Who, " ", f.Witness.Claims))
				}
			}
			want := strings.FieldsFunc(c.Want, func(r rune) bool { return r == ',' })
			for i := range want {
				want[i] = strings.TrimSpace(want[i])
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				var messages []string
				for _, f := range findings {
					messages = append(messages, f.ID+": "+f.Message())
				}
				t.Errorf("found %s\nwant  %s\n%s\n%s", strings.Join(got, ", "), strings.Join(want, ", "),
					strings.Join(messages, "\n"), c.Policy())
			}
			if !strings.Contains(strings.Join(witnesses, "\n"), c.Witness) {
				t.Errorf("no witness has %q:\n%s", c.Witness, strings.Join(witnesses, "\n"))
			}
		})
	}
}
