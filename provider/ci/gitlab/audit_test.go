package gitlab

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// allow are the conditions of an Allow: the audience, StringEquals on further keys, and StringLike on sub.
func allow(keys string, subs ...string) string {
	conditions := `{"StringEquals":{"ISSUER:aud":"https://gitlab.com"` + keys + `}`
	if len(subs) > 0 {
		conditions += `,"StringLike":{"ISSUER:sub":["` + strings.Join(subs, `","`) + `"]}`
	}
	return conditions + "}"
}

func TestAnAuditJudgesATrustOfGitLabAsAReviewerWould(t *testing.T) {
	const (
		id    = `,"ISSUER:project_id":"46573356"`
		main  = ":ref_type:branch:ref:main"
		path  = "medium gitlab-path-subject"
		group = "high gitlab-group-path"
		any   = "high gitlab-any-ref"
		dead  = "medium never-matches"
	)
	suite.Audited(t, citest.Untagged([]citest.Audited{
		// what is right
		{Name: "path and id", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web"+main), Want: ""},
		{Name: "the id in the subject", Host: "gitlab.com", Condition: allow("", "project_id:46573356"+main), Want: ""},
		{Name: "any path, the id by its key", Host: "gitlab.com", Condition: allow(id, "project_path:*"+main),
			Want: ""},
		{Name: "a subgroup", Host: "gitlab.com", Condition: allow(id, "project_path:acme/platform/web"+main), Want: ""},
		{Name: "any branch that is protected", Host: "gitlab.com",
			Condition: allow(id+`,"ISSUER:ref_protected":"true"`, "project_path:acme/web:ref_type:branch:ref:*"),
			Want:      ""},
		{Name: "any branch that is protected, by the subject", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref_type:branch:ref:*:ref_protected:true"), Want: ""},
		// the path alone
		{Name: "the path alone", Host: "gitlab.com", Condition: allow("", "project_path:acme/web"+main), Want: path},
		{Name: "the path alone in China", Host: "gitlab.com", Partition: "aws-cn",
			Condition: allow("", "project_path:acme/web"+main), Want: path},
		{Name: "the group's id", Host: "gitlab.com",
			Condition: allow(`,"ISSUER:namespace_id":"68413579"`, "project_path:acme/*"+main),
			Want:      "medium gitlab-group", Witness: "namespace_id:68413579 "},
		// strangers
		{Name: "aud alone", Host: "gitlab.com", Condition: allow(""), Want: "high no-subject"},
		{Name: "everything", Host: "gitlab.com", Condition: allow("", "*"), Want: "high tenant-not-pinned"},
		{Name: "any project", Host: "gitlab.com", Condition: allow("", "project_path:*"),
			Want: "high tenant-not-pinned"},
		{Name: "any group's main", Host: "gitlab.com", Condition: allow("", "project_path:*"+main),
			Want:    "high tenant-not-pinned",
			Witness: "project_path:mallory/"},
		{Name: "groups that begin alike", Host: "gitlab.com", Condition: allow("", "project_path:acme*"),
			Want: "high prefix-collision"},
		{Name: "an id that begins alike", Host: "gitlab.com", Condition: allow("", "project_id:4657*"),
			Want: "high prefix-collision"},
		{Name: "any id", Host: "gitlab.com", Condition: allow("", "project_id:*"+main), Want: "high tenant-not-pinned"},
		{Name: "a path by its end", Host: "gitlab.com", Condition: allow("", "*/web"+main),
			Want: "high tenant-not-pinned"},
		// the group's
		{Name: "every project of the group", Host: "gitlab.com", Condition: allow("", "project_path:acme/*"),
			Want: group},
		{Name: "every project of a subgroup, one branch", Host: "gitlab.com",
			Condition: allow("", "project_path:acme/platform/*"+main), Want: group},
		{Name: "projects that begin alike", Host: "gitlab.com", Condition: allow("", "project_path:acme/web*"+main),
			Want: path + ", medium project-prefix"},
		{Name: "a Deny names the group", Host: "gitlab.com", Condition: allow("", "*"),
			Deny: `{"StringNotLike":{"ISSUER:sub":"project_path:acme/*"}}`, Want: group,
			Witness: "project_path:acme/"},
		// any ref
		{Name: "any ref", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web:*"), Want: any},
		{Name: "any branch", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web:ref_type:branch:ref:*"),
			Want: any},
		{Name: "any tag", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web:ref_type:tag:ref:*"),
			Want: any},
		{Name: "any type", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web:ref_type:*:ref:main"),
			Want: ""},
		{Name: "begins like main", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref_type:branch:ref:main*"),
			Want:      "medium ref-name-prefix"},
		{Name: "release/", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref_type:branch:ref:release/*"),
			Want:      "low ref-prefix"},
		{Name: "versions", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web:ref_type:tag:ref:v*"),
			Want: "low ref-prefix"},
		{Name: "ends in main", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref_type:branch:ref:*/main"),
			Want:      "high wildcard-before-decision"},
		{Name: "a subject that is the path alone", Host: "gitlab.com", Condition: allow(id, "project_path:acme/web"),
			Want: any},
		{Name: "another order of parts", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref:main:ref_type:branch"),
			Want:      ""},
		// dead
		{Name: "a merge request's type", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref_type:mr:ref:1"),
			Want:      dead},
		{Name: "a full ref", Host: "gitlab.com",
			Condition: allow(id, "project_path:acme/web:ref_type:branches:ref:main"),
			Want:      dead},
		{Name: "repo:", Host: "gitlab.com", Condition: allow(id, "repo:acme/web:ref:refs/heads/main"), Want: dead},
		{Name: "a slash first", Host: "gitlab.com", Condition: allow(id, "project_path:/acme/web"+main), Want: dead},
		{Name: "no group", Host: "gitlab.com", Condition: allow(id, "project_path:web"+main), Want: dead},
		{Name: "a * with StringEquals", Host: "gitlab.com",
			Condition: `{"StringEquals":{"ISSUER:aud":"https://gitlab.com","ISSUER:sub":"project_path:acme/web:*"}}`,
			Want:      dead},
		{Name: "a wildcard in the id", Host: "gitlab.com", Condition: allow(id, "project_id:web"+main), Want: dead},
		// an instance
		{Name: "an instance, the path", Host: "gitlab.example.com", Condition: allow("", "project_path:acme/web"+main),
			Want: path},
		{Name: "an instance, any branch", Host: "gitlab.example.com",
			Condition: allow("", "project_path:acme/web:ref_type:branch:ref:*"), Want: any + ", " + path},
		{Name: "an instance, every project", Host: "gitlab.example.com", Condition: allow("", "project_path:*"+main),
			Want: "medium organization-wide"},
		{Name: "an instance, the id", Host: "gitlab.example.com", Condition: allow("", "project_id:7"+main), Want: ""},
		{Name: "an instance, a merge request's type", Host: "gitlab.example.com",
			Condition: allow("", "project_path:acme/web:ref_type:mr:ref:1"), Want: dead},
	}))
}

func TestTheExampleOfEachFindingHasItAndIsMended(t *testing.T) { suite.FindingExamples(t) }
