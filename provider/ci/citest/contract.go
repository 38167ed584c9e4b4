package citest

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/schema"
)

// contract fails naming each part that is missing, and the file to write it in. It runs in the system's folder.
func (s Suite) contract(t *testing.T) {
	missing := func(file, what string) {
		t.Helper()
		t.Errorf("provider/ci/%s/%s: %s", strings.ToLower(s.System.Section()), file, what)
	}
	code := strings.ToLower(s.System.Section()) + ".go"
	issuer, handOut := s.System.Issuer(), s.System.HandOut()
	if s.System.Title() == "" {
		missing(code, "Title is empty; write the system's own name, such as GitHub Actions")
	}
	if !strings.HasPrefix(issuer.URL, "https://") {
		missing(code,
			"Issuer has no URL; write it with the user's identifiers in capitals, such as https://ci.example.com/ORG")
	}
	if strings.ToLower(issuer.URL) == issuer.URL && !issuer.Shared && !issuer.Any {
		missing(code, "Issuer.URL "+issuer.URL+
			" holds no identifier of a customer, so all have it: set Shared, and say in Hosts what names a tenant; "+
			"or write the identifier in capitals, such as https://ci.example.com/ORG")
	}
	if issuer.Shared && !issuer.Any && len(issuer.Hosts) == 0 {
		missing(code,
			"Issuer is shared and has no Hosts; name the host, and say that it is shared")
	}
	if !s.judges() {
		missing(code,
			"Issuer has no Judge in Hosts or Installed, so an audit would have no rule for its trusts; write "+
				"ci.Judgement{...}.Judge, or a function of the system's own")
	}
	if !strings.HasPrefix(handOut.Source, "https://") {
		missing(code, "HandOut has no Source; write the URL that says how a job gets its token")
	}
	if handOut.None() {
		missing(code,
			"HandOut says nothing; write a Variable, File, Request or Command, or that the Server exchanges the token")
	}
	if len(s.Matrix) == 0 {
		missing(strings.ToLower(s.System.Section())+"_test.go",
			"the suite has no Matrix; write trusts of every shape: each word alone and together")
	}
	if _, err := page.Read("."); err != nil {
		missing("page.md", err.Error()+"; see step 3 of Add a CI system in CONTRIBUTING.md")
	}
	s.declared(missing)
	s.matrix(missing)
	s.fields(code, missing)
	s.stack(missing)
	s.judged(code, missing)
}

// judged asks whether an audit knows the issuers of the trusts in Matrix: a shared one without a host would be taken
// for one that nothing is known of, and a role that tests only its audience for a careful one.
func (s Suite) judged(code string, missing func(file, what string)) {
	issuer := s.System.Issuer()
	if !issuer.Shared || issuer.Any {
		return
	}
	known, seen := false, map[string]bool{}
	for _, written := range s.Matrix {
		trusts, _ := s.Read(written, InAWS)
		for _, t := range trusts {
			host := t.Host()
			if host == "" || seen[host] || len(t.Audiences()) == 0 {
				continue
			}
			seen[host] = true
			owner, as := ci.NewRegistry(s.System).Owner(host)
			if owner == nil {
				continue // an installation of the user's own
			}
			known = true
			if slices.ContainsFunc(as.Claims, func(f ci.Field) bool {
				return f.Name == "aud" && f.Decides == ci.Tenant
			}) {
				continue // the audience names the customer
			}
			provider := "arn:aws:iam::123456789012:oidc-provider/" + host
			if t.BuiltIn() {
				provider = host
			}
			document, err := json.Marshal(object{"Version": "2012-10-17", "Statement": list{object{
				"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
				"Principal": object{"Federated": provider},
				"Condition": object{"StringEquals": object{host + ":aud": t.Audiences()[0]}},
			}}})
			if err != nil {
				missing(code, err.Error())
				continue
			}
			findings, err := audit.Audit(ci.NewRegistry(s.System), document, trust.Role{})
			if err != nil {
				missing(code, err.Error())
				continue
			}
			least := ci.High
			if !as.Shared {
				least = ci.Medium
			}
			if !slices.ContainsFunc(findings, func(f ci.Finding) bool { return f.Severity.AtLeast(least) }) {
				missing(code,
					"Issuer.Hosts: an audit has no "+string(least)+" finding for a role that tests only aud at "+host+
						", which every customer's job passes; say in Hosts that it is shared, and in Forms which "+
						"field decides ci.Tenant")
			}
		}
	}
	if installation := strings.ToLower(issuer.URL) != issuer.URL; !known && !installation {
		missing(code, "Issuer.Hosts fits the issuer of no trust in Matrix, so an audit would know nothing of "+
			"them; add the host of "+issuer.URL)
	}
}

// declared holds the findings of schema.json against the rules.
func (s Suite) declared(missing func(file, what string)) {
	fragment, err := os.ReadFile("schema.json")
	if err != nil {
		missing("schema.json", "is missing: the section's inputs and findings; see schema/README.md")
		return
	}
	component, audit, err := schema.Findings(fragment)
	if err != nil {
		missing("schema.json", err.Error())
		return
	}
	sameFindings(missing, "findings", component, s.System.Rules())
	if auditor, ok := s.System.(ci.Auditor); ok {
		for _, r := range auditor.AuditRules() {
			if !slices.ContainsFunc(s.System.Rules(), func(own ci.Rule) bool { return own.ID == r.ID }) &&
				!slices.ContainsFunc(audit, func(f schema.Finding) bool { return f == declaration(r) }) {
				missing("schema.json", "auditFindings lacks "+r.ID+", or has other words for it than the rule in Go")
			}
		}
	}
}

// declaration is a rule as schema.json declares it.
func declaration(r ci.Rule) schema.Finding {
	return schema.Finding{
		ID:          r.ID,
		Severity:    string(r.Severity),
		Refused:     r.Refused,
		Summary:     r.Summary,
		Remediation: r.Remediation,
		Source:      r.Source,
	}
}

// sameFindings holds declared findings against rules, one by one.
func sameFindings(missing func(file, what string), list string, declared []schema.Finding, rules []ci.Rule) {
	byID := map[string]schema.Finding{}
	for _, f := range declared {
		byID[f.ID] = f
	}
	for _, r := range rules {
		if r.Summary == "" || r.Remediation == "" || !strings.HasPrefix(r.Source, "https://") {
			missing("*.go", "the rule "+r.ID+" needs a summary, a remediation and the URL of a source")
		}
		f, found := byID[r.ID]
		delete(byID, r.ID)
		switch {
		case !found:
			missing("schema.json", list+" lacks "+r.ID+", which Rules has")
		case f != declaration(r):
			missing("schema.json", "the finding "+r.ID+" differs from the rule in Go")
		}
	}
	for id := range byID {
		missing("*.go", "Rules lacks "+id+", which schema.json declares")
	}
}

// fields asks what every field of a subject decides.
func (s Suite) fields(code string, missing func(file, what string)) {
	forms := s.System.Forms()
	if len(forms) == 0 {
		missing(code, "Forms is empty; declare every form of sub with ci.NewForm")
	}
	for _, host := range s.System.Issuer().Hosts {
		for claim, source := range host.Implied {
			repeated := slices.ContainsFunc(forms, func(form *ci.Form) bool {
				return slices.ContainsFunc(form.Fields, func(field ci.Field) bool { return field.Key == claim })
			})
			if !repeated || !strings.HasPrefix(source, "https://") || s.System.Issuer().Any {
				missing(code, "Issuer.Hosts: "+host.Host+" says that a subject can show "+claim+"; that needs a field "+
					"whose Key it is, and the URL of the page that says that jobs cannot choose their subject")
			}
		}
	}
	for _, form := range forms {
		for _, field := range form.Fields {
			if !slices.Contains(ci.Decisions, field.Decides) {
				missing(code, "the field "+field.Name+" of "+form.Template+
					" does not say what it decides: ci.Tenant, ci.Project, ci.RefOf, ci.Event or ci.Nothing")
			}
		}
	}
}
