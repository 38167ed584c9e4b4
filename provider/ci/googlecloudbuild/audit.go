package googlecloudbuild

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// The claims that AWS tests beside the subject.
const organizationNumber = "google/organization_number"

var audited = []ci.Field{
	// What AWS compares as aud is azp: the account by its unique id or its address, or the application that a person
	// signed in to.
	{
		Name:    "aud",
		Texts:   `(?s:.+)`,
		Sample:  "100000000000000000001",
		Other:   "100000000000000000666",
		Decides: ci.Tenant,
	},
	{Name: "oaud", Texts: `(?s:.+)`, Sample: audience, Other: "https://mallory.example", Decides: ci.Nothing},
	{Name: organizationNumber, Texts: `[0-9]+`, Sample: "123456789012", Other: "666666666666", Decides: ci.Tenant},
}

var (
	anyAudience = ci.Rule{
		ID: "google-cloud-build-any-audience", Severity: ci.Medium,
		Summary: "oaud is not tested, which is the audience that a token of Google was made for: a token that the " +
			"account sends to any other service gets in, so that service can use the role",
		Remediation: "Add StringEquals on accounts.google.com:oaud with the audience that the builds ask for. What " +
			"AWS compares as accounts.google.com:aud is the token's azp.",
		Source: keys,
	}
	appUsers = ci.Rule{
		ID: "google-app-users", Severity: ci.Medium,
		Summary: "everybody who signs in to the application with a Google account gets in: aud names the " +
			"application, and nothing names a person or a service account",
		Remediation: "Add StringEquals on accounts.google.com:sub with the unique ids of those who are meant, or " +
			"give the role nothing that must not be public.",
		Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
	}
)

// AuditRules are the findings of an audit that no section can have.
func (System) AuditRules() []ci.Rule { return []ci.Rule{anyAudience, appUsers} }

var (
	// partyOfAccount is the azp of a service account.
	partyOfAccount = ci.NewExpression(`^([0-9]+|[^@]+@([^@]+\.)?gserviceaccount\.com)$`)
	// partyOfApp is the azp of a person who signed in to an application.
	partyOfApp = ci.NewExpression(`\.apps\.googleusercontent\.com$`)
)

// reads judges a reading: whether one account is named, by sub or by what AWS compares as aud, and which.
func reads(r *ci.Reading) []ci.Verdict {
	account, party := r.Field(form.Fields[0].Name), r.Span("aud")
	named := party.Kind == ci.Exact
	if account.Kind != ci.Exact && !(named && partyOfAccount.MatchString(party.Text)) {
		return readsStrangers(r, named && partyOfApp.MatchString(party.Text))
	}
	verdicts := []ci.Verdict{{Rule: anyBuild, Detail: "whatever runs as the account"}}
	if named && defaults.MatchString(party.Text) {
		verdicts = append(verdicts, ci.Verdict{Rule: defaultAccount, Detail: party.Text})
	}
	if account.Kind == ci.Exact && len(account.Text) != 21 {
		verdicts = append(verdicts, ci.Verdict{Rule: oddID, Detail: account.Text})
	}
	if _, tested := r.Claims["oaud"]; !tested && r.Claims["aud"] != (ci.Span{}) {
		verdicts = append(verdicts, ci.Verdict{
			Rule: anyAudience, Claims: map[string]string{"oaud": audited[1].Other},
		})
	}
	return verdicts
}

// readsStrangers judges a reading that names no account; app says that it names the application of people.
func readsStrangers(r *ci.Reading, app bool) []ci.Verdict {
	others := []string{form.Fields[0].Name, "aud"}
	switch {
	case r.Span(organizationNumber).Kind == ci.Exact:
		return []ci.Verdict{{Rule: ci.OrganizationWide, Other: others}}
	case app:
		return []ci.Verdict{{Rule: appUsers, Other: others[:1]}}
	case !r.Tested:
		return []ci.Verdict{{Rule: ci.NoSubject, Other: others}}
	}
	return []ci.Verdict{{Rule: ci.TenantNotPinned, Other: others}}
}
