package buildkite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Pipeline 2 is trusted on its tags alone. With the slug of pipeline 1, which was given up, it would get in on main if
// the policy had one list of slugs beside one list of ids.
func TestBuildkitePipelineTwoWithPipelineOnesSlugGetsNothingThatItIsNotTrustedWith(t *testing.T) {
	main := object{"branches": list{"main"}}
	one := numbered("one", 1, main)
	for what, items := range map[string]list{
		"tags":     {one, numbered("two", 2, object{"tags": list{"v*"}})},
		"prefixes": {one, numbered("two", 2, object{"branches": list{"main*", "dev"}})},
		"among alike ones": {
			one, numbered("two", 2, object{"branches": list{"dev"}}), numbered("three", 3, main),
			numbered("four", 4, main),
		},
	} {
		written := object{"buildkite": object{"organization": "acme-inc", "pipelines": items}}
		suite.Proved(t, written)
		trusts := suite.MustRead(t, written, citest.InAWS)
		job := func(n int) map[string]any {
			id, _ := numbered("", n, nil)["id"].(string)
			return pipeline{"acme-inc", "one", id}.job(reference{ci.Branches, ci.Name{Text: "main"}},
				[]string{audience}).claims()
		}
		for n, want := range map[int]bool{1: true, 2: false, 9: false} {
			if citest.Admitted(trusts, citest.InAWS, job(n)) != want || trusts[0].Admits(job(n)) != want {
				t.Errorf("%s: pipeline %d with pipeline 1's slug must get %v", what, n, want)
			}
		}
		policy := ci.Compile(trusts, citest.InAWS, nil).JSON()
		second, _ := numbered("", 2, nil)["id"].(string)
		first, _ := numbered("", 1, nil)["id"].(string)
		merged, err := trust.ParsePolicy([]byte(strings.ReplaceAll(
			strings.ReplaceAll(policy, `:pipeline_id":"`+first+`"`, `:pipeline_id":["`+first+`","`+second+`"]`),
			`:pipeline_id":["`+first+`"`, `:pipeline_id":["`+first+`","`+second+`"`)))
		if err != nil {
			t.Fatal(err)
		}
		if merged.JSON() == policy || ci.Prove(merged, trusts, citest.InAWS) == nil {
			t.Errorf("%s: the proof passes %s", what, merged.JSON())
		}
	}
}

func TestFifteenPipelinesByIDFitTheDefaultQuotaAndOnlyListedIDsGetIn(t *testing.T) {
	var items list
	for n := range 15 {
		items = append(items, numbered(fmt.Sprintf("web%d", n), n, object{"branches": list{"main"}}))
	}
	trusts := suite.MustRead(t,
		object{"buildkite": object{"organization": "acme-inc", "pipelines": items}}, citest.InAWS)
	policy := ci.Compile(trusts, citest.InAWS, nil)
	if len(policy.Statements) != 1 || trust.Size(policy.JSON()) > trust.DefaultMaxLength {
		t.Errorf("%d characters: %s", trust.Size(policy.JSON()), policy.JSON())
	}
	for n, want := range map[int]bool{7: true, 15: false} {
		id, _ := numbered("", n, nil)["id"].(string)
		token := pipeline{"acme-inc", fmt.Sprintf("web%d", n), id}.job(reference{ci.Branches, ci.Name{Text: "main"}},
			[]string{audience}).claims()
		if citest.Admitted(trusts, citest.InAWS, token) != want {
			t.Errorf("pipeline %d must get %v", n, want)
		}
	}
}
