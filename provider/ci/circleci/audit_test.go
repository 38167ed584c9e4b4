package circleci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAnAuditJudgesATrustOfCircleCIAsAReviewerWould(t *testing.T) {
	allow := func(keys string, subs ...string) string {
		conditions := `{"StringEquals":{"KEY:aud":"` + organization + `"` + keys + `}`
		if len(subs) > 0 {
			conditions += `,"StringLike":{"KEY:sub":["` + strings.Join(subs, `","`) + `"]}`
		}
		return conditions + "}"
	}
	const (
		ours     = "org/" + organization + "/project/" + ourProject + "/user/"
		anybody  = ours + "????????????????????????????????????"
		from     = "/vcs-origin/github.com/acme/web/vcs-ref/"
		anyRefs  = "circleci-any-ref high"
		projects = "circleci-any-project medium"
		dead     = "never-matches medium"
		key      = `,"KEY:oidc.circleci.com/project-id":"` + ourProject + `"`
		issuer   = "oidc.circleci.com/org/" + organization
		server   = "circleci.example.com/org/" + organization
	)
	suite.Policies(t, []citest.Policy{
		{Name: "one branch", Host: issuer, Allow: allow("", anybody+from+"refs/heads/main"), Want: ""},
		{Name: "one branch of any project, one by its key", Host: issuer,
			Allow: allow(key, "org/*/project/*/user/????????????????????????????????????"+from+"refs/heads/main"),
			Want:  "wildcard-before-decision high"},
		{Name: "aud alone", Host: issuer, Allow: allow(""), Want: anyRefs, Shows: strangersProject},
		{Name: "the project's key alone", Host: issuer, Allow: allow(key), Want: anyRefs},
		{Name: "any job of the project", Host: issuer, Allow: allow("", ours+"*"), Want: anyRefs},
		{Name: "any project", Host: issuer, Allow: allow("", "org/"+organization+"/project/*"),
			Want: anyRefs, Shows: strangersProject},
		{Name: "one branch of any project", Host: issuer, Want: projects, Shows: strangersProject,
			Allow: allow("", strings.Replace(anybody, ourProject, "????????????????????????????????????", 1)+from+
				"refs/heads/main")},
		{Name: "any branch of any project, by two wildcards", Host: issuer, Want: anyRefs + ", " + projects,
			Allow: allow("", strings.Replace(anybody, ourProject, "????????????????????????????????????", 1)+from+
				"refs/heads/*")},
		{Name: "the documented pattern with user/*", Host: issuer, Allow: allow("", ours+"*"+from+"refs/heads/main"),
			Want: "wildcard-before-decision high"},
		{Name: "any origin", Host: issuer, Allow: allow("", anybody+"/vcs-origin/*"), Want: anyRefs, Shows: "mallory"},
		{Name: "any repository of the owner", Host: issuer,
			Allow: allow("", anybody+"/vcs-origin/github.com/acme/*/vcs-ref/refs/heads/main"),
			Want:  "wildcard-before-decision high"},
		{Name: "any branch", Host: issuer, Allow: allow("", anybody+from+"refs/heads/*"), Want: anyRefs},
		{Name: "any ref", Host: issuer, Allow: allow("", anybody+from+"*"), Want: anyRefs},
		{Name: "release/", Host: issuer, Allow: allow("", anybody+from+"refs/heads/release/*"), Want: "ref-prefix low"},
		{Name: "begins like main", Host: issuer, Allow: allow("", anybody+from+"refs/heads/main*"),
			Want: "ref-name-prefix medium"},
		{Name: "one user's jobs", Host: issuer, Allow: allow("", ours+someUser), Want: ""},
		// dead
		{Name: "a short ref", Host: issuer, Allow: allow("", anybody+from+"main"), Want: dead},
		{Name: "a slug for the project", Host: issuer, Allow: allow("", "org/"+organization+"/project/web/user/*"),
			Want: dead},
		{Name: "another organization", Host: issuer,
			Allow: allow("", strings.Replace(ours, organization, strangersOrg, 1)+"*"), Want: dead},
		{Name: "a slash too many", Host: issuer, Allow: allow("", "/"+ours+"*"), Want: dead},
		{Name: "the key without its issuer", Host: issuer,
			Allow: allow(`,"oidc.circleci.com/project-id":"`+ourProject+`"`, anybody+from+"refs/heads/main"),
			Want:  dead},
		// the root issuer
		{Name: "the root issuer, aud alone", Host: "oidc.circleci.com", Allow: allow(""), Want: "no-subject high"},
		{Name: "the root issuer, any organization", Host: "oidc.circleci.com", Allow: allow("", "org/*"),
			Want: "tenant-not-pinned high"},
		{Name: "the root issuer, one branch", Host: "oidc.circleci.com",
			Allow: allow("", anybody+from+"refs/heads/main"),
			Want:  ""},
		// a server
		{Name: "a server, any job of the project", Host: server, Allow: allow("", ours+"*"), Want: anyRefs},
		{Name: "a server without refs", Host: server, Allow: allow("", anybody, anybody+"/vcs-origin/*"),
			Want: anyRefs},
		{Name: "a server, one branch", Host: server, Allow: allow("", anybody+from+"refs/heads/main"), Want: ""},
		{Name: "a server, any project", Host: server, Allow: allow("", "org/"+organization+"/project/*"),
			Want: anyRefs, Shows: strangersProject},
	})
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
