package ci

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	allGitHubHost        = "token.actions.githubusercontent.com"
	allRepository        = "acme@1234567/web@89012345"
	allOrganization      = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	allOtherOrganization = "5e6f7a8b-1111-4222-8333-9c0d1e2f3a4b"
	allProject           = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"
	allOtherProject      = "7b8c9d0e-1111-4222-8333-9c0d1e2f3a4b"
	allOrigin            = "github.com/acme/web"
	allOtherOrigin       = "github.com/mallory/web"
	allUser              = "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
	allAnyUser           = "????????????????????????????????????"
)

// allRisks accepts every finding.
func allRisks() []string { return slices.Sorted(maps.Keys(AllSystems().Rules())) }

// allRead reads sections of any systems.
func allRead(written object, account Account) ([]Trust, []string) {
	return readBy(AllSystems(), written, account)
}

// allMustRead reads sections in which nothing is wrong, with every risk accepted.
func allMustRead(t testing.TB, written object, account Account) []Trust {
	t.Helper()
	if _, given := written["acceptRisks"]; !given {
		written = maps.Clone(written)
		written["acceptRisks"] = allRisks()
	}
	trusts, lines := allRead(written, account)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	return trusts
}

// allGitHub is a section github with one repository.
func allGitHub(repository string, words object) object {
	item := object{"repository": repository}
	maps.Copy(item, words)
	return object{"github": object{"repositories": list{item}}}
}

// allCircleCI is a section circleci with one project.
func allCircleCI(words object) object {
	item := object{"id": allProject}
	maps.Copy(item, words)
	return object{"circleci": object{"organizationId": allOrganization, "projects": list{item}}}
}

// allCircleCISubject is the subject of a job's second token.
func allCircleCISubject(organization, project, user, origin, ref string) string {
	return "org/" + organization + "/project/" + project + "/user/" + user + "/vcs-origin/" + origin + "/vcs-ref/" + ref
}

// allCustom is a section custom with one issuer.
func allCustom(words object) object {
	item := object{"issuer": "https://ci.example.com", "audiences": list{"sts.amazonaws.com"}, "subjects": list{"repo:acme/web:ref:refs/heads/main"}}
	maps.Copy(item, words)
	return object{"custom": object{"woodpecker": item}}
}

// allSpacelift is a section spacelift with one stack.
func allSpacelift(words object) object {
	item := object{"space": "production-01J0000000000000000000WEB1", "id": "web"}
	maps.Copy(item, words)
	return object{"spacelift": object{"hostname": "acme.app.spacelift.io", "stacks": list{item}}}
}

// allProved compiles and proves what was written.
func allProved(t *testing.T, written object) {
	t.Helper()
	proveWritten(t, AllSystems(), written)
}

func TestSeveralSystemsOnOneRole(t *testing.T) {
	several := object{}
	maps.Copy(several, allGitHub(allRepository, object{"branches": list{"main"}, "environments": list{"production"}}))
	maps.Copy(several, allCircleCI(object{"vcsOrigin": allOrigin, "branches": list{"main"}}))
	maps.Copy(several, object{"gitlab": object{"projects": list{object{"path": "acme/web", "id": "7", "branches": list{"main"}}}}})
	suite{among: AllSystems(), matrix: []object{several}, harmless: map[string]string{
		"IgnoreCase project_id": "digits have no letter case", "IgnoreCase repository_owner_id": "digits have no letter case",
	}}.together(t)
}
