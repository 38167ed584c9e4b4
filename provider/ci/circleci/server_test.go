package circleci

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// onServer is a section with one project of a CircleCI server.
func onServer(words object) object {
	written := circleci(words)
	written["circleci"].(object)["hostname"] = "circleci.example.com"
	return written
}

func serverMatrix() []object {
	return []object{
		onServer(object{"vcsOrigin": origin, "branches": list{"main"}}),
		onServer(object{"vcsOrigin": origin, "branches": list{"release/*", "m"}, "tags": list{"v*"}}),
		onServer(object{"vcsOrigin": origin}),
	}
}

func TestOnACircleCIServerTheSubjectAloneDecides(t *testing.T) {
	for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov, {}} {
		trusts := suite.MustRead(t,
			onServer(object{"vcsOrigin": "github.com/organization-123/repo-1", "branches": list{"main"}}), account)
		if trusts[0].Issuer() != "https://circleci.example.com/org/"+organization ||
			!(System{}).Recognises(trusts[0].Host()) {
			t.Errorf("the issuer is %s", trusts[0].Issuer())
		}
		citest.SameStrings(t, "audiences", trusts[0].Audiences(), []string{organization})
		citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{"CircleCI at circleci.example.com: " +
			"github.com/organization-123/repo-1 (project " + ourProject + ") on branch main"})
		policy := ci.Compile(trusts, account, nil).JSON()
		if strings.Contains(policy, claim) {
			t.Errorf("a key is tested that AWS does not fill: %s", policy)
		}
		for sub, want := range map[string]bool{
			longSub: true, shortSub: false, longSub + "x": false,
			strings.Replace(longSub, ourProject, otherProject, 1):   false,
			strings.Replace(longSub, organization, strangersOrg, 1): false,
			strings.Replace(longSub, "repo-1", "repo-12", 1):        false,
			// https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/ has user/* in such a
			// pattern.
			shortSub +
				"/vcs-origin/github.com/mallory/web/vcs-ref/refs/heads/x/vcs-origin/github.com/organization-123/" +
				"repo-1/vcs-ref/refs/heads/main": false,
		} {
			claims := documented(sub)
			delete(claims, claim) // whether a server's tokens have it is not documented, and AWS would not see it
			if got := citest.Admitted(trusts, account, claims); got != want || trusts[0].Admits(claims) != want {
				t.Errorf("in %s the policy says %v to %s", account.Partition, got, sub)
			}
		}
	}
}

func TestATokenOfAnotherCircleCIInstallationDoesNotGetIn(t *testing.T) {
	words := object{"vcsOrigin": origin, "branches": list{"main"}}
	other := onServer(words)
	other["circleci"].(object)["hostname"] = "circleci2.example.com"
	sections := []object{circleci(words), onServer(words), other}
	for i, written := range sections {
		policy := ci.Compile(suite.MustRead(t, written, citest.InAWS), citest.InAWS, nil)
		for j, from := range sections {
			strange := suite.MustRead(t, from, citest.InAWS)
			r := strange[0].Request(strange[0].Grants[0].Tokens()[0].Claims, citest.InAWS)
			if got := policy.Decide(&r); (got == trust.Allowed) != (i == j) {
				t.Errorf("%v says %v to a token of %s", written, got, strange[0].Issuer())
			}
		}
	}
}

func TestEveryWrongHostOfACircleCIServerIsRefusedWithItsRemedy(t *testing.T) {
	for text, rule := range map[string]string{
		"https://circleci.example.com":             "must be the host alone",
		"circleci.example.com/org/" + organization: "must be the host alone",
		"circleci.example.com:443":                 "must be the host alone",
		"CircleCI.example.com":                     "has capital letters",
		"circleci.com":                             "is circleci.com", "oidc.circleci.com": "is circleci.com",
		"app.circleci.com": "is circleci.com", "circleci": "must be the name of a host",
		"": "must be the name of a host", "*.example.com": "must be the name of a host",
	} {
		written := maps.Clone(onServer(object{"vcsOrigin": origin, "tags": list{"v1"}}))
		written["circleci"].(object)["hostname"] = text
		trusts, lines := suite.Read(written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "circleci.hostname: "+rule) || len(trusts[0].Grants) > 0 ||
			trusts[0].Issuer() != "" {
			t.Errorf("%q: %q", text, lines)
		}
	}
	written := onServer(object{"vcsOrigin": origin, "tags": list{"v1"}})
	written["circleci"].(object)["hostname"] = "circleci"
	if _, lines := suite.Read(written, citest.InAWS); len(lines) != 1 ||
		!strings.Contains(lines[0], "or the host of oidc_service.base_url where that is set; look at iss in a token") {
		t.Errorf("a server with oidc_service.base_url is not thought of: %q", lines)
	}
	written["circleci"].(object)["hostname"] = citest.Unknown{}
	trusts, lines := suite.Read(written, citest.InAWS)
	citest.SameStrings(t, "problems", lines, []string{})
	if len(trusts[0].Grants) > 0 || trusts[0].Issuer() != "" {
		t.Errorf("%+v", trusts[0])
	}
}
