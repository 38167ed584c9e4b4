package harness

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// accountPath stands in an issuer before the account's id.
const accountPath = "/ng/api/oidc/account/"

// accountOf is what an issuer says of the subjects of its tokens: it names the account.
func accountOf(host string) map[string]string {
	_, account, found := strings.Cut(host, accountPath)
	if !found || account == "" || strings.Contains(account, "/") {
		return nil
	}
	return map[string]string{"account": account}
}

// tenants are issuers, each of which is one account's.
func tenants(host string) ci.Host {
	return ci.Host{Host: host, Fixes: accountOf, Judge: judge}
}

// judge judges what a policy says of the tokens of an account.
func judge(r *ci.Reading) []ci.Verdict {
	verdicts := []ci.Verdict{{Rule: subjectFlags}}
	if aud := r.Span("aud"); aud.Kind == ci.Exact && aud.Text != audience {
		verdicts = append(verdicts, ci.Verdict{Rule: otherAudience, Detail: aud.Text})
	}
	switch {
	case r.Form == plain:
		return append(verdicts, ci.Verdict{Rule: wholeAccount})
	case isWhole(r):
		return append(verdicts, ci.Verdict{Rule: wholeAccount, Other: []string{"organization"}})
	case r.Shares(func(q *ci.Reading) bool { return isWhole(q) && slices.Equal(q.Values, r.Values) }):
		return verdicts // the same wildcard takes in all there is
	}
	verdicts = append(verdicts, ci.Verdict{Rule: chosenSubject})
	project := r.Span("project")
	switch {
	case r.Span("organization").Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"organization"}})
	case r.Form == accountForm, r.Form == organizationForm:
	case project.Kind == ci.Open:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.OrganizationWide, Other: []string{"project"}})
	case project.Kind == ci.Prefix:
		verdicts = append(verdicts, ci.Verdict{Rule: ci.ProjectPrefix, Other: []string{"project"}})
	}
	if r.Form == accountForm || r.Form == organizationForm {
		verdicts = append(verdicts, ci.Verdict{Rule: sharedConnector})
	}
	return verdicts
}

// isWhole reports that connectors of every organization of the account get in.
func isWhole(r *ci.Reading) bool {
	return r.Form == plain || r.Form != accountForm && r.Span("organization").Kind == ci.Open
}
