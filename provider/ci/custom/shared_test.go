package custom

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

// A shared issuer hands tokens to everybody. sub is what a customer's own token has, inside are patterns that stay with
// the customer, and outside are patterns that a stranger's token can fit.
type shared struct {
	title, host, sub string
	inside, outside  []string
}

var everyShared = []shared{
	{"Upbound", "proidc.upbound.io", "mcp:acme/web:provider:aws", []string{"mcp:acme/*", "mcp:acme:*"},
		[]string{"mcp:*", "*:acme/web"}},
	{"Shisho Cloud", "tokens.cloud.shisho.dev", "job:acme:1", []string{"job:acme:*"}, []string{"job:*", "job:?:*"}},
	{"DVC Studio", "studio.datachain.ai/api", "credentials:acme/web", []string{"credentials:acme/*"},
		[]string{"credentials:*", "credentials:?cme/*"}},
	{"GitHub Actions (old issuer)", "vstoken.actions.githubusercontent.com", "repo:acme/web:ref:refs/heads/main",
		[]string{"repo:acme/web:*"}, []string{"repo:*"}},
	{"GitHub audit log", "oidc-configuration.audit-log.githubusercontent.com", "https://github.com/acme", nil,
		[]string{"https://github.com/*", "https://github.com/acme/*"}},
	{"IBM Turbonomic", "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
		"system:serviceaccount:acme:web", nil, []string{"system:serviceaccount:*"}},
	{"IBM Turbonomic", "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
		"system:serviceaccount:acme:web", nil, []string{"system:serviceaccount:*"}},
	{"IBM Turbonomic", "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
		"system:serviceaccount:acme:web", nil, []string{"system:serviceaccount:*"}},
	{"IBM Turbonomic", "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
		"system:serviceaccount:acme:web", nil, []string{"system:serviceaccount:*"}},
	{"IBM Turbonomic", "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", "system:serviceaccount:acme:web",
		nil, []string{"system:serviceaccount:*"}},
	{"IBM Turbonomic", "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu", "system:serviceaccount:acme:web",
		nil, []string{"system:serviceaccount:*"}},
	{"Modal", "oidc.modal.com",
		"modal:workspace_id:ac-12345abcd:environment_name:main:app_name:web:function_name:f:container_id:ta-1",
		[]string{"modal:workspace_id:ac-12345abcd:*", "modal:workspace_id:ac-12345abcd:environment_name:main:*"},
		[]string{"modal:*", "modal:workspace_id:*", "modal:workspace_id:*:environment_name:main:*",
			"modal:workspace_id:?c-12345abcd:*"}},
	{"Namespace", "federation.namespaceapis.com", "tenant_1a2b3c/instance", []string{"tenant_1a2b3c/*"},
		[]string{"*/instance", "/*", "?/*"}},
	{"Devin", "app.devin.ai", "org_id:acme", nil, []string{"org_id:*", "org_id:acme:*", "devin_id:*"}},
	{"Cursor", "api.cursor.com", "team_id:123", nil, []string{"user:*", "team_id:*", "team_id:123:*"}},
	{"Chainguard", "issuer.enforce.dev", "canary:4cf15780a13a9b6576d8b357e6524554c8c12a18", nil,
		[]string{"canary:*", "canary:4cf15780a13a9b6576d8b357e6524554c8c12a18/*"}},
	{"Buddy", "oidc.buddyusercontent.com", "acme/L39J4q2VolejO3K5ajNm", nil,
		[]string{"acme/*", "*/L39J4q2VolejO3K5ajNm"}},
	{"Buddy", "eu-oidc.buddyusercontent.com", "acme/L39J4q2VolejO3K5ajNm", nil, []string{"acme/*"}},
	{"Cirrus CI", "oidc.cirrus-ci.com", "repo:github/acme/web", nil, []string{"repo:github/*"}},
}

// GitHub's old issuer signs no tokens any more, and AWS has Cognito's built in, so the page names neither.
func TestThePageOfCustomNamesTheSharedIssuers(t *testing.T) {
	told, err := page.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(told.Pitfalls, "a wildcard before the name of the tenant is refused: ")
	line, _, found := strings.Cut(line, ".\n")
	if !found {
		t.Fatal("page.md has no line of the shared issuers under Pitfalls")
	}
	named := strings.Split(strings.Replace(strings.ReplaceAll(line, "GitHub's", "GitHub"), " and ", ", ", 1), ", ")
	titles := []string{}
	for _, known := range sharedIssuers() {
		if known.Title != "GitHub Actions (old issuer)" && known.Title != "Amazon Cognito" {
			titles = ci.AddOnce(titles, known.Title)
		}
	}
	slices.Sort(named)
	slices.Sort(titles)
	citest.SameStrings(t, "the shared issuers that page.md names", named, titles)
}

func TestAWildcardBeforeTheTenantOfASharedIssuerIsRefused(t *testing.T) {
	for _, s := range everyShared {
		for _, issuer := range []string{"https://" + s.host,
			"https://" + strings.ToUpper(s.host[:1]) + s.host[1:] + "/"} {
			for _, sub := range append([]string{s.sub}, s.inside...) {
				suite.MustRead(t, custom(object{"issuer": issuer, "subjects": list{sub}}), citest.InAWS)
			}
			for _, sub := range s.outside {
				written := custom(object{"issuer": issuer, "subjects": list{sub}})
				written["acceptRisks"] = suite.AllRisks()
				trusts, lines := suite.Read(written, citest.InAWS)
				if len(lines) != 1 || len(trusts[0].Grants) > 0 {
					t.Errorf("%s takes the subject %s: %q", issuer, sub, lines)
				}
			}
		}
		// Behind a separator, so that nothing but the tenant is missing.
		written := custom(object{"issuer": "https://" + s.host, "subjects": list{"x:*"}})
		written["acceptRisks"] = suite.AllRisks()
		if _, lines := suite.Read(written, citest.InAWS); s.title != "Namespace" &&
			(len(lines) != 1 || !strings.Contains(lines[0], "customers of "+s.title+" share the issuer")) {
			t.Errorf("%s: %q", s.host, lines)
		}
	}
}

func TestTheAuditFindsASharedIssuerThatIsOpenToStrangers(t *testing.T) {
	for _, s := range everyShared {
		for _, sub := range append([]string{s.sub}, s.inside...) {
			if findings := audited(t, s.host, sub); citest.HasHigh(findings) {
				t.Errorf("%s with %s: %q", s.host, sub, citest.Ids(findings))
			}
		}
		for _, sub := range s.outside {
			findings := audited(t, s.host, sub)
			if ids := citest.Ids(findings); !citest.HasHigh(findings) && !slices.Contains(ids, "never-matches") {
				t.Errorf("%s with %s: only %q", s.host, sub, ids)
			}
		}
	}
}

// audited is the audit of a role that trusts subjects of an issuer.
func audited(t *testing.T, host, sub string) []ci.Finding {
	t.Helper()
	return suite.Audit(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", `+
		`"Action": "sts:AssumeRoleWithWebIdentity",`+
		`"Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/`+host+`"},`+
		`"Condition": {"StringEquals": {"`+host+`:aud": "sts.amazonaws.com"}, "StringLike": {"`+host+`:sub": "`+sub+
		`"}}}}`)
}

func TestEverySharedIssuerHasATest(t *testing.T) {
	for _, known := range sharedIssuers() {
		if len(known.Claims) > 0 {
			continue // its audience names the tenant, and an audience is always exact
		}
		if !slices.ContainsFunc(everyShared, func(s shared) bool {
			return s.host == known.Host && s.title == known.Title
		}) {
			t.Errorf("%s (%s) has no test", known.Host, known.Title)
		}
	}
}

func TestAnAudienceThatNamesTheTenantIsExact(t *testing.T) {
	suite.MustRead(t, custom(object{"issuer": "https://sandboxes.cloud", "audiences": list{"acme"}}), citest.InAWS)
	for _, audience := range []string{"*", "acm?", "acme*"} {
		if _, lines := suite.Read(custom(object{"issuer": "https://sandboxes.cloud", "audiences": list{audience}}),
			citest.InAWS); len(lines) != 1 {
			t.Errorf("%s: %q", audience, lines)
		}
	}
}

// A cluster of the customer's own stands on the host of a shared issuer.
func TestAnIssuerBesideASharedOneIsNotTakenForIt(t *testing.T) {
	suite.MustRead(t, custom(object{
		"issuer":   "https://oidc.op1.openshiftapps.com/1a2b3c",
		"subjects": list{"system:serviceaccount:web:*"},
	}), citest.InAWS)
}
