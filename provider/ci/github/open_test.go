package github

import (
	"math/rand/v2"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// open is the suite of trusts whose policies have a "*" in the place of a repository's name: what stands there counts
// only as far as GitHub could write it.
var open = citest.Suite{
	System:   System{},
	Matrix:   openMatrix(),
	Mintable: func(string) bool { return true }, // what stands in the place of the "*" is the issuer's to write
	Jobs: func(ci.Account) []map[string]any {
		r := rand.New(rand.NewPCG(19, 20))
		jobs := make([]map[string]any, 400)
		for i := range jobs {
			jobs[i] = repositories.randomJob(r)
		}
		return jobs
	},
}

// openMatrix are trusts by ids alone, and of organizations.
func openMatrix() []object {
	ids, actor := object{"identify": "ids"}, object{"actors": list{mona}}
	main, prod := object{"branches": list{"main"}}, object{"environments": list{"prod"}}
	several := object{"branches": list{"release/*"}, "environments": list{"prod"}, "pullRequests": true}
	narrow := object{"workflows": list{acmePinned, acmeDeploy}, "actors": list{mona, "42"}}
	var rows []object
	for _, words := range []object{
		main, prod, several, merged(several, narrow), {"pullRequests": true}, {"mergeQueue": list{"main"}},
		{"branches": list{"*"}, "tags": list{"v*"}, "environments": list{"*"}}, {"environments": list{"a:b", "a*"}},
		{"tags": list{"web-v*"}, "workflows": list{"acme/web/.github/workflows/deploy.yml@refs/tags/web-v*"}},
	} {
		rows = append(rows, at(ids, acmeWeb, words))
	}
	pinned, movable := object{"workflows": list{acmePinned}}, object{"workflows": list{acmeDeploy, acmePinned}}
	for _, words := range []object{
		merged(main, pinned), merged(prod, movable), merged(object{"tags": list{"v*"}}, pinned),
		merged(object{"branches": list{"release/*"}, "environments": list{"a:b", "a*"}}, pinned),
		merged(object{"branches": list{"*"}}, pinned),
	} {
		rows = append(rows, object{"github": object{"organizations": list{
			merged(object{"organization": "acme@1234567"}, words),
		}}})
	}
	return append(rows,
		object{"github": object{
			"audiences":    list{"sts.amazonaws.com", "x"},
			"repositories": list{merged(object{"repository": acmeWeb}, several, pinned)},
			"organizations": list{
				merged(object{"organization": "acme@1234567"}, main, pinned),
				merged(object{"organization": "acme2@12345678"}, prod, pinned),
			},
		}},
		object{"github": object{
			"identify":      "ids",
			"repositories":  list{merged(object{"repository": acmeWeb}, several)},
			"organizations": list{merged(object{"organization": "acme@1234567"}, prod, movable)},
		}},
		at(merged(ids, object{"enterprise": "acme-inc"}), acmeWeb, several),
		at(merged(ids, object{"hostname": "acme.ghe.com", "enterprise": "acme"}), acmeWeb, several),
		at(merged(ids, object{"audiences": list{"sts.amazonaws.com", "x"}}), acmeWeb, several),
		object{"github": object{"identify": "ids", "repositories": list{
			merged(object{"repository": acmeWeb}, several), merged(object{"repository": acmeAPI}, main),
			merged(object{"repository": "acme2@12345678/web@7"}, main, actor),
		}}},
	)
}

func TestAPolicyWithAStarForTheNameAgreesWithItsGrants(t *testing.T) { open.Together(t) }

func TestEveryPolicyWithAStarForTheNameIsProvedInBothForms(t *testing.T) {
	for _, written := range open.Matrix {
		for _, compacted := range []bool{false, true} {
			trusts := suite.MustRead(t, written, citest.InAWS)
			trusts[0].Compacted = trusts[0].Compacted || compacted
			policy := ci.Compile(trusts, citest.InAWS, nil)
			if err := ci.Prove(policy, trusts, citest.InAWS); err != nil {
				t.Errorf("%v, compact %v: %v\n%s", written, trusts[0].Compacted, err, policy.JSON())
			}
		}
	}
}
