package gitlab

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// allow are the conditions of an Allow: the audience, StringEquals on further keys, and StringLike on sub.
func allow(keys string, subs ...string) string {
	conditions := `{"StringEquals":{"KEY:aud":"https://gitlab.com"` + keys + `}`
	if len(subs) > 0 {
		conditions += `,"StringLike":{"KEY:sub":["` + strings.Join(subs, `","`) + `"]}`
	}
	return conditions + "}"
}

func TestAnAuditJudgesATrustOfGitLabAsAReviewerWould(t *testing.T) {
	const (
		id    = `,"KEY:project_id":"46573356"`
		main  = ":ref_type:branch:ref:main"
		path  = "gitlab-path-subject medium"
		group = "gitlab-group-path high"
		any   = "gitlab-any-ref high"
		dead  = "never-matches medium"
	)
	suite.Policies(t, []citest.Policy{
		// what is right
		{Name: "path and id", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web"+main), Want: ""},
		{Name: "the id in the subject", Host: "gitlab.com", Allow: allow("", "project_id:46573356"+main), Want: ""},
		{Name: "any path, the id by its key", Host: "gitlab.com", Allow: allow(id, "project_path:*"+main), Want: ""},
		{Name: "a subgroup", Host: "gitlab.com", Allow: allow(id, "project_path:acme/platform/web"+main), Want: ""},
		{Name: "any branch that is protected", Host: "gitlab.com",
			Allow: allow(id+`,"KEY:ref_protected":"true"`, "project_path:acme/web:ref_type:branch:ref:*"), Want: ""},
		{Name: "any branch that is protected, by the subject", Host: "gitlab.com",
			Allow: allow(id, "project_path:acme/web:ref_type:branch:ref:*:ref_protected:true"), Want: ""},
		// the path alone
		{Name: "the path alone", Host: "gitlab.com", Allow: allow("", "project_path:acme/web"+main), Want: path},
		{Name: "the path alone in China", Host: "gitlab.com", Partition: "aws-cn",
			Allow: allow("", "project_path:acme/web"+main), Want: path},
		{Name: "the group's id", Host: "gitlab.com",
			Allow: allow(`,"KEY:namespace_id":"68413579"`, "project_path:acme/*"+main),
			Want:  "gitlab-group medium", Shows: `"namespace_id":"68413579"`},
		// strangers
		{Name: "aud alone", Host: "gitlab.com", Allow: allow(""), Want: "no-subject high"},
		{Name: "everything", Host: "gitlab.com", Allow: allow("", "*"), Want: "tenant-not-pinned high"},
		{Name: "any project", Host: "gitlab.com", Allow: allow("", "project_path:*"), Want: "tenant-not-pinned high"},
		{Name: "any group's main", Host: "gitlab.com", Allow: allow("", "project_path:*"+main),
			Want:  "tenant-not-pinned high",
			Shows: "project_path:mallory/"},
		{Name: "groups that begin alike", Host: "gitlab.com", Allow: allow("", "project_path:acme*"),
			Want: "prefix-collision high"},
		{Name: "an id that begins alike", Host: "gitlab.com", Allow: allow("", "project_id:4657*"),
			Want: "prefix-collision high"},
		{Name: "any id", Host: "gitlab.com", Allow: allow("", "project_id:*"+main), Want: "tenant-not-pinned high"},
		{Name: "a path by its end", Host: "gitlab.com", Allow: allow("", "*/web"+main), Want: "tenant-not-pinned high"},
		// the group's
		{Name: "every project of the group", Host: "gitlab.com", Allow: allow("", "project_path:acme/*"), Want: group},
		{Name: "every project of a subgroup, one branch", Host: "gitlab.com",
			Allow: allow("", "project_path:acme/platform/*"+main), Want: group},
		{Name: "projects that begin alike", Host: "gitlab.com", Allow: allow("", "project_path:acme/web*"+main),
			Want: path + ", project-prefix medium"},
		{Name: "a Deny names the group", Host: "gitlab.com", Allow: allow("", "*"),
			Deny: `{"StringNotLike":{"KEY:sub":"project_path:acme/*"}}`, Want: group,
			Shows: "project_path:acme/"},
		// any ref
		{Name: "any ref", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:*"), Want: any},
		{Name: "any branch", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:branch:ref:*"),
			Want: any},
		{Name: "any tag", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:tag:ref:*"), Want: any},
		{Name: "any type", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:*:ref:main"), Want: ""},
		{Name: "begins like main", Host: "gitlab.com",
			Allow: allow(id, "project_path:acme/web:ref_type:branch:ref:main*"),
			Want:  "ref-name-prefix medium"},
		{Name: "release/", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:branch:ref:release/*"),
			Want: "ref-prefix low"},
		{Name: "versions", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:tag:ref:v*"),
			Want: "ref-prefix low"},
		{Name: "ends in main", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:branch:ref:*/main"),
			Want: "wildcard-before-decision high"},
		{Name: "a subject that is the path alone", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web"),
			Want: any},
		{Name: "another order of parts", Host: "gitlab.com",
			Allow: allow(id, "project_path:acme/web:ref:main:ref_type:branch"),
			Want:  ""},
		// dead
		{Name: "a merge request's type", Host: "gitlab.com",
			Allow: allow(id, "project_path:acme/web:ref_type:mr:ref:1"),
			Want:  dead},
		{Name: "a full ref", Host: "gitlab.com", Allow: allow(id, "project_path:acme/web:ref_type:branches:ref:main"),
			Want: dead},
		{Name: "repo:", Host: "gitlab.com", Allow: allow(id, "repo:acme/web:ref:refs/heads/main"), Want: dead},
		{Name: "a slash first", Host: "gitlab.com", Allow: allow(id, "project_path:/acme/web"+main), Want: dead},
		{Name: "no group", Host: "gitlab.com", Allow: allow(id, "project_path:web"+main), Want: dead},
		{Name: "a * with StringEquals", Host: "gitlab.com",
			Allow: `{"StringEquals":{"KEY:aud":"https://gitlab.com","KEY:sub":"project_path:acme/web:*"}}`, Want: dead},
		{Name: "a wildcard in the id", Host: "gitlab.com", Allow: allow(id, "project_id:web"+main), Want: dead},
		// an instance
		{Name: "an instance, the path", Host: "gitlab.example.com", Allow: allow("", "project_path:acme/web"+main),
			Want: path},
		{Name: "an instance, any branch", Host: "gitlab.example.com",
			Allow: allow("", "project_path:acme/web:ref_type:branch:ref:*"), Want: any + ", " + path},
		{Name: "an instance, every project", Host: "gitlab.example.com", Allow: allow("", "project_path:*"+main),
			Want: "organization-wide medium"},
		{Name: "an instance, the id", Host: "gitlab.example.com", Allow: allow("", "project_id:7"+main), Want: ""},
		{Name: "an instance, a merge request's type", Host: "gitlab.example.com",
			Allow: allow("", "project_path:acme/web:ref_type:mr:ref:1"), Want: dead},
	})
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
