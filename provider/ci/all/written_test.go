package all

import (
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const (
	gitHubHost        = "token.actions.githubusercontent.com"
	repository        = "acme@1234567/web@89012345"
	organization      = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	otherOrganization = "5e6f7a8b-1111-4222-8333-9c0d1e2f3a4b"
	project           = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"
	otherProject      = "7b8c9d0e-1111-4222-8333-9c0d1e2f3a4b"
	origin            = "github.com/acme/web"
	otherOrigin       = "github.com/mallory/web"
	user              = "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
	anyUser           = "????????????????????????????????????"
)

// everyRisk stands in acceptRisks for the ids of all findings about the sections that are written.
type everyRisk struct{}

// risks accepts every finding.
func risks() everyRisk { return everyRisk{} }

// read reads sections of any systems.
func read(written object, account ci.Account) ([]ci.Trust, []string) {
	if written["acceptRisks"] == risks() {
		written = maps.Clone(written)
		written["acceptRisks"] = citest.RisksOf(Registry(), written)
	}
	return citest.ReadBy(Registry(), written, account)
}

// mustRead reads sections in which nothing is wrong, with every risk accepted.
func mustRead(t testing.TB, written object, account ci.Account) []ci.Trust {
	t.Helper()
	if _, given := written["acceptRisks"]; !given {
		written = maps.Clone(written)
		written["acceptRisks"] = risks()
	}
	trusts, lines := read(written, account)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	return trusts
}

// gitHub is a section github with one repository.
func gitHub(repository string, words object) object {
	item := object{"repository": repository}
	maps.Copy(item, words)
	return object{"github": object{"repositories": list{item}}}
}

// circleCI is a section circleci with one project.
func circleCI(words object) object {
	item := object{"id": project}
	maps.Copy(item, words)
	return object{"circleci": object{"organizationId": organization, "projects": list{item}}}
}

// circleCISubject is the subject of a job's second token.
func circleCISubject(organization, project, user, origin, ref string) string {
	return "org/" + organization + "/project/" + project + "/user/" + user + "/vcs-origin/" + origin + "/vcs-ref/" + ref
}

// custom is a section custom with one issuer.
func customSection(words object) object {
	item := object{
		"issuer":    "https://ci.example.com",
		"audiences": list{"sts.amazonaws.com"},
		"subjects":  list{"repo:acme/web:ref:refs/heads/main"},
	}
	maps.Copy(item, words)
	return object{"custom": object{"woodpecker": item}}
}

// spacelift is a section spacelift with one stack.
func spaceliftSection(words object) object {
	item := object{"space": "production-01J0000000000000000000WEB1", "id": "web"}
	maps.Copy(item, words)
	return object{"spacelift": object{"hostname": "acme.app.spacelift.io", "stacks": list{item}}}
}

// proved compiles and proves what was written.
func proved(t *testing.T, written object) {
	t.Helper()
	citest.ProveWritten(t, Registry(), written)
}

func TestSeveralSystemsOnOneRole(t *testing.T) {
	several := object{}
	maps.Copy(several, gitHub(repository, object{"branches": list{"main"}, "environments": list{"production"}}))
	maps.Copy(several, circleCI(object{"vcsOrigin": origin, "branches": list{"main"}}))
	maps.Copy(several,
		object{"gitlab": object{"projects": list{object{"path": "acme/web", "id": "7", "branches": list{"main"}}}}})
	citest.Suite{Among: Registry(), Matrix: []object{several}, Harmless: map[string]string{
		"IgnoreCase project_id":          "digits have no letter case",
		"IgnoreCase repository_owner_id": "digits have no letter case",
		"IgnoreCase repository_id":       "digits have no letter case",
	}}.Together(t)
}
