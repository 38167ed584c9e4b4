package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

func parsed(t testing.TB, document string) *trust.Policy {
	t.Helper()
	p, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return p
}

// subs is a condition on subjects beside that of the audience.
func subs(subjects ...string) string {
	return aud + `,"StringLike":{"KEY:sub":["` + strings.Join(subjects, `","`) + `"]}`
}

// tagging is the same statement with sts:TagSession as its action.
func tagging(statement string) string {
	return strings.Replace(statement, "sts:AssumeRoleWithWebIdentity", "sts:TagSession", 1)
}

// compared holds each difference against both policies, and returns the subjects of the witnesses, sorted.
func compared(t *testing.T, before, after string) (c *audit.Comparison, admitted, refused []string) {
	t.Helper()
	first, second := parsed(t, before), parsed(t, after)
	c = audit.Compare(all.Registry(), first, second)
	for _, side := range []struct {
		audit.Contrast
		subjects  *[]string
		by, other *trust.Policy
	}{{c.Admitted, &admitted, second, first}, {c.Refused, &refused, first, second}} {
		for _, d := range slices.Concat(side.Differences, side.Beyond) {
			if side.by.Decide(d.Request) != trust.Allowed || side.other.Decide(d.Request) != trust.Denied {
				t.Errorf("the witness shows nothing: %+v of\n%s\n%s", d, before, after)
			}
		}
		for _, d := range side.Differences {
			sub, _ := d.Witness.Claims["sub"].(string)
			*side.subjects = append(*side.subjects, sub)
		}
		slices.Sort(*side.subjects)
	}
	return c, admitted, refused
}

func TestAChangeOfAPolicyIsFoundWithTheTokensThatItConcernsAndNoOthers(t *testing.T) {
	const (
		main    = "repo:acme/web:ref:refs/heads/main"
		develop = "repo:acme/web:ref:refs/heads/develop"
		api     = "repo:acme/api:ref:refs/heads/main"
		pull    = "repo:acme/web:pull_request"
	)
	one, two := policy(allow(github, subs(main))), policy(allow(github, subs(main, develop)))
	everything := allow(github, subs("repo:acme/web:*"))
	noPull := statement("Deny", provider(github), `"StringLike":{"KEY:sub":"`+pull+`"}`)
	for name, c := range map[string]struct {
		before, after     string
		admitted, refused []string
	}{
		"nothing":             {one, one, nil, nil},
		"a branch more":       {one, two, []string{develop}, nil},
		"a branch less":       {two, one, nil, []string{develop}},
		"another repository":  {one, policy(allow(github, subs(api))), []string{api}, []string{main}},
		"in two statements":   {two, policy(allow(github, subs(main)), allow(github, subs(develop))), nil, nil},
		"a value said twice":  {two, policy(allow(github, subs(develop, main, main))), nil, nil},
		"a statement inside":  {policy(everything), policy(everything, allow(github, subs(main))), nil, nil},
		"a value of no token": {one, policy(allow(github, subs(main, "repo:acme/web:main"))), nil, nil},
		"letter case": {one, strings.Replace(one, "StringLike", "StringEqualsIgnoreCase", 1),
			[]string{"repo:acme/web:ref:refs/heads/MAIN"}, nil},
		"a wildcard": {one, policy(allow(github, subs(main+"*"))),
			[]string{"repo:acme/web:ref:refs/heads/mainmain"}, nil},
		"no audience": {one, policy(allow(github, `"StringLike":{"KEY:sub":"`+main+`"}`)), []string{main}, nil},
		"an audience more": {one, strings.Replace(one, `"sts.amazonaws.com"`, `["sts.amazonaws.com","other"]`, 1),
			[]string{main}, nil},
		"two audiences more": {one, strings.Replace(one, `"sts.amazonaws.com"`,
			`["sts.amazonaws.com","other","third"]`, 1), []string{main, main}, nil},
		"two ids more, in statements of their own": {
			policy(allow(github, subs(main)+`,"StringEqualsIfExists":{"KEY:actor_id":"1"}`)),
			policy(allow(github, subs(main)+`,"StringEqualsIfExists":{"KEY:actor_id":"1"}`),
				allow(github, subs(main)+`,"StringEqualsIfExists":{"KEY:actor_id":"2"}`),
				allow(github, subs(main)+`,"StringEqualsIfExists":{"KEY:actor_id":"3"}`)),
			[]string{main, main}, nil,
		},
		"another audience": {one, strings.Replace(one, `"sts.amazonaws.com"`, `"other"`, 1), []string{main},
			[]string{main}},
		"a Deny less": {policy(everything, noPull), policy(everything), []string{pull}, nil},
		"a Deny that refuses nobody": {one, policy(allow(github, subs(main)), noPull),
			nil, nil},
		"a Deny in the place of values": {policy(everything, noPull), policy(everything,
			statement("Deny", provider(github), `"StringEquals":{"KEY:sub":"`+pull+`"}`)), nil, nil},
		"session tags": {one, policy(allow(github, subs(main)), tagging(allow(github, subs(main)))),
			[]string{main}, nil},
		"an address": {one, policy(allow(github, subs(main)+`,"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`)), nil,
			[]string{main}},
		"two halves of all addresses": {one, policy(
			allow(github, subs(main)+`,"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1","::/0"]}`)), nil, nil},
		"a date": {one, policy(allow(github, subs(main)+`,"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}`)),
			nil, []string{main}},
		"a session's name": {policy(allow(github, subs(main)+
			`,"ForAnyValue:StringLike":{"sts:RoleSessionName":"ci-*"}`)), one, []string{main}, nil},
		"another provider": {one, policy(allow("gitlab.com", subs("project_path:acme/web:ref_type:branch:ref:main"))),
			[]string{"project_path:acme/web:ref_type:branch:ref:main"}, []string{main}},
	} {
		t.Run(name, func(t *testing.T) {
			got, admitted, refused := compared(t, c.before, c.after)
			if !slices.Equal(admitted, c.admitted) || !slices.Equal(refused, c.refused) {
				t.Errorf("admitted %q, want %q; refused %q, want %q", admitted, c.admitted, refused, c.refused)
			}
			if len(got.Admitted.Undecided)+len(got.Refused.Undecided) > 0 ||
				got.Same() != (len(c.admitted)+len(c.refused) == 0) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestADifferenceSaysWhoAndWhy(t *testing.T) {
	c, _, _ := compared(t, policy(allow(github, subs("repo:acme/web:ref:refs/heads/main"))),
		policy(allow(github, subs("repo:mallory/x:pull_request")),
			allow(github, subs("repo:acme/web:ref:refs/heads/*"))))
	var said []string
	for _, d := range c.Admitted.Differences {
		said = append(said, fmt.Sprintf("%s %d %s %s", d.Issuer, d.Statement, d.Who, d.Why[0]))
	}
	for i, want := range []string{
		"GitHub Actions 2 owner acme, repository web, any branch, aud sts.amazonaws.com statement 1: sub must be like",
		"GitHub Actions 1 owner mallory, repository x, aud sts.amazonaws.com statement 1: sub must be like",
	} {
		if len(said) < 2 || !strings.HasPrefix(said[i], want) {
			t.Errorf("got %q, want %q", said, want)
		}
	}
	c, _, _ = compared(t, policy(allow(github, subs("repo:acme/web:*")+`,"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`)),
		policy(allow(github, subs("repo:acme/web:*"))))
	if call := c.Admitted.Differences[0].Witness.Call; !strings.HasPrefix(call, "called from ") {
		t.Errorf("the call is not told: %q", call)
	}
}

func TestAWeakenedPolicyIsNeverCalledNothing(t *testing.T) {
	const sub = `"StringLike":{"KEY:sub":"repo:acme/web:*"}`
	pinned := aud[:len(aud)-1] + `,"KEY:repository_id":"1"},` + sub
	good := policy(allow(github, pinned))
	deny := statement("Deny", provider(github), `"StringLike":{"KEY:sub":"*:pull_request"}`)
	everyone := `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`
	refusing := func(conditions string) string {
		return policy(allow(github, aud+","+sub), statement("Deny", provider(github), conditions))
	}
	anyHost := strings.ReplaceAll(good, `"Federated":"`, `"Federated":"*","Service":"`)
	for attack, after := range map[string]string{
		"the id may be missing": policy(allow(github, aud+","+sub+
			`,"StringEqualsIfExists":{"KEY:repository_id":"1"}`)),
		"all values of a claim that may be missing": policy(allow(github, aud+","+sub+
			`,"ForAllValues:StringEquals":{"KEY:repository_id":"1"}`)),
		"a Deny in the place of a pin": refusing(`"StringNotEqualsIfExists":{"KEY:repository_id":"1"},` +
			`"Null":{"KEY:repository_id":"false"}`),
		"a Deny on a key that AWS fills for nobody": refusing(`"StringNotEquals":{"KEY:repositoryid":"1"},` +
			`"Null":{"KEY:repositoryid":"false"}`),
		"all actions": strings.Replace(good, "sts:AssumeRoleWithWebIdentity", "sts:*", 1),
		"all actions but one": strings.Replace(good, `"Action":"sts:AssumeRoleWithWebIdentity"`,
			`"NotAction":"s3:*"`, 1),
		"every provider":           anyHost,
		"another account's":        strings.Replace(good, "123456789012", "210987654321", 1),
		"a name that is longer":    strings.Replace(good, "repo:acme/web:*", "repo:acme/web*", 1),
		"a statement far behind":   policy(allow(github, pinned), deny, deny, allow(github, subs("repo:evil/x:*"))),
		"everyone without a token": policy(allow(github, pinned), everyone),
		"a wildcard of the id": policy(allow(github,
			aud+`,"StringLike":{"KEY:sub":"repo:acme/web:*","KEY:repository_id":"1*"}`)),
	} {
		if c, _, _ := compared(t, good, after); c.Admitted.Nothing() || len(c.Admitted.Undecided) > 0 {
			t.Errorf("%s: %+v\n%s", attack, c, after)
		}
	}
	for harmless, after := range map[string]string{
		"letter case of a key": strings.ReplaceAll(good, ":repository_id", ":Repository_ID"),
		"letter case of an action": strings.Replace(good, "sts:AssumeRoleWithWebIdentity",
			"STS:assumerolewithwebidentity", 1),
		"a list of one": strings.Replace(good, `"repo:acme/web:*"`, `["repo:acme/web:*"]`, 1),
		"a Deny more":   policy(allow(github, pinned), deny),
	} {
		if c, _, _ := compared(t, good, after); !c.Admitted.Nothing() {
			t.Errorf("%s: %+v\n%s", harmless, c.Admitted, after)
		}
	}
}

func TestASubjectOfNoKnownFormIsANoteAndNoDifference(t *testing.T) {
	main := "repo:acme/web:ref:refs/heads/main"
	c, admitted, _ := compared(t, policy(allow(github, subs(main))),
		policy(allow(github, subs(main, "project:acme:branch:main"))))
	if len(admitted) > 0 || !c.Same() || len(c.Admitted.Beyond) != 1 ||
		c.Admitted.Beyond[0].Witness.Claims["sub"] != "project:acme:branch:main" {
		t.Errorf("%+v", c)
	}
	c, _, _ = compared(t, policy(allow("ci.example.org", subs("a"))), policy(allow("ci.example.org", subs("a", "b"))))
	if c.Same() || len(c.Admitted.Differences) != 1 || len(c.Admitted.Beyond) > 0 {
		t.Errorf("an issuer of which nothing is known writes any subject: %+v", c)
	}
}

func TestTheCompactFormOfGitHubIsHeldAgainstTheReadableOne(t *testing.T) {
	ids := `"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:repository_id":["1","2"],"KEY:repository_owner_id":"9"},`
	compact := allow(github, ids+`"StringLike":{"KEY:sub":"repo:acme@9/*:ref:refs/heads/main"}`)
	deny := statement("Deny", provider(github), `"StringLike":{"KEY:sub":"*:*:*:*:*"}`)
	readable := policy(allow(github, aud+`,"StringLike":{"KEY:sub":["repo:acme@9/*@1:ref:refs/heads/main",`+
		`"repo:acme@9/*@2:ref:refs/heads/main"]}`))
	_, admitted, refused := compared(t, readable, policy(compact, deny))
	for _, sub := range slices.Concat(admitted, refused) {
		if !strings.Contains(sub, "repo:acme@9/") {
			t.Errorf("%q is of another owner", sub)
		}
	}
	_, without, _ := compared(t, policy(compact, deny), policy(compact))
	if len(without) == 0 || slices.ContainsFunc(without, func(sub string) bool { return strings.Count(sub, ":") < 4 }) {
		t.Errorf("without its Deny the compact form admits what has five parts: %q", without)
	}
	c, more, less := compared(t, policy(compact, deny),
		policy(strings.Replace(compact, `["1","2"]`, `["1","2","3"]`, 1), deny))
	if len(less) > 0 || len(more) == 0 || slices.ContainsFunc(c.Admitted.Differences, func(d audit.Difference) bool {
		return d.Witness.Claims["repository_id"] != "3"
	}) {
		t.Errorf("an id more: %q %q", more, less)
	}
}

func TestPrincipalsThatAreNoWebIdentityAreComparedAsText(t *testing.T) {
	web := allow(github, subs("repo:acme/web:*"))
	user := `{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:root",` +
		`"arn:aws:iam::210987654321:root"]},"Action":["sts:AssumeRole","sts:TagSession"]}`
	one := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:assumerole"}`
	split := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":["sts:TagSession",` +
		`"sts:AssumeRole"]},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":` +
		`"sts:TagSession"}`
	if c, _, _ := compared(t, policy(web, user), policy(one, web, split)); !c.Same() {
		t.Errorf("the same in other statements: %+v", c)
	}
	c, _, _ := compared(t, policy(web, one), policy(web, user))
	if c.Same() || len(c.Admitted.Others) != 3 || len(c.Refused.Others) != 0 || len(c.Admitted.Differences) > 0 {
		t.Errorf("%+v", c)
	}
	condition := strings.Replace(one, `"Action"`, `"Condition":{"StringEquals":{"sts:ExternalId":"x"}},"Action"`, 1)
	if c, _, _ = compared(t, policy(web, condition), policy(web, one)); len(c.Admitted.Others) != 1 {
		t.Errorf("a condition less: %+v", c)
	}
	deny := strings.Replace(user, "Allow", "Deny", 1)
	if c, _, _ = compared(t, policy(web, one, deny), policy(web, one)); len(c.Admitted.Others) != 4 {
		t.Errorf("a Deny less: %+v", c.Admitted.Others)
	}
	for _, principal := range []string{`{"Federated":"*"}`, `"*"`, `{"Service":"ec2.amazonaws.com"}`,
		`{"Federated":"arn:aws:iam::123456789012:saml-provider/okta"}`} {
		other := `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRoleWithSAML"}`
		if c, _, _ = compared(t, policy(web), policy(web, other)); c.Admitted.Nothing() {
			t.Errorf("%s is not seen", principal)
		}
	}
}

func TestEveryProviderOfTheAccountIsComparedForThoseThatAreNamedAndAnyOther(t *testing.T) {
	everybody := statement("Allow", `{"Federated":"*"}`, `"StringEquals":{"`+github+`:aud":"sts.amazonaws.com"}`)
	c, admitted, _ := compared(t, policy(allow(github, subs("repo:acme/web:*"))), policy(everybody))
	if c.Same() || len(admitted) == 0 {
		t.Errorf("%+v", c)
	}
	c, _, _ = compared(t, policy(allow(github, subs("repo:acme/web:*"))),
		policy(allow(github, subs("repo:acme/web:*")), statement("Allow", `{"Federated":"*"}`, "")))
	if c.Same() || len(c.Admitted.Differences) == 0 {
		t.Errorf("a stranger's issuer is not seen: %+v", c)
	}
	named := func(pattern string) string {
		return policy(statement("Allow", `{"Federated":"*"}`, `"StringLike":{"aws:FederatedProvider":"`+pattern+`"}`))
	}
	for narrow, wide := range map[string]string{
		"arn:aws:iam::123456789012:oidc-provider/gitlab.com": "arn:aws:iam::123456789012:oidc-provider/git*",
		"arn:aws:iam::123456789012:oidc-provider/scalr.io":   "arn:aws:iam::*:oidc-provider/scalr.io",
		"arn:aws:iam::*:oidc-provider/scalr.io":              "arn:aws*:iam::*:oidc-provider/scalr.i?",
	} {
		if c, _, _ := compared(t, named(narrow), named(wide)); c.Admitted.Nothing() || !c.Refused.Nothing() {
			t.Errorf("%s and %s: %+v", narrow, wide, c)
		}
	}
}

func TestMoreProvidersThanAnyRoleHasAreNotComparedInSilence(t *testing.T) {
	var statements []string
	for i := range 300 {
		statements = append(statements, allow(fmt.Sprintf("ci%d.example.com", i), `"StringEquals":{"KEY:sub":"a"}`))
	}
	if c, _, _ := compared(t, policy(statements...), policy(statements...)); c.Same() {
		t.Error("300 providers were compared, or were not and it is not said")
	}
}

func TestWhatIsNotWorkedOutIsNeverCalledNothing(t *testing.T) {
	variable := func(end string) string {
		return policy(allow(github, subs("repo:acme/web:*")+
			`,"StringEqualsIgnoreCase":{"KEY:actor":"${KEY:workflow}`+end+`"}`))
	}
	literal := func(text string) string {
		return policy(allow("ci.example.org", aud+`,"StringLike":{"KEY:sub":"a${*}`+text+`"}`))
	}
	arn := func(text string) string {
		return policy(allow("ci.example.org", aud+`,"ArnLike":{"KEY:sub":"arn:aws:s3:::`+text+`"}`))
	}
	for name, pair := range map[string][2]string{
		"policy variables":    {variable("a"), variable("b")},
		"literal wildcards":   {literal("a"), literal("b")},
		"an operator of ARNs": {arn("a*"), arn("b*")},
	} {
		c, _, _ := compared(t, pair[0], pair[1])
		if c.Admitted.Nothing() || c.Refused.Nothing() || len(c.Admitted.Differences) > 0 {
			t.Errorf("%s: %+v", name, c)
		}
		for _, p := range pair {
			if c, _, _ := compared(t, p, p); !c.Same() {
				t.Errorf("%s: a policy differs from itself: %+v", name, c)
			}
		}
	}
}

func TestHostilePatternsAreAnsweredInTimeOrNotDecided(t *testing.T) {
	run := func(text string, n int) string { return strings.Repeat(text, n) }
	for name, pair := range map[string][2]string{
		"many wildcards":                    {run("*a", 200) + "*", run("*b", 200) + "*"},
		"wildcards that differ at the end":  {run("*a", 300), run("*a", 301)},
		"question marks behind a wildcard":  {"*a" + run("?", 60), "*b" + run("?", 60)},
		"question marks between wildcards":  {run("*?a", 100), run("*??a", 100)},
		"a long text":                       {run("a", 8000) + "*", "*" + run("a", 8000)},
		"wildcards in front of many values": {`*1","*2","*3","*4","*5","*6","*7","*8","*9","*0`, "*a*b*c*d*e*f*g"},
	} {
		for _, host := range []string{github, "ci.example.org", "gitlab.com"} {
			begun := time.Now()
			c, _, _ := compared(t, policy(allow(host, subs(pair[0]))), policy(allow(host, subs(pair[1]))))
			took := time.Since(begun)
			t.Logf("%s, %s: %s, not decided: %v", name, host, took.Round(time.Millisecond), c.Admitted.Undecided)
			if took > 20*time.Second {
				t.Errorf("%s, %s: took %s", name, host, took)
			}
			if c.Same() && len(c.Admitted.Beyond) == 0 {
				t.Errorf("%s, %s: the same", name, host)
			}
		}
	}
}

func TestTheBudgetEndsInNotDecided(t *testing.T) {
	var values, others []string
	for i := range 14 {
		values = append(values, fmt.Sprintf("*%c%s", 'a'+i, strings.Repeat("?", 20+i)))
		others = append(others, fmt.Sprintf("*%c%s", 'a'+i, strings.Repeat("?", 40+i)))
	}
	begun := time.Now()
	c, admitted, refused := compared(t, policy(allow("ci.example.org", subs(values...))),
		policy(allow("ci.example.org", subs(append(others, values...)...))))
	if len(admitted)+len(refused) > 0 || c.Admitted.Nothing() || c.Refused.Nothing() || c.Same() {
		t.Errorf("%q %q %+v", admitted, refused, c)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
}
