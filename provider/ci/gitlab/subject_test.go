package gitlab

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestACustomisedGitLabSubjectIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 20000 {
		form, project := byID, fmt.Sprint(1+r.IntN(1e9))
		if r.IntN(2) == 0 {
			form = byPath
			project = citest.RandomText(r, citest.RepositoryLetters, 10) +
				strings.Repeat("/"+citest.RandomText(r, citest.RepositoryLetters, 10), 1+r.IntN(3))
		}
		further := ""
		for range r.IntN(3) {
			further += []string{":ref_protected:true", ":environment_protected:false", ":deployment_tier:production",
				":deployment_tier:"}[r.IntN(4)]
		}
		want := []string{project, []string{"branch", "tag"}[r.IntN(2)], citest.RandomText(r, citest.RefLetters, 30),
			further}
		sub := form.Build(want...)
		if got, ok := form.Parse(sub); !ok || !slices.Equal(got, want) {
			t.Fatalf("%q was read as %q (%v), want %q", sub, got, ok, want)
		}
	}
}

func TestNoPathOrRefGivesAJobTheSubjectOfAnotherProject(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "project", "project id", "ref type", "ref", "rest"), nil)
}

func TestAGitLabPathDoesNotImplyTheProjectsIDAndASubjectWithTheIDDoes(t *testing.T) {
	for sub, want := range map[string]bool{
		main:                      false,
		"project_path:org/repo:*": false,
		"project_path:46573356/46573356:ref_type:branch:ref:main": false,
		"project_id:46573356:ref_type:branch:ref:main":            true,
		"project_id:4657335?:ref_type:branch:ref:main":            false,
		"project_*:46573356:ref_type:branch:ref:main":             true, // no path is one name alone
		"*:ref_type:branch:ref:main":                              false,
	} {
		if got := ci.Implies((System{}).Forms(), sub, idClaim, "46573356"); got != want {
			t.Errorf("%s: %v", sub, got)
		}
	}
	// Whatever a subject says, the policy of many projects has their ids.
	trusts := suite.MustRead(t, gitlabOf(object{"projects": many(3, onMain)}), citest.InAWS)
	if text := ci.Compile(trusts, citest.InAWS, nil).JSON(); strings.Count(text, ":project_id\"") != 1 {
		t.Errorf("%s", text)
	}
}

func FuzzGitLabSubject(f *testing.F) {
	for _, seed := range []string{
		main, "project_id:46573356:ref_type:tag:ref:v1.0", main + ":ref_protected:true:deployment_tier:production",
		"project_path:a/b:ref_type:branch:ref:x:y", "project_id:a/b:ref_type:branch:ref:x",
		"project_path::ref_type:branch:ref:", "project_path:a:ref:b:ref_type:tag",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sub string) {
		for _, form := range (System{}).Forms() {
			texts, ok := form.Parse(sub)
			if ok && form.Build(texts...) != sub {
				t.Fatalf("%q is built back as %q", sub, form.Build(texts...))
			}
			if ok && strings.Contains(texts[0]+texts[1]+texts[2], ":") {
				t.Fatalf("%q is read as %q", sub, texts)
			}
		}
	})
}
