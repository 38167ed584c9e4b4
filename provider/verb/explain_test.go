package verb_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

const (
	github       = "token.actions.githubusercontent.com"
	organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	project      = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"
	user         = "9d1f3c52-0b7a-4e51-8c9e-6a2b7f4d1e03"
	circleci     = "oidc.circleci.com/org/" + organization
)

type object = map[string]any

// statement trusts tokens of an issuer with one subject, and further exact claims.
func statement(partition, host, operator, sub string, more object) object {
	equals := object{host + ":aud": "sts.amazonaws.com"}
	for claim, value := range more {
		equals[host+":"+claim] = value
	}
	conditions := object{"StringEquals": equals}
	if sub != "" {
		if operator == "StringEquals" {
			equals[host+":sub"] = sub
		} else {
			conditions[operator] = object{host + ":sub": sub}
		}
	}
	return object{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions,
		"Principal": object{"Federated": "arn:" + partition + ":iam::123456789012:oidc-provider/" + host},
	}
}

func document(statements ...object) []byte {
	raw, _ := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	return raw
}

// noon is when the tokens of these tests are used.
var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// whole are claims with what every token has besides.
func whole(claims object) object {
	all := object{"iat": noon.Unix() - 10, "exp": noon.Unix() + 290}
	maps.Copy(all, claims)
	return all
}

func explain(t *testing.T, policy []byte, claims object) string {
	t.Helper()
	raw, _ := json.Marshal(whole(claims))
	e, err := verb.Evaluate(verb.Question{TrustPolicy: policy, Claims: raw, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(e.Explanation, "\n")
}

func TestExplanationsReadLikeAColleague(t *testing.T) {
	const web, ids = "repo:acme/web:", "repo:acme@1234567/web@89012345:"
	of := func(sub string, more ...object) object {
		claims := object{"iss": "https://" + github, "aud": "sts.amazonaws.com", "sub": sub}
		for _, m := range more {
			maps.Copy(claims, m)
		}
		return claims
	}
	trusts := func(sub string) []byte {
		operator := "StringEquals"
		if strings.ContainsAny(sub, "*?") {
			operator = "StringLike"
		}
		return document(statement("aws", github, operator, sub, nil))
	}
	circle := "org/" + organization + "/project/" + project + "/user/"
	pattern := circle + strings.Repeat("?", 36) + "/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main"
	circleTrust := document(statement("aws", circleci, "StringLike", pattern, nil))
	circleToken := func(rest string) object {
		return object{"iss": "https://" + circleci, "aud": "sts.amazonaws.com", "sub": circle + user + rest}
	}
	for name, c := range map[string]struct {
		policy []byte
		claims object
		want   string
	}{
		"the example of the issue, word for word": {
			document(statement("aws", github, "StringLike", web+"ref:refs/heads/main", nil)),
			of(web + "environment:production"),
			"statement 1: sub: wants branch \"main\", the token has environment \"production\": a job with " +
				"`environment:` never carries its branch in sub",
		},
		"letter case": {trusts(web + "ref:refs/heads/main"), of("repo:Acme/Web:ref:refs/heads/main"),
			"they differ in letter case alone, and AWS compares letter by letter"},
		"letter case in a pattern": {trusts(web + "ref:refs/heads/release/*"), of(web + "ref:refs/heads/Release/1"),
			"they differ in letter case alone"},
		"ids, and none are trusted": {trusts(web + "ref:refs/heads/main"), of(ids + "ref:refs/heads/main"),
			"the subject carries ids; write them, if they are the repository's own"},
		"no ids, and ids are trusted": {trusts(ids + "ref:refs/heads/main"), of(web + "ref:refs/heads/main"),
			"the repository sends subjects without ids, and only those with ids are trusted"},
		"registered again": {trusts(ids + "ref:refs/heads/main"), of("repo:acme@1234567/web@99:ref:refs/heads/main"),
			`repository id: wants "89012345", the token has "99": the repository's name was registered again`},
		"a branch, and an environment": {trusts(web + "environment:production"), of(web + "ref:refs/heads/main"),
			`sub: wants environment "production", the token has branch "main": the job names no environment`},
		"another environment": {trusts(web + "environment:production"), of(web + "environment:staging"),
			`environment: wants "production", the token has "staging"`},
		"a pull request": {trusts(web + "ref:refs/heads/main"), of(web + "pull_request"), "a pull_request run " +
			"carries no branch, and its code may be of anybody"},
		"a tag": {trusts(web + "ref:refs/heads/main"), of(web + "ref:refs/tags/v1"),
			"the run was started by a tag"},
		"another branch": {trusts(web + "ref:refs/heads/main"), of(web + "ref:refs/heads/dev"),
			`branch: wants "main", the token has "dev"`},
		"another repository": {trusts(web + "ref:refs/heads/main"), of("repo:acme/api:ref:refs/heads/main"),
			`repository: wants "web", the token has "api": it is another repository than the trusted ones`},
		"any branch, another repository": {trusts(web + "*"), of("repo:acme/api:ref:refs/heads/main"),
			`repository: wants "web", the token has "api": it is another repository than the trusted ones`},
		"a customised subject": {trusts(web + "ref:refs/heads/main"), of(web + "ref:refs/heads/main:workflow:deploy"),
			"the subject is not of GitHub's default form"},
		"the audience": {trusts(web + "ref:refs/heads/main"),
			of(web+"ref:refs/heads/main", object{"aud": "https://github.com/acme"}), `statement 1: aud: wants ` +
				`"sts.amazonaws.com", the token has "https://github.com/acme": the workflow asks for the audience`},
		"a missing claim": {document(statement("aws", github, "", "", object{"environment": "production"})),
			of(web + "ref:refs/heads/main"), `environment must be "production", the token has none`},
		"a key that AWS never fills": {
			document(statement("aws", github, "", "", object{"repository_owner": "acme"})),
			of(web+"pull_request", object{"repository_owner": "acme"}),
			"repository_owner must be \"acme\", and AWS never fills this key for the issuer even though the token " +
				"has the claim: the condition can never hold",
		},
		"a key outside the aws partition": {
			document(statement("aws-cn", github, "", "", object{"repository_id": "1"})),
			of(web+"pull_request", object{"repository_id": "1"}),
			"repository_id must be \"1\", and AWS fills this key in the partition aws only, not in aws-cn",
		},
		"another issuer": {
			trusts(web + "ref:refs/heads/main"), of(web+"ref:refs/heads/main", object{"iss": "https://gitlab.com"}),
			"statement 1: its principal is arn:aws:iam::123456789012:oidc-provider/" + github +
				", and the token is from the issuer gitlab.com",
		},
		"an issuer with a slash": {
			trusts(web + "ref:refs/heads/main"),
			of(web+"ref:refs/heads/main", object{"iss": "https://" + github + "/"}),
			"AWS compares issuers letter by letter, a trailing slash included",
		},
		"the closest of several": {
			document(statement("aws", "gitlab.com", "StringEquals", "x", nil), statement("aws", github, "StringEquals",
				web+"ref:refs/heads/main", object{"environment": "x", "actor": "y"}),
				statement("aws", github, "StringEquals", web+"ref:refs/tags/v1", nil)), of(web + "ref:refs/heads/dev"),
			`statement 3 came closest: sub: wants tag "v1", the token has branch "dev"`,
		},
		"CircleCI's short token": {circleTrust, circleToken(""),
			"the token has the short form. Use CIRCLE_OIDC_TOKEN_V2"},
		"CircleCI, a fork": {circleTrust, circleToken("/vcs-origin/github.com/mallory/web/vcs-ref/refs/heads/main"),
			`origin: wants "github.com/acme/web", the token has "github.com/mallory/web": the job was built from ` +
				"a fork or another repository\na stranger's job, refused as meant: it was built from a " +
				"repository of somebody else's"},
		"CircleCI, a branch": {circleTrust, circleToken("/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/dev"),
			`branch: wants "main", the token has "dev"`},
		"CircleCI, a tag": {circleTrust, circleToken("/vcs-origin/github.com/acme/web/vcs-ref/refs/tags/v1"),
			`ref: wants "refs/heads/main", the token has "refs/tags/v1"`},
		"CircleCI, V2 on a policy for the short form": {
			document(statement("aws", circleci, "StringLike", circle+strings.Repeat("?", 36), nil)),
			circleToken("/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/dev"),
			"the subject has origin and ref, and only the short form is trusted",
		},
		"CircleCI, another project": {circleTrust, object{
			"iss": "https://" + circleci,
			"aud": "sts.amazonaws.com",
			"sub": strings.Replace(circle, project, user, 1) + user,
		}, "the project is not trusted"},
	} {
		if got := explain(t, c.policy, c.claims); !strings.Contains(got, c.want) ||
			strings.HasPrefix(name, "the example") && !strings.HasPrefix(got, c.want+"\n") {
			t.Errorf("%s:\nexpected %s\n     got %s", name, c.want, got)
		}
	}
}

func TestAnExplanationPutsTheClosestStatementFirst(t *testing.T) {
	policy := document(
		statement("aws", "gitlab.com", "StringEquals", "x", nil),
		statement("aws", github, "StringEquals", "repo:acme/web:ref:refs/heads/main", object{"environment": "x"}),
		statement("aws", github, "StringEquals", "repo:acme/web:ref:refs/heads/main", nil))
	lines := strings.Split(explain(t, policy,
		object{"iss": "https://" + github, "aud": "sts.amazonaws.com", "sub": "repo:acme/web:pull_request"}), "\n")
	for i, want := range []string{"statement 3 came closest: sub", "the other 2 statements"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: expected %q, got %q", i+1, want, lines[i])
		}
	}
}

func TestPartialClaimsWithoutIssAreJudgedAsThePolicysOnlyProvider(t *testing.T) {
	policy := document(statement("aws", github, "StringEquals", "repo:acme/web:pull_request", nil))
	e, err := verb.Evaluate(verb.Question{
		TrustPolicy: policy,
		Claims:      []byte(`{"aud":"sts.amazonaws.com","sub":"repo:acme/web:pull_request"}`),
		Partial:     true,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(e.Explanation, "\n")
	if !strings.Contains(got, "statement 1 allows this token") ||
		!strings.Contains(got, "the claims have no iss; they were judged as a token of https://"+github) {
		t.Error(got)
	}
}
