package all

import (
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// BenchmarkCheckOf600Repositories is what a preview of a big trust costs: the readable form, as it is checked while the
// quota is not known yet, and the compact form at the highest quota.
func BenchmarkCheckOf600Repositories(b *testing.B) {
	account := ci.Account{Partition: "aws"}
	for _, form := range []struct {
		name    string
		quota   input.Value
		compact bool
	}{
		{"readable", input.Value{Present: true}, false},
		{"compact", input.Value{Present: true, Known: true, Scalar: 8192.0}, true},
	} {
		b.Run(form.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var problems input.Problems
				trusts := Registry().Read(citest.Tree("", fleet(600, "acme@1234567/service-%03d@89012%03[1]d")),
					account, &problems)
				if err := ci.Check(trusts, account, form.quota, &problems); err != nil || problems.Len() > 0 {
					b.Fatal(err, problems.Sorted())
				}
				if trusts[0].Compacted != form.compact {
					b.Fatalf("compacted: %v", trusts[0].Compacted)
				}
			}
		})
	}
}

// counted has a check count how often it makes a grant's tokens and how often it asks a grant whether it admits one.
func counted(trusts []ci.Trust) (made, asked *int) {
	made, asked = new(int), new(int)
	for i := range trusts {
		for k := range trusts[i].Grants {
			g := &trusts[i].Grants[k]
			tokens, admits := g.Tokens, g.Admits
			g.Tokens = func() []ci.Token { *made++; return tokens() }
			g.Admits = func(claims map[string]any) bool { *asked++; return admits(claims) }
			if g.Compact == nil {
				continue
			}
			compact := *g.Compact
			admitsCompact := compact.Admits
			compact.Admits = func(claims map[string]any) bool { *asked++; return admitsCompact(claims) }
			g.Compact = &compact
		}
	}
	return made, asked
}

// A trust of 600 repositories took 4.8 s and 2 GB: tokens were made up to three times, and each near miss that got in
// rightly was tried on every grant. One of the repositories is the one that the near misses of all others are made of.
func TestACheckMakesTheTokensOfAGrantOnceAndFindsTheGrantOfANearMissWithoutAskingAll(t *testing.T) {
	for _, quota := range []input.Value{{Present: true}, {Present: true, Known: true, Scalar: 8192.0}} {
		perGrant := map[int]int{}
		for _, n := range []int{100, 400} {
			written := fleet(n, "acme@1234567/service-%03d@89012%03[1]d")
			repositories := written["github"].(object)["repositories"].(list)
			for _, repository := range []string{"acme@1234567/other@667", "acme@1234567/wide@668"} {
				repositories = append(repositories, object{
					"repository": repository, "branches": list{"main", "release/*"}, "pullRequests": !quota.Known,
				})
			}
			written["github"].(object)["repositories"] = repositories
			trusts := mustRead(t, written, citest.InAWS)
			made, asked := counted(trusts)
			var problems input.Problems
			if err := ci.Check(trusts, citest.InAWS, quota, &problems); err != nil || problems.Len() > 0 {
				t.Fatal(err, problems.Sorted())
			}
			if trusts[0].Compacted != quota.Known {
				t.Errorf("%d repositories: compact %v", n, trusts[0].Compacted)
			}
			if *made != len(trusts[0].Grants) {
				t.Errorf("%d repositories: the tokens of %d grants were made %d times", n, len(trusts[0].Grants), *made)
			}
			perGrant[n] = *asked / len(trusts[0].Grants)
		}
		if perGrant[100] == 0 || perGrant[400] > perGrant[100]+perGrant[100]/10 {
			t.Errorf("quota known %v: for each grant %v grants were asked; with four times the grants "+
				"it must stay the same",
				quota.Known, perGrant)
		}
	}
}
