package gitlab

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestAProjectThatIsSomebodyElsesIsRefusedWhateverItsPathAndBranchAreCalled(t *testing.T) {
	for _, words := range []object{
		{"path": web, "id": "46573356", "branches": list{"main"}}, {"path": web, "branches": list{"main", "release/*"}},
		{"id": "46573356", "branches": list{"ma*"}, "tags": list{"v*"}},
	} {
		for _, written := range []object{gitlab(words), onInstance(gitlab(words), instance)} {
			trusts := suite.MustRead(t, written, citest.InAWS)
			for _, sub := range []string{
				"project_path:org/repo-evil:ref_type:branch:ref:main",
				"project_path:org/repo/evil:ref_type:branch:ref:main",
				"project_path:mallory/org/repo:ref_type:branch:ref:main",
				"project_path:mallory/repo:ref_type:branch:ref:project_path/org/repo/ref_type/branch/ref/main",
				"project_path:xorg/repo:ref_type:branch:ref:main", "project_path:ORG/repo:ref_type:branch:ref:main",
				"project_path:org:ref_type:branch:ref:main", "project_path:org/repo:ref_type:tag:ref:main",
				"project_path:org/repo:ref_type:branch:ref:mallory/main", "project_path:org/repo:ref:main",
				"project_path:org/repo:ref_type:branch", "project_path:org/repo",
				"project_path:46573356:ref_type:branch:ref:main", "project_id:465733560:ref_type:branch:ref:main",
				"project_id:4657335:ref_type:branch:ref:main", "project_id:org/repo:ref_type:branch:ref:main",
				"project_id:46573356:ref:main", "project_id:1:project_id:46573356:ref_type:branch:ref:main",
				"namespace_id:1:" + main, main + ":ref_protected:true", " " + main, main + "\n",
			} {
				token := ci.With(documented(),
					map[string]any{"sub": sub, "iss": trusts[0].Issuer(), "aud": trusts[0].Issuer()})
				if in := citest.Admitted(trusts, citest.InAWS, token); in || trusts[0].Admits(token) {
					t.Errorf("%v admits %q", words, sub)
				}
			}
		}
	}
}

// What an outsider may write: the path and the branches of a fork, and merge requests of it, whose pipelines have the
// fork's path. None of it reaches the open end of a prefix, because git allows no ":" in a ref, and a path has none.
// Sources: https://gitlab.com/gitlab-org/gitlab/-/issues/548165,
// https://docs.gitlab.com/ci/secrets/id_token_authentication/
func TestAForkOrItsMergeRequestDoesNotGetInByAPrefixOfBranches(t *testing.T) {
	for _, written := range []object{
		gitlab(object{"path": web, "id": "46573356", "branches": list{"main*"}}),
		onInstance(gitlab(object{"path": web, "branches": list{"main*"}}), instance),
		gitlab(object{"id": "46573356", "branches": list{"main*"}}),
	} {
		trusts := suite.MustRead(t, written, citest.InAWS)
		token := func(sub string) map[string]any {
			return ci.With(documented(), map[string]any{
				"sub":             sub,
				"iss":             trusts[0].Issuer(),
				"aud":             trusts[0].Issuer(),
				"pipeline_source": "merge_request_event",
			})
		}
		for _, sub := range []string{
			"project_path:mallory/repo:ref_type:branch:ref:main-1",
			"project_path:mallory/org/repo:ref_type:branch:ref:main", "project_id:86660001:ref_type:branch:ref:main",
			"project_path:org/repo:ref_type:branch:ref:refs/merge-requests/1/head",
			"project_path:org/repo:ref_type:branch:ref:mallory/main", "project_path:org/repo:ref_type:tag:ref:main-1",
			"job_project_path:org/repo:ref_type:branch:ref:main",
			"source_project_path:org/repo:ref_type:branch:ref:main",
			"project_path:mallory/repo:job_project_path:org/repo:ref_type:branch:ref:main",
			"project_id:86660001:project_path:org/repo:ref_type:branch:ref:main",
		} {
			if citest.Admitted(trusts, citest.InAWS, token(sub)) || trusts[0].Admits(token(sub)) {
				t.Errorf("%v admits %s", written, sub)
			}
		}
		for _, begin := range []string{"project_path:org/repo", "project_id:46573356"} {
			for _, ref := range []string{"mainhacker:evil", "main:mallory/repo:ref_type:branch:ref:main",
				"main:job_project_path:mallory/repo"} {
				if sub := begin + ":ref_type:branch:ref:" + ref; trusts[0].Admits(token(sub)) {
					t.Errorf("the words of the grant go beyond the separator: %s", sub)
				}
			}
		}
	}
}
