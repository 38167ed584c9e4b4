package citest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An Audited policy is one that somebody wrote, and what an audit must say of it.
type Audited struct {
	Name string
	// Host is the issuer without its scheme, and Condition that of the only statement; ISSUER in it stands for the
	// host.
	Host, Condition string
	// Deny is the condition of a Deny beside it, "" for none; Statements are further statements, as JSON.
	Deny, Statements string
	// Partition is that of the provider, "" for aws.
	Partition string
	// Untagged policies do not allow session tags.
	Untagged bool
	// Want are all findings, "SEVERITY ID", in any order and separated by commas; none where it is empty.
	Want string
	// Witness is a part of what the findings say of who gets in.
	Witness string
}

// builtIn are the issuers that a policy names by their host.
var builtIn = []string{"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}

// Subjects are the conditions that trust an audience and some subjects, by an operator.
func Subjects(audience, operator string, subjects ...string) string {
	conditions := map[string]map[string]any{"StringEquals": {"ISSUER:aud": audience}}
	if conditions[operator] == nil {
		conditions[operator] = map[string]any{}
	}
	conditions[operator]["ISSUER:sub"] = subjects
	text, err := json.Marshal(conditions)
	if err != nil {
		panic(err) // no map of texts leads here
	}
	return string(text)
}

// Untagged are the policies without sts:TagSession, as people write them for a system that sends no session tags.
func Untagged(policies []Audited) []Audited {
	for i := range policies {
		policies[i].Untagged = true
	}
	return policies
}

// principal is the provider, as the policy names it.
func (a Audited) principal() string {
	if slices.Contains(builtIn, a.Host) {
		return a.Host
	}
	return "arn:" + a.partition() + ":iam::123456789012:oidc-provider/" + a.Host
}

func (a Audited) partition() string { return cmp.Or(a.Partition, "aws") }

// Policy is the policy as JSON. Session tags are allowed, as each system that sends them needs it, unless the policy is
// Untagged.
func (a Audited) Policy() string {
	action, more := `["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]`, ""
	if a.Untagged {
		action = `"sts:AssumeRoleWithWebIdentity"`
	}
	if a.Deny != "" {
		more = `, {"Effect": "Deny", "Principal": {"Federated": "PRINCIPAL"}, ` +
			`"Action": "sts:AssumeRoleWithWebIdentity", "Condition": ` + a.Deny + `}`
	}
	if a.Statements != "" {
		more += ", " + a.Statements
	}
	return strings.NewReplacer("ISSUER", a.Host, "PRINCIPAL", a.principal()).Replace(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "PRINCIPAL"}, ` +
			`"Action": ` + action + `, "Condition": ` + a.Condition + `}` + more + `]}`)
}

// Audited holds the audit of policies against what it must say, the worst first. Each token that shows who gets in must
// be one that the policy admits.
func (s Suite) Audited(t *testing.T, cases []Audited) {
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			findings := s.Audit(t, c.Policy())
			if !slices.IsSortedFunc(findings, worstFirst) {
				t.Errorf("the worst is not first: %v", Ids(findings))
			}
			var got, witnesses []string
			for _, f := range findings {
				got = append(got, fmt.Sprintf("%s %s", f.Severity, f.ID))
				if f.Witness != nil {
					witnesses = append(witnesses, fmt.Sprint(f.Witness.Who, " ", f.Witness.Claims))
					c.admits(t, f.ID, f.Witness.Claims)
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

// worstFirst compares findings by their severity and then by their id.
func worstFirst(a, b ci.Finding) int {
	severities := []trust.Severity{ci.High, ci.Medium, ci.Low}
	return cmp.Or(cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
		cmp.Compare(a.ID, b.ID))
}

// admits fails where a token that shows a finding does not get in.
func (a Audited) admits(t *testing.T, id string, claims map[string]any) {
	t.Helper()
	policy, err := trust.ParsePolicy([]byte(a.Policy()))
	if err != nil {
		t.Fatal(err)
	}
	request := trust.Request{
		Provider: a.principal(), Issuer: a.Host, Partition: a.partition(), Claims: claims,
		RoleARN: "arn:" + a.partition() + ":iam::" + ci.PlaceholderAccount + ":role/deploy",
	}
	if policy.Decide(&request) == trust.Denied {
		t.Errorf("the token that shows %s does not get in: %v", id, claims)
	}
}
