package gitlab

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

func TestTheFindingsOfGitLabAreAnyRefAndAPathThatNothingPins(t *testing.T) {
	withID := object{"path": web, "id": "46573356", "branches": list{"main"}}
	pathOnly := object{"path": web, "tags": list{"v1"}}
	idOnly := object{"id": "46573356", "tags": list{"v1"}}
	const refused = "refused until it is accepted"
	for _, c := range []struct {
		written object
		account ci.Account
		want    []string
	}{
		{gitlab(withID), citest.InAWS, []string{}}, {gitlab(withID), ci.Account{}, []string{}},
		{gitlab(withID), citest.InChina, []string{"gitlab-path-subject"}},
		{gitlab(withID), citest.InGov, []string{"gitlab-path-subject"}},
		{onInstance(gitlab(withID), instance), citest.InAWS, []string{"gitlab-path-subject"}},
		{gitlab(pathOnly), citest.InAWS, []string{"gitlab-path-subject", refused}},
		{onInstance(gitlab(pathOnly), instance), citest.InAWS, []string{"gitlab-path-subject"}},
		{gitlab(idOnly), citest.InAWS, []string{}},
		{gitlab(idOnly), citest.InChina, []string{}}, {onInstance(gitlab(idOnly), instance), citest.InAWS, []string{}},
		{gitlab(object{"path": web, "id": citest.Unknown{}, "tags": list{"v1"}}), citest.InAWS, []string{}},
		{gitlab(object{"id": "1", "branches": list{"*"}}), citest.InAWS, []string{"gitlab-any-ref", refused}},
		{gitlab(object{"id": "1", "branches": list{"a"}, "tags": list{"*"}}), citest.InAWS,
			[]string{"gitlab-any-ref", refused}},
		{gitlab(object{"id": "1", "branches": list{"main*"}}), citest.InAWS, []string{"ref-name-prefix"}},
		{gitlab(object{"id": "1", "tags": list{"v*"}}), citest.InAWS, []string{"ref-prefix"}},
	} {
		want := slices.DeleteFunc(slices.Clone(c.want), func(id string) bool { return id == refused })
		citest.SameStrings(t, fmt.Sprint(c.written), citest.FindingIDs(suite.MustRead(t, c.written, c.account)), want)
		if _, lines := suite.Read(c.written, c.account); (len(lines) > 0) != slices.Contains(c.want, refused) {
			t.Errorf("%v: %q", c.written, lines)
		}
	}
}

func TestASentenceNamesTheInstanceWhereItIsNotGitLabCom(t *testing.T) {
	for want, written := range map[string]object{
		"GitLab CI/CD: org/repo (project 7) on branch main, merge requests from there included": gitlab(object{
			"path":     web,
			"id":       "7",
			"branches": list{"main"},
		}),
		"GitLab CI/CD: project 7 on any tag": gitlab(object{
			"id":   "7",
			"tags": list{"*"},
		}),
		"GitLab CI/CD at gitlab.example.com: org/repo on all tags that begin with v (also " +
			"across further slashes)": onInstance(gitlab(object{"path": web, "tags": list{"v*"}}), instance),
	} {
		citest.SameStrings(t, "sentences", ci.Sentences(suite.MustRead(t, written, citest.InAWS)), []string{want})
	}
}

func TestTheExamplesOfTheFindingsHaveThemAndMendedTheyDoNot(t *testing.T) {
	examples, err := page.Examples("testdata/findings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if e.Section == nil {
			continue // a policy is the audit's
		}
		mended, _ := e.Mended.(object)
		if !slices.Contains(citest.FindingIDs(checked(t, e.Section)), e.ID) ||
			slices.Contains(citest.FindingIDs(checked(t, mended)), e.ID) {
			t.Errorf("%s: before %v, mended %v", e.ID, citest.FindingIDs(checked(t, e.Section)),
				citest.FindingIDs(checked(t, mended)))
		}
	}
}
