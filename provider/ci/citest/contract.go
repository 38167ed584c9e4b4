package citest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
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
		missing(code, "Issuer has no URL; write it with the user's identifiers in capitals, such as https://ci.example.com/ORG")
	}
	if issuer.Shared && !issuer.Any && len(issuer.Hosts) == 0 {
		missing(code, "Issuer is shared and has no Hosts; name the host, and what names a tenant there (ci.Tenants, ci.Named)")
	}
	if !strings.HasPrefix(handOut.Source, "https://") {
		missing(code, "HandOut has no Source; write the URL that says how a job gets its token")
	}
	if handOut.Variable+handOut.File+handOut.Request+handOut.Command == "" && !handOut.Chosen && !handOut.Server {
		missing(code, "HandOut says nothing; write a variable, a file, a request or a command, or that the server exchanges the token")
	}
	if len(s.Matrix) == 0 {
		missing(strings.ToLower(s.System.Section())+"_test.go", "the suite has no Matrix; write trusts of every shape: each word alone and together")
	}
	if _, err := page.Read("."); err != nil {
		missing("page.md", err.Error())
	}
	s.declared(missing)
	s.fields(code, missing)
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
	return schema.Finding{ID: r.ID, Severity: string(r.Severity), Summary: r.Summary, Remediation: r.Remediation, Source: r.Source}
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
	for _, form := range forms {
		for _, field := range form.Fields {
			if !slices.Contains(ci.Decisions, field.Decides) {
				missing(code, "the field "+field.Name+" of "+form.Template+" does not say what it decides: ci.Tenant, ci.Project, ci.RefOf, ci.Event or ci.Nothing")
			}
		}
	}
}
