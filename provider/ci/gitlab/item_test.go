package gitlab

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

func TestWhatIsWrongWithAGitLabInstanceOrProjectIsSaidWithItsRemedy(t *testing.T) {
	const (
		https = "must begin with https://, as AWS takes no other issuer"
		slash = "ends in a slash, which GitLab does not write into iss"
		port  = "has a port or a password; IAM takes no issuer with a port"
		form  = "is not a URL that AWS could reach: full domain and path alone, without wildcard, query and " +
			"fragment, at most 255 characters"
		own     = "is not the issuer of gitlab.com, which is https://gitlab.com"
		pathURL = "is a URL; " + pathHelp
		wild    = "has a wildcard; a trust names each project, because a wildcard takes in those that " +
			"anybody may create later: " + pathHelp
		more    = "names more than a project: which refs are trusted is said by branches and tags; " + pathHelp
		noGroup = "names no project of a group or user; " + pathHelp
		noPath  = "is not the path of a project; " + pathHelp
		noID    = `must be the number that the project's page shows as Project ID, such as "46573356"`
	)
	good := object{"path": web, "id": "46573356", "branches": list{"main"}}
	for _, c := range []struct{ word, text, rule string }{
		{"url", "http://gitlab.example.com", https}, {"url", "gitlab.example.com", https}, {"url", "", https},
		{"url", "HTTPS://gitlab.example.com", https}, {"url", "https://gitlab.com/", slash},
		{"url", "https://gitlab.example.com/git/", slash},
		{"url", "https://gitlab.example.com:8443", port}, {"url", "https://root:x@gitlab.example.com", port},
		{"url", "https://*.example.com", form}, {"url", "https://gitlab.example.com?x=1", form},
		{"url", "https://gitlab.example.com#x", form}, {"url", "https://${x}.example.com", form},
		{"url", "https://", slash}, {"url", "https://gitlab.example.com//git", form}, {"url", "https://gitlab", form},
		{"url", "https://gitlab.example.com/a/../b", form}, {"url", "https://gitlab.example.com\n", form},
		{"url", "https://x" + strings.Repeat("y", 250), form}, {"url", "https://GitLab.com", own},
		{"url", "https://www.gitlab.com", own}, {"url", "https://gitlab.com/acme", own},
		{"path", "https://gitlab.com/acme/web", pathURL}, {"path", "git@gitlab.com:acme/web", pathURL},
		{"path", "acme/web.git", pathURL}, {"path", "acme/*", wild}, {"path", "acme/we?", wild},
		{"path", "acme/${x}", "must not contain ${, which IAM would read as a policy variable; " + pathHelp},
		{"path", "acme/web:ref_type:branch:ref:main", more}, {"path", "project_path:acme/web", more},
		{"path", "web", noGroup}, {"path", "", noGroup}, {"path", "/acme/web", noPath}, {"path", "acme/web/", noPath},
		{"path", "acme//web", noPath}, {"path", "acme/we b", noPath}, {"path", "acme/日本", noPath},
		{"path", "acme/web\n", noPath}, {"path", "acme/w\x00b", noPath},
		{"id", "", noID}, {"id", "web", noID}, {"id", "0", noID}, {"id", "046", noID}, {"id", "-1", noID},
		{"id", "46573356\n", noID}, {"id", "4657*", noID}, {"id", "4.6e7", noID}, {"id", strings.Repeat("9", 20), noID},
	} {
		words, at := maps.Clone(good), "gitlab.projects[0]."+c.word
		words[c.word] = c.text
		written := gitlab(words)
		if c.word == "url" {
			written, at = onInstance(gitlab(good), c.text), "gitlab.url"
			c.rule += "; " + issuerURL.Help
		}
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, c.text, lines,
			[]string{at + ": " + c.rule + " " + input.Got(input.Value{Scalar: c.text})})
	}
	for _, url := range []string{issuer, instance, instance + "/git/lab", "https://gitlab.com.example",
		"https://notgitlab.com"} {
		suite.Proved(t, onInstance(gitlab(good), url))
	}
	for _, path := range []string{"a/b", "acme/platform/team/web", "_x/.y", "a-b.c/d_e--f", "acme/web.github.io",
		"é/b"} {
		citest.Accepted(t, path, "")
		suite.Proved(t, gitlab(object{"path": path, "branches": list{"main"}}))
	}
}

func TestAGitLabProjectNeedsItsNameAndTheRefsThatDeploy(t *testing.T) {
	_, lines := suite.Read(gitlab(object{}), citest.InAWS)
	citest.SameStrings(t, "nothing", lines, []string{
		"gitlab.projects[0].branches: is missing, and so are tags and mergeRequests: true; give at least one of " +
			"them, to say which jobs of the project are trusted: a branch does not cover the pipelines of tags, " +
			"and a tag not those of branches",
		"gitlab.projects[0].path: is missing, and so is id; give path, such as acme/platform/web, and on gitlab.com " +
			"also id. id alone trusts projects whose ci_id_token_sub_claim_components begins with project_id",
	})
	for _, words := range []object{
		{"path": citest.Unknown{}, "branches": list{"main"}},
		{"path": web, "id": citest.Unknown{}, "branches": list{"main"}},
		{"path": web, "id": "1", "branches": citest.Unknown{}},
		{"id": citest.Unknown{}, "tags": list{citest.Unknown{}}},
	} {
		for _, written := range []object{gitlab(words), onInstance(gitlab(words), citest.Unknown{})} {
			if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) > 0 {
				t.Errorf("%v: something is granted before it is known: %v", written, ci.Sentences(trusts))
			}
		}
	}
	trusts := suite.MustRead(t, onInstance(gitlab(object{"path": web, "branches": list{"main"}}), citest.Unknown{}),
		citest.InAWS)
	if trusts[0].Issuer() != "" || len(trusts[0].Grants) > 0 || len(trusts[0].Audiences()) > 0 {
		t.Errorf("an instance that is not known yet is taken for %q", trusts[0].Issuer())
	}
}

func TestAProjectThatIsNamedTwiceIsNotLooserForTheSecondTime(t *testing.T) {
	const again = `gitlab.projects[1].path: is the path of an item before it, which gives another id or none; write ` +
		`the same id in both, or one item (found "org/repo")`
	for _, c := range []struct {
		first, second any
		want          []string
	}{
		{"7", "7", []string{}}, {nil, nil, []string{}}, {"7", citest.Unknown{}, []string{}},
		{citest.Unknown{}, "7", []string{}}, {"7", nil, []string{again}}, {nil, "7", []string{again}},
		{"7", "8", []string{again}},
	} {
		var items list
		for i, id := range []any{c.first, c.second} {
			item := object{"path": web, "branches": list{fmt.Sprint("b", i)}}
			if id != nil {
				item["id"] = id
			}
			items = append(items, item)
		}
		_, lines := suite.Read(object{"gitlab": object{"projects": items}, "acceptRisks": list{"gitlab-path-subject"}},
			citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.first, c.second), lines, c.want)
	}
}
