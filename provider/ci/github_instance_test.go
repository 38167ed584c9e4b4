package ci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var githubServer = object{"hostname": "github.example.com"}

func TestTheIssuerIsTheOneOfWhatIsNamed(t *testing.T) {
	for _, c := range []struct {
		section          object
		repository       string
		issuer, sentence string
	}{
		{object{}, acmeWeb, "https://token.actions.githubusercontent.com", "GitHub Actions: acme/web on branch main"},
		{object{"enterprise": "octocat-inc"}, acmeWeb, "https://token.actions.githubusercontent.com/octocat-inc", "GitHub Actions of enterprise octocat-inc: acme/web on branch main"},
		{object{"hostname": "octocorp.ghe.com"}, acmeWeb, "https://token.actions.octocorp.ghe.com", "GitHub Actions at octocorp.ghe.com: acme/web on branch main"},
		{object{"hostname": "octocorp.ghe.com", "enterprise": "octocorp"}, acmeWeb, "https://token.actions.octocorp.ghe.com/octocorp",
			"GitHub Actions of enterprise octocorp at octocorp.ghe.com: acme/web on branch main"},
		{githubServer, "acme/web", "https://github.example.com/_services/token", "GitHub Actions at github.example.com: acme/web on branch main"},
	} {
		written := githubAt(c.section, c.repository, object{"branches": list{"main"}})
		trusts := githubSuite.mustRead(t, written, inAWS)
		if trusts[0].Issuer() != c.issuer || !(GitHub{}).Recognises(trusts[0].Host()) {
			t.Errorf("%v: the issuer is %s", c.section, trusts[0].Issuer())
		}
		sameStrings(t, "grants", Sentences(trusts), []string{c.sentence})
		for _, token := range trusts[0].Grants[0].Tokens() {
			if token.Claims["iss"] != c.issuer {
				t.Errorf("%s is of the issuer %v", token.Name, token.Claims["iss"])
			}
		}
		githubSuite.proved(t, written)
	}
	for _, host := range []string{"gitlab.com", "token.actions.githubusercontent.com.evil.example", "token.actions.acme.ghe.com.evil.example", "oidc.circleci.com/org/x"} {
		if (GitHub{}).Recognises(host) {
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
		{object{"hostname": "token.actions.githubusercontent.com"}, "hostname: is github.com, which is meant without hostname"},
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
		{object{"enterprise": "acme", "hostname": "github.example.com"}, "enterprise: has no meaning beside the hostname of a GitHub Enterprise Server"},
	} {
		trusts, lines := githubSuite.read(githubAt(c.section, acmeWeb, object{"tags": list{"v1"}}), inAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github."+c.problem) {
			t.Errorf("%v: %q, want %q", c.section, lines, c.problem)
		}
		if len(trusts[0].Grants) > 0 || trusts[0].Issuer() != "" {
			t.Errorf("%v: something is trusted all the same: %+v", c.section, trusts[0].Grants)
		}
	}
}

func TestNobodyIsTrustedWhileTheIssuerIsNotKnown(t *testing.T) {
	for _, section := range []object{{"hostname": unknown{}}, {"enterprise": unknown{}}, {"hostname": "acme.ghe.com", "enterprise": unknown{}}} {
		trusts, lines := githubSuite.read(githubAt(section, acmeWeb, object{"tags": list{"v1"}, "workflows": list{acmePinned}}), inChina)
		sameStrings(t, "problems", lines, []string{})
		if trusts[0].Issuer() != "" || len(trusts[0].Grants) > 0 || trusts[0].FullyKnown {
			t.Errorf("%v: %+v", section, trusts[0])
		}
	}
}

// keysOf are the condition keys of a policy, without the issuer's.
func keysOf(policy *trust.Policy, host string) string {
	for _, claim := range githubTestable {
		if strings.Contains(policy.JSON(), `"`+host+":"+claim+`"`) {
			return claim
		}
	}
	return ""
}

var githubTestable = []string{"actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository", "repository_id", "repository_owner_id", "workflow"}

func TestKeysAreTestedOnlyForTheIssuersForWhichAWSFillsThem(t *testing.T) {
	for _, c := range []struct {
		section    object
		repository string
		account    Account
		keyed      bool
	}{
		{object{}, acmeWeb, inAWS, true}, {object{}, acmeWeb, inChina, false}, {object{}, acmeWeb, Account{}, true},
		{object{"enterprise": "acme-inc"}, acmeWeb, inAWS, true}, {object{"enterprise": "acme-inc"}, acmeWeb, inGov, false},
		{object{"hostname": "acme.ghe.com"}, acmeWeb, inAWS, true}, {object{"hostname": "acme.ghe.com"}, acmeWeb, inChina, false},
		{object{"hostname": "acme.ghe.com", "enterprise": "acme"}, acmeWeb, inAWS, false},
		{githubServer, "acme/web", inAWS, false},
	} {
		trusts := githubSuite.mustRead(t, githubAt(c.section, c.repository, object{"branches": list{"main"}, "environments": list{"prod"}}), c.account)
		policy := Compile(trusts, c.account, nil)
		if got := keysOf(policy, trusts[0].Host()); (got != "") != c.keyed {
			t.Errorf("%v in %q: key %q in %s", c.section, c.account.Partition, got, policy.JSON())
		}
		classic := strings.Contains(policy.JSON(), `"repo:acme/web:`)
		if trusted := c.keyed || c.repository == "acme/web"; classic != trusted {
			t.Errorf("%v in %q: names alone are trusted: %v in %s", c.section, c.account.Partition, classic, policy.JSON())
		}
	}
}

func TestIDsThatAnEnterpriseServerCannotTestAreRefused(t *testing.T) {
	for _, template := range []any{nil, list{"repo", "context"}, list{"repo", "repository_owner", "context"}} {
		words := object{"branches": list{"main"}}
		if template != nil {
			words["subjectClaims"] = template
		}
		_, lines := githubSuite.read(githubAt(githubServer, acmeWeb, words), inAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].repository: has ids that nothing can test") || !strings.Contains(lines[0], "or "+githubServerForm) {
			t.Errorf("%v: %q", template, lines)
		}
	}
	_, lines := githubSuite.read(githubAt(githubServer, "acme", object{"branches": list{"main"}}), inAWS)
	sameStrings(t, "problems", lines, []string{`github.repositories[0].repository: names no repository; write OWNER/NAME, such as acme/web (found "acme")`})
	sameStrings(t, "findings", findingIDs(githubSuite.mustRead(t, githubAt(githubServer, "acme/web", object{"tags": list{"v1"}}), inAWS)), []string{"github-server-names-alone"})
	withID := object{"tags": list{"v1"}, "subjectClaims": list{"repo", "repository_id", "context"}}
	trusts := githubSuite.mustRead(t, githubAt(githubServer, acmeWeb, withID), inAWS)
	sameStrings(t, "findings", findingIDs(trusts), []string{})
	sameStrings(t, "subjects", trusts[0].Grants[0].Claims["sub"], []string{"repo:acme/web:repository_id:89012345:ref:refs/tags/v1"})
}

func TestAnEnvironmentOfAServerThatDoesNotEncodeItIsNoWayIn(t *testing.T) {
	_, lines := githubSuite.read(githubAt(githubServer, "acme/web", object{"environments": list{"a:b"}}), inAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].environments[0]: must not contain : on a GitHub Enterprise Server") {
		t.Errorf("problems: %q", lines)
	}
	words := object{"branches": list{"main"}, "environments": list{"prod", "dev*"}, "pullRequests": true}
	trusts := githubSuite.mustRead(t, githubAt(githubServer, "acme/web", words), inAWS)
	for _, environment := range []string{
		"x:ref:refs/heads/main", ":ref:refs/heads/main", "prod:ref:refs/heads/main", "prod:", ":prod", "x:prod", "x:environment:prod", "pull_request", ":pull_request", "x:dev",
	} {
		job := GitHubJob{Owner: "acme", Repository: "web", Event: "push", Ref: "refs/heads/evil", Environment: environment, Audience: "sts.amazonaws.com", Plain: true}
		if claims := job.Claims(); admitted(trusts, inAWS, claims) || trusts[0].Admits(claims) {
			t.Errorf("environment %q gets in with %v", environment, claims["sub"])
		}
	}
}

func TestATokenOfAnotherIssuerDoesNotGetIn(t *testing.T) {
	sections := map[string]object{
		"github.com": {}, "an enterprise": {"enterprise": "acme-inc"}, "another enterprise": {"enterprise": "acme"},
		"GHE.com": {"hostname": "acme.ghe.com"}, "its enterprise": {"hostname": "acme.ghe.com", "enterprise": "acme"}, "another GHE.com": {"hostname": "acme2.ghe.com"},
		"a server": githubServer, "another server": {"hostname": "github2.example.com"},
	}
	written := func(section object) object {
		if section["hostname"] == githubServer["hostname"] || section["hostname"] == "github2.example.com" {
			return githubAt(section, "acme/web", object{"branches": list{"main"}})
		}
		return githubAt(section, acmeWeb, object{"branches": list{"main"}})
	}
	for name, section := range sections {
		policy := Compile(githubSuite.mustRead(t, written(section), inAWS), inAWS, nil)
		for other, from := range sections {
			strange := githubSuite.mustRead(t, written(from), inAWS)
			for _, token := range strange[0].Grants[0].Tokens() {
				r := strange[0].request(token.Claims, inAWS)
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
	"iss": "https://token.actions.githubusercontent.com/octocat-inc", "exp": float64(1755351553), "iat": float64(1755351253),
}

func TestTheDocumentedTokensOfEnterprisesGetInByGrantsForThemAlone(t *testing.T) {
	serverToken := with(octoToken, map[string]any{"iss": "https://github.example.com/_services/token", "aud": "https://github.example.com/octo-org"})
	for _, c := range []struct {
		what       string
		token      map[string]any
		section    object
		repository string
		words      object
		admit      bool
	}{
		{"an enterprise's branch", enterpriseToken, object{"enterprise": "octocat-inc"}, "octocat-inc/private-server", object{"branches": list{"main"}}, true},
		{"another branch", enterpriseToken, object{"enterprise": "octocat-inc"}, "octocat-inc/private-server", object{"branches": list{"mai"}}, false},
		{"a token without the owner's id", enterpriseToken, object{"enterprise": "octocat-inc"}, "octocat-inc@7/private-server@8", object{"branches": list{"main"}}, false},
		{"a server's environment", serverToken, githubServer, "octo-org/octo-repo", object{"environments": list{"prod"}}, true},
		{"its branch", serverToken, githubServer, "octo-org/octo-repo", object{"branches": list{"main"}}, false},
		{"the workflow's repository", serverToken, githubServer, "octo-org/octo-automation", object{"environments": list{"prod"}}, false},
	} {
		written := githubAt(c.section, c.repository, c.words)
		written["github"].(object)["audiences"] = list{c.token["aud"]}
		trusts := githubSuite.mustRead(t, written, inAWS)
		if got := admitted(trusts, inAWS, c.token); got != c.admit || trusts[0].Admits(c.token) != got {
			t.Errorf("%s: the policy says %v", c.what, got)
		}
		if trusts[0].Issuer() != c.token["iss"] {
			t.Errorf("%s: the issuer is %s", c.what, trusts[0].Issuer())
		}
	}
}

func TestACommandForAnotherHostThanGitHubsAsksThatHost(t *testing.T) {
	const elsewhere = "gh api --hostname HOST "
	for _, section := range []object{{"hostname": "acme.ghe.com"}, githubServer, {}} {
		hosted := section["hostname"] != nil
		var said []string
		for _, written := range []object{
			githubAt(section, "acme/web@7", object{"tags": list{"v1"}}),
			githubAt(section, acmeWeb, object{"tags": list{"v1"}, "actors": list{"mona"}, "subjectClaims": list{"repo", "context", "actor_id"}}),
			githubAt(section, "acme/web", object{"tags": list{"v1"}, "subjectClaims": list{"repository_id", "context"}}),
			githubAt(section, "acme/web", object{"tags": list{"v1"}}),
		} {
			delete(written, "acceptRisks")
			_, lines := githubSuite.read(written, inAWS)
			for _, line := range lines {
				if strings.Contains(line, "gh api ") {
					said = append(said, line)
				}
				if strings.Contains(line, elsewhere) != (hosted && strings.Contains(line, "gh api ")) {
					t.Errorf("%v: %s", section, line)
				}
			}
		}
		if want := map[any]int{"acme.ghe.com": 4, "github.example.com": 2, nil: 4}[section["hostname"]]; len(said) < want {
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
	}{{githubServer, "acme/web", true}, {object{"hostname": "acme.ghe.com"}, acmeWeb, false}, {object{}, acmeWeb, false}} {
		text, workflow := githubSuite.pipeline(t, githubAt(c.section, c.repository, words), inAWS)
		want := map[bool]string{true: "self-hosted", false: "ubuntu-latest"}[c.server]
		if at(workflow, "jobs", "deploy", "runs-on") != want || at(workflow, "jobs", "deploy-environment", "runs-on") != want {
			t.Errorf("%v: not on %s:\n%s", c.section, want, text)
		}
		const comment = "# This action must be available on the server: by GitHub Connect, or as a copy."
		if got := strings.Count(text, comment); got != map[bool]int{true: 2}[c.server] {
			t.Errorf("%v: said %d times:\n%s", c.section, got, text)
		}
	}
}
