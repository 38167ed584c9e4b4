package github

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var server = object{"hostname": "github.example.com"}

func TestTheIssuerIsTheOneOfWhatIsNamed(t *testing.T) {
	for _, c := range []struct {
		section          object
		repository       string
		issuer, sentence string
	}{
		{object{}, acmeWeb, "https://token.actions.githubusercontent.com", "GitHub Actions: acme/web on branch main"},
		{object{"enterprise": "octocat-inc"}, acmeWeb, "https://token.actions.githubusercontent.com/octocat-inc",
			"GitHub Actions of enterprise octocat-inc: acme/web on branch main"},
		{object{"hostname": "octocorp.ghe.com"}, acmeWeb, "https://token.actions.octocorp.ghe.com",
			"GitHub Actions at octocorp.ghe.com: acme/web on branch main"},
		{object{"hostname": "octocorp.ghe.com", "enterprise": "octocorp"}, acmeWeb,
			"https://token.actions.octocorp.ghe.com/octocorp",
			"GitHub Actions of enterprise octocorp at octocorp.ghe.com: acme/web on branch main"},
		{server, "acme/web", "https://github.example.com/_services/token",
			"GitHub Actions at github.example.com: acme/web on branch main"},
	} {
		written := at(c.section, c.repository, object{"branches": list{"main"}})
		trusts := suite.MustRead(t, written, citest.InAWS)
		if trusts[0].Issuer() != c.issuer || !(System{}).Recognises(trusts[0].Host()) {
			t.Errorf("%v: the issuer is %s", c.section, trusts[0].Issuer())
		}
		citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{c.sentence})
		for _, token := range trusts[0].Grants[0].Tokens() {
			if token.Claims["iss"] != c.issuer {
				t.Errorf("%s is of the issuer %v", token.Name, token.Claims["iss"])
			}
		}
		suite.Proved(t, written)
	}
	for _, host := range []string{"gitlab.com", "token.actions.githubusercontent.com.evil.example",
		"token.actions.acme.ghe.com.evil.example", "oidc.circleci.com/org/x"} {
		if (System{}).Recognises(host) {
			t.Errorf("%s is taken for GitHub's", host)
		}
	}
}

func TestEveryWrongHostnameOrEnterpriseIsRefusedWithItsRemedy(t *testing.T) {
	for _, c := range []struct {
		section object
		problem string
	}{
		{object{"hostname": "https://github.example.com"}, "hostname: must be the host alone"},
		{object{"hostname": "github.example.com:8443"}, "hostname: must be the host alone"},
		{object{"hostname": "github.example.com/_services/token"}, "hostname: must be the host alone"},
		{object{"hostname": "GitHub.example.com"}, "hostname: has capital letters"},
		{object{"hostname": "github.com"}, "hostname: is github.com, which is meant without hostname"},
		{object{"hostname": "api.github.com"}, "hostname: is github.com, which is meant without hostname"},
		{object{"hostname": "token.actions.githubusercontent.com"},
			"hostname: is github.com, which is meant without hostname"},
		{object{"hostname": "ghe.com"}, "hostname: must be SUBDOMAIN.ghe.com"},
		{object{"hostname": "token.actions.acme.ghe.com"}, "hostname: must be SUBDOMAIN.ghe.com"},
		{object{"hostname": "api.acme.ghe.com"}, "hostname: must be SUBDOMAIN.ghe.com"},
		{object{"hostname": "localhost"}, "hostname: must be the name of a host"},
		{object{"hostname": "*.example.com"}, "hostname: must be the name of a host"},
		{object{"hostname": ""}, "hostname: must be the name of a host"},
		{object{"enterprise": "acme/inc"}, "enterprise: must be the enterprise's slug"},
		{object{"enterprise": "https://github.com/enterprises/acme-inc"}, "enterprise: must be the enterprise's slug"},
		{object{"enterprise": "acme*"}, "enterprise: must be the enterprise's slug"},
		{object{"enterprise": "acme inc"}, "enterprise: must be the enterprise's slug"},
		{object{"enterprise": ""}, "enterprise: must be the enterprise's slug"},
		{object{"enterprise": "other", "hostname": "acme.ghe.com"}, "enterprise: must be the subdomain of hostname"},
		{object{"enterprise": "acme", "hostname": "github.example.com"},
			"enterprise: has no meaning beside the hostname of a GitHub Enterprise Server"},
	} {
		trusts, lines := suite.Read(at(c.section, acmeWeb, object{"tags": list{"v1"}}), citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github."+c.problem) {
			t.Errorf("%v: %q, want %q", c.section, lines, c.problem)
		}
		if len(trusts[0].Grants) > 0 || trusts[0].Issuer() != "" {
			t.Errorf("%v: something is trusted all the same: %+v", c.section, trusts[0].Grants)
		}
	}
}

func TestNobodyIsTrustedWhileTheIssuerIsNotKnown(t *testing.T) {
	for _, section := range []object{
		{"hostname": citest.Unknown{}},
		{"enterprise": citest.Unknown{}},
		{"hostname": "acme.ghe.com", "enterprise": citest.Unknown{}},
	} {
		trusts, lines := suite.Read(at(section, acmeWeb, object{"tags": list{"v1"}, "workflows": list{acmePinned}}),
			citest.InChina)
		citest.SameStrings(t, "problems", lines, []string{})
		if trusts[0].Issuer() != "" || len(trusts[0].Grants) > 0 || trusts[0].FullyKnown {
			t.Errorf("%v: %+v", section, trusts[0])
		}
	}
}

// keysOf are the condition keys of a policy, without the issuer's.
func keysOf(policy *trust.Policy, host string) string {
	for _, claim := range testable {
		if strings.Contains(policy.JSON(), `"`+host+":"+claim+`"`) {
			return claim
		}
	}
	return ""
}

var testable = []string{"actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository",
	"repository_id", "repository_owner_id", "workflow"}

func TestKeysAreTestedOnlyForTheIssuersForWhichAWSFillsThem(t *testing.T) {
	for _, c := range []struct {
		section    object
		repository string
		account    ci.Account
		keyed      bool
	}{
		{object{}, acmeWeb, citest.InAWS, true}, {object{}, acmeWeb, citest.InChina, false},
		{object{}, acmeWeb, ci.Account{}, true}, {object{"enterprise": "acme-inc"}, acmeWeb, citest.InAWS, true},
		{object{"enterprise": "acme-inc"}, acmeWeb, citest.InGov, false},
		{object{"hostname": "acme.ghe.com"}, acmeWeb, citest.InAWS, true},
		{object{"hostname": "acme.ghe.com"}, acmeWeb, citest.InChina, false},
		{object{"hostname": "acme.ghe.com", "enterprise": "acme"}, acmeWeb, citest.InAWS, false},
		{server, "acme/web", citest.InAWS, false},
	} {
		trusts := suite.MustRead(t,
			at(c.section, c.repository, object{"branches": list{"main"}, "environments": list{"prod"}}), c.account)
		policy := ci.Compile(trusts, c.account, nil)
		if got := keysOf(policy, trusts[0].Host()); (got != "") != c.keyed {
			t.Errorf("%v in %q: key %q in %s", c.section, c.account.Partition, got, policy.JSON())
		}
		classic := strings.Contains(policy.JSON(), `"repo:acme/web:`)
		if trusted := c.keyed || c.repository == "acme/web"; classic != trusted {
			t.Errorf("%v in %q: names alone are trusted: %v in %s", c.section, c.account.Partition, classic,
				policy.JSON())
		}
	}
}

func TestIDsThatAnEnterpriseServerCannotTestAreRefused(t *testing.T) {
	for _, template := range []any{nil, list{"repo", "context"}, list{"repo", "repository_owner", "context"}} {
		words := object{"branches": list{"main"}}
		if template != nil {
			words["subjectClaims"] = template
		}
		_, lines := suite.Read(at(server, acmeWeb, words), citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].repository: has ids "+
			"that nothing can test") || !strings.Contains(lines[0], "or "+serverForm) {
			t.Errorf("%v: %q", template, lines)
		}
	}
	_, lines := suite.Read(at(server, "acme", object{"branches": list{"main"}}), citest.InAWS)
	citest.SameStrings(t, "problems", lines, []string{
		`github.repositories[0].repository: names no repository; write OWNER/NAME, such as acme/web (found "acme")`,
	})
	citest.SameStrings(t, "findings", citest.FindingIDs(suite.MustRead(t,
		at(server, "acme/web", object{"tags": list{"v1"}}), citest.InAWS)), []string{"github-server-names-alone"})
	withID := object{"tags": list{"v1"}, "subjectClaims": list{"repo", "repository_id", "context"}}
	trusts := suite.MustRead(t, at(server, acmeWeb, withID), citest.InAWS)
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{})
	citest.SameStrings(t, "subjects", trusts[0].Grants[0].Claims["sub"],
		[]string{"repo:acme/web:repository_id:89012345:ref:refs/tags/v1"})
}

func TestAnEnvironmentOfAServerThatDoesNotEncodeItIsNoWayIn(t *testing.T) {
	_, lines := suite.Read(at(server, "acme/web", object{"environments": list{"a:b"}}), citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0],
		"github.repositories[0].environments[0]: must not contain : on a GitHub Enterprise Server") {
		t.Errorf("problems: %q", lines)
	}
	words := object{"branches": list{"main"}, "environments": list{"prod", "dev*"}, "pullRequests": true}
	trusts := suite.MustRead(t, at(server, "acme/web", words), citest.InAWS)
	for _, environment := range []string{
		"x:ref:refs/heads/main", ":ref:refs/heads/main", "prod:ref:refs/heads/main", "prod:", ":prod", "x:prod",
		"x:environment:prod", "pull_request", ":pull_request", "x:dev",
	} {
		job := Job{
			Owner:       "acme",
			Repository:  "web",
			Event:       "push",
			Ref:         "refs/heads/evil",
			Environment: environment,
			Audience:    "sts.amazonaws.com",
			Plain:       true,
		}
		if claims := job.Claims(); citest.Admitted(trusts, citest.InAWS, claims) || trusts[0].Admits(claims) {
			t.Errorf("environment %q gets in with %v", environment, claims["sub"])
		}
	}
}

func TestATokenOfAnotherIssuerDoesNotGetIn(t *testing.T) {
	sections := map[string]object{
		"github.com": {}, "an enterprise": {"enterprise": "acme-inc"}, "another enterprise": {"enterprise": "acme"},
		"GHE.com": {"hostname": "acme.ghe.com"}, "its enterprise": {"hostname": "acme.ghe.com", "enterprise": "acme"},
		"another GHE.com": {"hostname": "acme2.ghe.com"}, "a server": server,
		"another server": {"hostname": "github2.example.com"},
	}
	written := func(section object) object {
		if section["hostname"] == server["hostname"] || section["hostname"] == "github2.example.com" {
			return at(section, "acme/web", object{"branches": list{"main"}})
		}
		return at(section, acmeWeb, object{"branches": list{"main"}})
	}
	for name, section := range sections {
		policy := ci.Compile(suite.MustRead(t, written(section), citest.InAWS), citest.InAWS, nil)
		for other, from := range sections {
			strange := suite.MustRead(t, written(from), citest.InAWS)
			for _, token := range strange[0].Grants[0].Tokens() {
				r := strange[0].Request(token.Claims, citest.InAWS)
				if policy.Decide(&r) == trust.Allowed && name != other {
					t.Errorf("%s admits a token of %s: %s", name, other, token.Name)
				}
			}
		}
	}
}

// enterpriseToken is the example token of an enterprise's own issuer. The claim that the page prints as bf is left out.
// https://docs.github.com/en/enterprise-cloud@latest/actions/reference/security/oidc#customizing-the-issuer-value-for-an-enterprise
var enterpriseToken = map[string]any{
	"jti": "6f4762ed-0758-4ccb-808d-ee3af5d723a8", "sub": "repo:octocat-inc/private-server:ref:refs/heads/main",
	"aud": "http://octocat-inc.example/octocat-inc", "enterprise": "octocat-inc", "enterprise_id": "123",
	"iss": "https://token.actions.githubusercontent.com/octocat-inc", "exp": float64(1755351553),
	"iat": float64(1755351253),
}

func TestTheDocumentedTokensOfEnterprisesGetInByGrantsForThemAlone(t *testing.T) {
	serverToken := ci.With(octoToken, map[string]any{
		"iss": "https://github.example.com/_services/token",
		"aud": "https://github.example.com/octo-org",
	})
	for _, c := range []struct {
		what       string
		token      map[string]any
		section    object
		repository string
		words      object
		admit      bool
	}{
		{"an enterprise's branch", enterpriseToken, object{"enterprise": "octocat-inc"}, "octocat-inc/private-server",
			object{"branches": list{"main"}}, true},
		{"another branch", enterpriseToken, object{"enterprise": "octocat-inc"}, "octocat-inc/private-server",
			object{"branches": list{"mai"}}, false},
		{"a token without the owner's id", enterpriseToken, object{"enterprise": "octocat-inc"},
			"octocat-inc@7/private-server@8", object{"branches": list{"main"}}, false},
		{"a server's environment", serverToken, server, "octo-org/octo-repo",
			object{"environments": list{"prod"}}, true},
		{"its branch", serverToken, server, "octo-org/octo-repo", object{"branches": list{"main"}}, false},
		{"the workflow's repository", serverToken, server, "octo-org/octo-automation",
			object{"environments": list{"prod"}}, false},
	} {
		written := at(c.section, c.repository, c.words)
		written["github"].(object)["audiences"] = list{c.token["aud"]}
		trusts := suite.MustRead(t, written, citest.InAWS)
		if got := citest.Admitted(trusts, citest.InAWS, c.token); got != c.admit || trusts[0].Admits(c.token) != got {
			t.Errorf("%s: the policy says %v", c.what, got)
		}
		if trusts[0].Issuer() != c.token["iss"] {
			t.Errorf("%s: the issuer is %s", c.what, trusts[0].Issuer())
		}
	}
}

func TestACommandForAnotherHostThanGitHubsAsksThatHost(t *testing.T) {
	const elsewhere = "gh api --hostname HOST "
	for _, section := range []object{{"hostname": "acme.ghe.com"}, server, {}} {
		hosted := section["hostname"] != nil
		var said []string
		for _, written := range []object{
			at(section, "acme/web@7", object{"tags": list{"v1"}}),
			at(section, acmeWeb, object{
				"tags":          list{"v1"},
				"actors":        list{"mona"},
				"subjectClaims": list{"repo", "context", "actor_id"},
			}),
			at(section, "acme/web", object{"tags": list{"v1"}, "subjectClaims": list{"repository_id", "context"}}),
			at(section, "acme/web", object{"tags": list{"v1"}}),
		} {
			delete(written, "acceptRisks")
			_, lines := suite.Read(written, citest.InAWS)
			for _, line := range lines {
				if strings.Contains(line, "gh api ") {
					said = append(said, line)
				}
				if strings.Contains(line, elsewhere) != (hosted && strings.Contains(line, "gh api ")) {
					t.Errorf("%v: %s", section, line)
				}
			}
		}
		if want := map[any]int{
			"acme.ghe.com":       4,
			"github.example.com": 2,
			nil:                  4,
		}[section["hostname"]]; len(said) < want {
			t.Errorf("%v: %d commands: %q", section, len(said), said)
		}
	}
}

func TestTheWorkflowForAGitHubEnterpriseServerRunsOnItsOwnRunnersWithAnActionItMayNotHave(t *testing.T) {
	words := object{"branches": list{"main"}, "environments": list{"prod"}}
	for _, c := range []struct {
		section    object
		repository string
		server     bool
	}{{server, "acme/web", true}, {object{"hostname": "acme.ghe.com"}, acmeWeb, false}, {object{}, acmeWeb, false}} {
		text, workflow := suite.Pipeline(t, at(c.section, c.repository, words), citest.InAWS)
		want := map[bool]string{true: "self-hosted", false: "ubuntu-latest"}[c.server]
		if citest.At(workflow, "jobs", "deploy", "runs-on") != want ||
			citest.At(workflow, "jobs", "deploy-environment", "runs-on") != want {
			t.Errorf("%v: not on %s:\n%s", c.section, want, text)
		}
		const comment = "# This action must be available on the server: by GitHub Connect, or as a copy."
		if got := strings.Count(text, comment); got != map[bool]int{true: 2}[c.server] {
			t.Errorf("%v: said %d times:\n%s", c.section, got, text)
		}
	}
}
