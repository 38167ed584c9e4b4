package all

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A section of a system that stands on the user's own host took the issuer of another system, and the high findings of
// that were lost: a GitHub repository without ids was trusted as a pipeline of Concourse.
func TestASectionWithTheIssuerOfAnotherSystemIsRefused(t *testing.T) {
	concourse := func(url string) object {
		return object{"concourse": object{"url": url, "pipelines": list{object{"team": "repo:acme", "name": "web:environment:production"}}}}
	}
	gitlab := func(url string) object {
		return object{"gitlab": object{"url": url, "projects": list{object{"path": "acme/web", "branches": list{"main"}}}}}
	}
	for _, c := range []struct {
		written object
		want    string
	}{
		{concourse("https://token.actions.githubusercontent.com"), "concourse.url: is an issuer of GitHub Actions; write the section github, which knows its subjects"},
		{concourse("https://gitlab.com"), "concourse.url: is an issuer of GitLab CI/CD; write the section gitlab, which knows its subjects"},
		{concourse("https://codeberg.org/api/actions"), "concourse.url: is an issuer of Forgejo Actions; write the section forgejo, which knows its subjects"},
		{concourse("https://token.builds.bitrise.io"), "concourse.url: is an issuer of Bitrise, which its customers share, and none of Concourse; write it under custom"},
		{gitlab("https://scalr.io"), "gitlab.url: is an issuer of Scalr; write the section scalr, which knows its subjects"},
		{gitlab("https://Token.Actions.githubusercontent.com"), "gitlab.url: is an issuer of GitHub Actions; write the section github, which knows its subjects"},
		{object{"hcpTerraform": object{"hostname": "gitlab.com", "organization": "acme", "workspaces": list{object{"project": "web", "name": "web", "runPhases": list{"apply"}}}}},
			"hcpTerraform.hostname: is an issuer of GitLab CI/CD; write the section gitlab, which knows its subjects"},
		{customSection(object{"issuer": "https://gitlab.com/"}), "custom.woodpecker.issuer: is an issuer of GitLab CI/CD; write the section gitlab, which knows its subjects"},
		{customSection(object{"issuer": "https://accounts.google.com/"}), "custom.woodpecker.issuer: is an issuer of Google Cloud Build; write the section googleCloudBuild, which knows its subjects"},
		{customSection(object{"issuer": "https://login.app.env0.com"}), "custom.woodpecker.issuer: is an issuer of env zero; write the section env0, which knows its subjects"},
		{customSection(object{"issuer": "https://ghes.example.com/_services/token/"}), "custom.woodpecker.issuer: is an issuer of GitHub Actions; write the section github, which knows its subjects"},
		{customSection(object{"issuer": "https://cognito-identity.amazonaws.com"}), "custom.woodpecker.issuer: is an issuer that AWS has built in: a trust policy names it without a provider, and it is none of a CI system"},
	} {
		c.written["acceptRisks"] = risks()
		_, lines := read(c.written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], c.want+" (found ") {
			t.Errorf("got %q, want %q", lines, c.want)
		}
	}
	_, lines := read(object{"acceptRisks": risks(), "gitlab": object{"url": citest.Secret("https://scalr.io"), "projects": list{object{"path": "acme/web", "branches": list{"main"}}}}}, citest.InAWS)
	if len(lines) != 1 || strings.Contains(lines[0], "https://scalr.io") {
		t.Errorf("%q", lines)
	}
}

func TestASlashAtTheEndMakesNoOtherIssuer(t *testing.T) {
	item := func(issuer string) any {
		return customSection(object{"issuer": issuer})["custom"].(object)["woodpecker"]
	}
	_, lines := read(object{"custom": object{"a": item("https://ci.example.com"), "b": item("https://ci.example.com/")}}, citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "has the issuer of custom.a") {
		t.Errorf("%q", lines)
	}
	_, lines = read(customSection(object{"issuer": "https://ci.example.com/."}), citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "is not a URL that AWS could reach") {
		t.Errorf("%q", lines)
	}
	written := customSection(object{"issuer": "https://token.builds.bitrise.io/", "subjects": list{"app/*"}})
	written["acceptRisks"] = risks()
	if _, lines = read(written, citest.InAWS); len(lines) != 1 || !strings.Contains(lines[0], "customers of Bitrise share the issuer") {
		t.Errorf("%q", lines)
	}
}

func TestCodebergIsCodebergInAnyLetterCase(t *testing.T) {
	written := object{"forgejo": object{"url": "https://Codeberg.org", "repositories": list{
		object{"repository": "acme/web", "ownerId": "7", "repositoryId": "12", "branches": list{"main"}}}}}
	_, lines := read(written, citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "forgejo-open-instance") {
		t.Errorf("%q", lines)
	}
}

func TestACustomClaimThatTheSectionCannotTestIsRefusedBeforeTheProof(t *testing.T) {
	_, lines := read(customSection(object{"claims": object{"oaud": list{"a"}}}), citest.InAWS)
	citest.SameStrings(t, "oaud", lines, []string{"custom.woodpecker.claims.oaud: is the audience of tokens that have azp, which AWS then compares as aud: this section " +
		"does not know such tokens; leave it out"})
	_, lines = read(customSection(object{"issuer": citest.Unknown{}, "claims": object{"rpst_id": list{"1"}}}), citest.InAWS)
	citest.SameStrings(t, "of an issuer that is not known yet", lines, []string{})
	for _, sub := range []string{" ", "a ", " a", "\u00a0:x"} {
		_, lines = read(customSection(object{"subjects": list{sub}}), citest.InAWS)
		if len(lines) != 1 || !strings.Contains(lines[0], "has white space at its end") {
			t.Errorf("%q: %q", sub, lines)
		}
	}
}

func TestAProofThatWouldSayNothingOfOneGrantIsVoidWhateverItSaysOfOthers(t *testing.T) {
	both := spaceliftSection(object{"runTypes": list{"TRACKED"}})
	both["custom"] = customSection(object{"audiences": citest.Unknown{}})["custom"]
	trusts := mustRead(t, both, citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err == nil || !strings.Contains(err.Error(), "the proof of \"woodpecker, ") {
		t.Errorf("%v", err)
	}
}
