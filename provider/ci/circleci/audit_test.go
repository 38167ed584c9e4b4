package circleci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAnAuditJudgesATrustOfCircleCIAsAReviewerWould(t *testing.T) {
	allow := func(keys string, subs ...string) string {
		conditions := `{"StringEquals":{"ISSUER:aud":"` + organization + `"` + keys + `}`
		if len(subs) > 0 {
			conditions += `,"StringLike":{"ISSUER:sub":["` + strings.Join(subs, `","`) + `"]}`
		}
		return conditions + "}"
	}
	const (
		ours     = "org/" + organization + "/project/" + ourProject + "/user/"
		anybody  = ours + "????????????????????????????????????"
		from     = "/vcs-origin/github.com/acme/web/vcs-ref/"
		anyRefs  = "high circleci-any-ref"
		projects = "medium circleci-any-project"
		dead     = "medium never-matches"
		key      = `,"ISSUER:oidc.circleci.com/project-id":"` + ourProject + `"`
		issuer   = "oidc.circleci.com/org/" + organization
		server   = "circleci.example.com/org/" + organization
	)
	suite.Audited(t, citest.Untagged([]citest.Audited{
		{Name: "one branch", Host: issuer, Condition: allow("", anybody+from+"refs/heads/main"), Want: ""},
		{Name: "one branch of any project, one by its key", Host: issuer,
			Condition: allow(key, "org/*/project/*/user/????????????????????????????????????"+from+"refs/heads/main"),
			Want:      "high wildcard-before-decision"},
		{Name: "aud alone", Host: issuer, Condition: allow(""), Want: anyRefs, Witness: strangersProject},
		{Name: "the project's key alone", Host: issuer, Condition: allow(key), Want: anyRefs},
		{Name: "any job of the project", Host: issuer, Condition: allow("", ours+"*"), Want: anyRefs},
		{Name: "any project", Host: issuer, Condition: allow("", "org/"+organization+"/project/*"),
			Want: anyRefs, Witness: strangersProject},
		{Name: "one branch of any project", Host: issuer, Want: projects, Witness: strangersProject,
			Condition: allow("", strings.Replace(anybody, ourProject, "????????????????????????????????????", 1)+from+
				"refs/heads/main")},
		{Name: "any branch of any project, by two wildcards", Host: issuer, Want: anyRefs + ", " + projects,
			Condition: allow("", strings.Replace(anybody, ourProject, "????????????????????????????????????", 1)+from+
				"refs/heads/*")},
		{Name: "the documented pattern with user/*", Host: issuer,
			Condition: allow("", ours+"*"+from+"refs/heads/main"),
			Want:      "high wildcard-before-decision"},
		{Name: "any origin", Host: issuer, Condition: allow("", anybody+"/vcs-origin/*"), Want: anyRefs,
			Witness: "mallory"},
		{Name: "any repository of the owner", Host: issuer,
			Condition: allow("", anybody+"/vcs-origin/github.com/acme/*/vcs-ref/refs/heads/main"),
			Want:      "high wildcard-before-decision"},
		{Name: "any branch", Host: issuer, Condition: allow("", anybody+from+"refs/heads/*"), Want: anyRefs},
		{Name: "any ref", Host: issuer, Condition: allow("", anybody+from+"*"), Want: anyRefs},
		{Name: "release/", Host: issuer, Condition: allow("", anybody+from+"refs/heads/release/*"),
			Want: "low ref-prefix"},
		{Name: "begins like main", Host: issuer, Condition: allow("", anybody+from+"refs/heads/main*"),
			Want: "medium ref-name-prefix"},
		{Name: "one user's jobs", Host: issuer, Condition: allow("", ours+someUser), Want: ""},
		// dead
		{Name: "a short ref", Host: issuer, Condition: allow("", anybody+from+"main"), Want: dead},
		{Name: "a slug for the project", Host: issuer, Condition: allow("", "org/"+organization+"/project/web/user/*"),
			Want: dead},
		{Name: "another organization", Host: issuer,
			Condition: allow("", strings.Replace(ours, organization, strangersOrg, 1)+"*"), Want: dead},
		{Name: "a slash too many", Host: issuer, Condition: allow("", "/"+ours+"*"), Want: dead},
		{Name: "the key without its issuer", Host: issuer,
			Condition: allow(`,"oidc.circleci.com/project-id":"`+ourProject+`"`, anybody+from+"refs/heads/main"),
			Want:      dead},
		// the root issuer
		{Name: "the root issuer, aud alone", Host: "oidc.circleci.com", Condition: allow(""), Want: "high no-subject"},
		{Name: "the root issuer, any organization", Host: "oidc.circleci.com", Condition: allow("", "org/*"),
			Want: "high tenant-not-pinned"},
		{Name: "the root issuer, one branch", Host: "oidc.circleci.com",
			Condition: allow("", anybody+from+"refs/heads/main"),
			Want:      ""},
		// a server
		{Name: "a server, any job of the project", Host: server, Condition: allow("", ours+"*"), Want: anyRefs},
		{Name: "a server without refs", Host: server, Condition: allow("", anybody, anybody+"/vcs-origin/*"),
			Want: anyRefs},
		{Name: "a server, one branch", Host: server, Condition: allow("", anybody+from+"refs/heads/main"), Want: ""},
		{Name: "a server, any project", Host: server, Condition: allow("", "org/"+organization+"/project/*"),
			Want: anyRefs, Witness: strangersProject},
	}))
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
