package all

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A section of a system that stands on the user's own host took the issuer of another system, and the high findings of
// that were lost: a GitHub repository without ids was trusted as a pipeline of Concourse.
func TestASectionWithTheIssuerOfAnotherSystemIsRefused(t *testing.T) {
	concourse := func(url string) object {
		return object{"concourse": object{
			"url":       url,
			"pipelines": list{object{"team": "repo:acme", "name": "web:environment:production"}},
		}}
	}
	gitlab := func(url string) object {
		return object{
			"gitlab": object{"url": url, "projects": list{object{"path": "acme/web", "branches": list{"main"}}}},
		}
	}
	for _, c := range []struct {
		written object
		want    string
	}{
		{concourse("https://token.actions.githubusercontent.com"),
			"concourse.url: is an issuer of GitHub Actions; write the section github, which knows its subjects"},
		{concourse("https://gitlab.com"),
			"concourse.url: is an issuer of GitLab CI/CD; write the section gitlab, which knows its subjects"},
		{concourse("https://codeberg.org/api/actions"),
			"concourse.url: is an issuer of Forgejo Actions; write the section forgejo, which knows its subjects"},
		{concourse("https://oidc.cirrus-ci.com"), "concourse.url: is an issuer of Cirrus CI, which its customers " +
			"share, and none of Concourse; write it under custom"},
		{gitlab("https://scalr.io"),
			"gitlab.url: is an issuer of Scalr; write the section scalr, which knows its subjects"},
		{gitlab("https://Token.Actions.githubusercontent.com"),
			"gitlab.url: is an issuer of GitHub Actions; write the section github, which knows its subjects"},
		{object{"hcpTerraform": object{
			"hostname":     "gitlab.com",
			"organization": "acme",
			"workspaces":   list{object{"project": "web", "name": "web", "runPhases": list{"apply"}}},
		}},
			"hcpTerraform.hostname: is an issuer of GitLab CI/CD; write the section gitlab, which knows its subjects"},
		{customSection(object{"issuer": "https://gitlab.com/"}), "custom.woodpecker.issuer: is an issuer of GitLab " +
			"CI/CD; write the section gitlab, which knows its subjects"},
		{customSection(object{"issuer": "https://accounts.google.com/"}), "custom.woodpecker.issuer: is an issuer of " +
			"Google Cloud Build; write the section googleCloudBuild, which knows its subjects"},
		{customSection(object{"issuer": "https://login.app.env0.com"}),
			"custom.woodpecker.issuer: is an issuer of env zero; write the section env0, which knows its subjects"},
		{customSection(object{"issuer": "https://Token.builds.bitrise.io/"}),
			"custom.woodpecker.issuer: is an issuer of Bitrise; write the section bitrise, which knows its subjects"},
		{customSection(object{"issuer": "https://ghes.example.com/_services/token/"}), "custom.woodpecker.issuer: is " +
			"an issuer of GitHub Actions; write the section github, which knows its subjects"},
		{customSection(object{"issuer": "https://cognito-identity.amazonaws.com"}), "custom.woodpecker.issuer: is an " +
			"issuer that AWS has built in: a trust policy names it without a provider, and it is none of a CI system"},
	} {
		c.written["acceptRisks"] = risks()
		_, lines := read(c.written, citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], c.want+" (found ") {
			t.Errorf("got %q, want %q", lines, c.want)
		}
	}
	_, lines := read(object{"acceptRisks": risks(), "gitlab": object{
		"url":      citest.Secret("https://scalr.io"),
		"projects": list{object{"path": "acme/web", "branches": list{"main"}}},
	}}, citest.InAWS)
	if len(lines) != 1 || strings.Contains(lines[0], "https://scalr.io") {
		t.Errorf("%q", lines)
	}
}

// freeHost is a section whose host is free: what is written when its tokens come from a host, with or without a path.
type freeHost struct {
	section, property string
	url               bool // the property is a URL, so that it can have a path
	write             func(host string) object
}

var freeHosts = []freeHost{
	{"circleci", "hostname", false, func(host string) object {
		written := circleCI(object{"vcsOrigin": origin, "branches": list{"main"}})
		written["circleci"].(object)["hostname"] = host
		return written
	}},
	{"concourse", "url", true, func(url string) object {
		return object{"concourse": object{"url": url, "pipelines": list{object{"team": "main", "name": "web"}}}}
	}},
	{"forgejo", "url", true, func(url string) object {
		return object{"forgejo": object{"url": url, "repositories": list{
			object{"repository": "acme/web", "ownerId": "7", "repositoryId": "12", "branches": list{"main"}}}}}
	}},
	{"github", "hostname", false, func(host string) object {
		written := gitHub("acme/web", object{"branches": list{"main"}})
		written["github"].(object)["hostname"] = host
		return written
	}},
	{"gitlab", "url", true, func(url string) object {
		return object{
			"gitlab": object{"url": url, "projects": list{object{"path": "acme/web", "branches": list{"main"}}}},
		}
	}},
	{"harness", "hostname", false, func(host string) object {
		return object{"harness": object{
			"accountId": "A1b2C3d4E5f6G7h8J9k0Lm",
			"hostname":  host,
			"projects":  list{object{"organization": "default", "id": "web"}},
		}}
	}},
	{"hcpTerraform", "hostname", false, func(host string) object {
		return object{"hcpTerraform": object{"hostname": host, "organization": "acme", "workspaces": list{
			object{"project": "web", "name": "web", "runPhases": list{"apply"}}}}}
	}},
	{"jenkins", "url", true, func(url string) object {
		return object{
			"jenkins": object{"url": url + "/", "jobs": list{object{"name": "web", "branches": list{"main"}}}},
		}
	}},
	{"jenkins", "issuer", true, func(issuer string) object {
		return object{"jenkins": object{
			"url":    "https://jenkins.example.com/",
			"issuer": issuer,
			"jobs":   list{object{"name": "web", "branches": list{"main"}}},
		}}
	}},
	{"octopusDeploy", "issuer", true, func(issuer string) object {
		return object{"octopusDeploy": object{
			"issuer":     issuer,
			"executions": list{object{"space": "default", "project": "web", "environments": list{"production"}}},
		}}
	}},
	{"semaphore", "domain", false, func(domain string) object {
		return object{"semaphore": object{"organization": "acme", "domain": domain, "projects": list{
			object{"id": project, "repository": "web", "branches": list{"main"}}}}}
	}},
	{"spacelift", "hostname", false, func(host string) object {
		written := spaceliftSection(object{"runTypes": list{"TRACKED"}})
		written["spacelift"].(object)["hostname"] = host
		return written
	}},
	{"teamcity", "url", true, func(url string) object {
		return object{"teamcity": object{"url": url, "buildConfigurations": list{
			object{"project": "project7", "buildType": "bt42", "branches": list{"refs/heads/main"}},
		}}}
	}},
	{"custom", "woodpecker.issuer", true,
		func(issuer string) object { return customSection(object{"issuer": issuer}) }},
}

// everyFreeHost are freeHosts, and the properties of further sections by which a host of the user's own is named: those
// are tried in the example of the section's page, so that a new section need not come here.
func everyFreeHost(t *testing.T) []freeHost {
	t.Helper()
	free := slices.Clone(freeHosts)
	for _, s := range Registry().Systems() {
		fragment, err := os.ReadFile(filepath.Join("..", strings.ToLower(s.Section()), "schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		var declared struct {
			Section struct{ Properties map[string]any }
		}
		if err := json.Unmarshal(fragment, &declared); err != nil {
			t.Fatal(err)
		}
		for _, property := range []string{"issuer", "url", "hostname", "domain"} {
			named := slices.ContainsFunc(freeHosts, func(f freeHost) bool {
				return f.section == s.Section() && (f.property == property || s.Issuer().Any)
			})
			if _, takes := declared.Section.Properties[property]; !takes || named {
				continue
			}
			told, err := page.Of("..", s.Section())
			if err != nil {
				t.Fatal(err)
			}
			free = append(free, freeHost{s.Section(), property, property == "url" || property == "issuer",
				func(host string) object {
					written := object{}
					if err := yaml.Unmarshal([]byte(told.Example), &written); err != nil {
						t.Fatal(err)
					}
					written[s.Section()].(object)[property] = host
					return written
				}})
		}
	}
	return free
}

// hosts are those of a system, each with the titles that a message can have for it, of which there are several where
// the path says whose issuer it is; a wildcard is filled with a customer's name. A pattern of any host is nobody's
// host.
func hosts(s ci.System) map[string][]string {
	titles := map[string][]string{}
	for _, known := range s.Issuer().Hosts {
		host, _, _ := strings.Cut(strings.TrimSuffix(known.Host, "*"), "/")
		if host = strings.ReplaceAll(host, "*", "acme"); host == "" || host == "acme" {
			continue
		}
		title := s.Title()
		if s.Issuer().Any {
			title = known.Title
		}
		titles[host] = ci.AddOnce(titles[host], title)
	}
	return titles
}

// A mistyped path on another system's host made an issuer of one's own out of it: https://gitlab.com/acme was a GitLab
// of acme's, and a Concourse, and any issuer of the map custom.
func TestTheHostOfAnotherSystemIsRefusedInEverySectionWhateverItsPath(t *testing.T) {
	refused := 0
	for _, f := range everyFreeHost(t) {
		for _, s := range Registry().Systems() {
			if s.Section() == f.section {
				continue
			}
			for host, titles := range hosts(s) {
				texts := []string{host}
				if f.url {
					texts = []string{"https://" + host, "https://" + host + "/x/y",
						"https://" + strings.ToUpper(host[:1]) + host[1:] + "/_services/token"}
				}
				for _, text := range texts {
					written := f.write(text)
					written["acceptRisks"] = risks()
					trusts, lines := read(written, citest.InAWS)
					said := len(lines) == 1 && strings.HasPrefix(lines[0], f.section+"."+f.property+": ") &&
						(slices.ContainsFunc(titles, func(title string) bool {
							return strings.Contains(lines[0], "is an issuer of "+title)
						}) ||
							strings.Contains(lines[0], "is an issuer that AWS has built in") ||
							strings.Contains(lines[0], "is github.com, which is meant without hostname"))
					if !said {
						t.Errorf("%s takes %s, a host of %s, for an issuer of its own (%d grants): %q", f.section, text,
							s.Title(), len(trusts[0].Grants), lines)
					}
					refused++
				}
			}
		}
	}
	if refused < 500 {
		t.Errorf("only %d hosts were tried", refused)
	}
}

// A system that gets a section of its own is no longer any other issuer.
func TestCustomListsNoSharedIssuerThatASectionIsFor(t *testing.T) {
	shared := Registry().System("custom").Issuer().Hosts
	for _, s := range Registry().Systems() {
		for _, own := range s.Issuer().Hosts {
			for _, known := range shared {
				if s.Section() != "custom" && trust.Match(ci.SameHost(own.Host), ci.SameHost(known.Host)) {
					t.Errorf("provider/ci/custom/shared.go lists %s (%s), which the section %s is for now, so that "+
						"custom would take it all the same: take its line out of sharedIssuers, its row out of "+
						"shared_test.go and its name out of page.md in the same folder, and put another shared issuer "+
						"into the tests that name it",
						known.Host, known.Title, s.Section())
				}
			}
		}
	}
}

func TestTheHostThatPeopleInstallASystemOnIsNotTakenForAnother(t *testing.T) {
	for _, f := range everyFreeHost(t) {
		for _, host := range []string{"ci.example.com", "gitlab.example.com", "gitlab.com.example.com", "notgitlab.com",
			"example.scalr.io.example.com", "acme.gitlab-dedicated.com",
			"vstoken.example.com", "api.bitbucket.example.org", "accounts.google.example.com", "harness.example.io"} {
			texts := []string{host}
			if f.url {
				texts = []string{"https://" + host, "https://" + host + "/ci"}
			}
			for _, text := range texts {
				mustRead(t, f.write(text), citest.InAWS)
			}
		}
	}
}

// What a section's own shared host lacks is a finding of the section.
func TestASectionsOwnSharedHostIsNotRefusedByHost(t *testing.T) {
	for _, written := range []object{
		freeHosts[4].write("https://gitlab.com"), freeHosts[2].write("https://codeberg.org"),
		freeHosts[6].write("app.terraform.io"), freeHosts[6].write("app.eu.terraform.io"),
		freeHosts[9].write("https://acme.octopus.app"), freeHosts[11].write("acme.app.us.spacelift.io"),
		freeHosts[5].write("app3.harness.io"), freeHosts[3].write("acme.ghe.com"),
		customSection(object{"issuer": "https://oidc.cirrus-ci.com"}),
		customSection(object{"issuer": "https://oidc.op1.openshiftapps.com/1a2b3c"}),
	} {
		mustRead(t, written, citest.InAWS)
	}
}

func TestASlashAtTheEndMakesNoOtherIssuer(t *testing.T) {
	item := func(issuer string) any {
		return customSection(object{"issuer": issuer})["custom"].(object)["woodpecker"]
	}
	_, lines := read(object{
		"custom": object{"a": item("https://ci.example.com"), "b": item("https://ci.example.com/")},
	}, citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "has the issuer of custom.a") {
		t.Errorf("%q", lines)
	}
	_, lines = read(customSection(object{"issuer": "https://ci.example.com/."}), citest.InAWS)
	if len(lines) != 1 || !strings.Contains(lines[0], "is not a URL that AWS could reach") {
		t.Errorf("%q", lines)
	}
	written := customSection(object{"issuer": "https://oidc.cirrus-ci.com/", "subjects": list{"repo/*"}})
	written["acceptRisks"] = risks()
	if _, lines = read(written, citest.InAWS); len(lines) != 1 ||
		!strings.Contains(lines[0], "customers of Cirrus CI share the issuer") {
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
	citest.SameStrings(t, "oaud", lines, []string{"custom.woodpecker.claims.oaud: is the audience of tokens that " +
		"have azp, which AWS then compares as aud: this section does not know such tokens; leave it out"})
	_, lines = read(customSection(object{"issuer": citest.Unknown{}, "claims": object{"rpst_id": list{"1"}}}),
		citest.InAWS)
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
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err == nil ||
		!strings.Contains(err.Error(), "the proof of \"woodpecker, ") {
		t.Errorf("%v", err)
	}
}
