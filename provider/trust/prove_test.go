package trust

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// proof is a policy with tokens that must get in and near misses that must not.
func proof() (*Policy, []Case) {
	sound := Compile([]Grant{{Provider: providerOf(hostA), Claims: map[string][]string{
		hostA + ":aud": {"sts"}, hostA + ":sub": {"repo:acme/web:ref:main"}, hostA + ":email": {"ci"},
	}}})
	token := func(changes ...string) Request {
		claims := map[string]any{"aud": "sts", "sub": "repo:acme/web:ref:main", "email": "ci"}
		for i := 0; i < len(changes); i += 2 {
			claims[changes[i]] = changes[i+1]
		}
		return Request{Provider: providerOf(hostA), Issuer: hostA, Partition: "aws", Claims: claims}
	}
	return sound, []Case{
		{Token: "a push to main", Admit: true, Request: token()},
		{Token: "a pull request", Request: token("sub", "repo:acme/web:pull_request")},
		{Token: "another audience", Request: token("aud", "other")},
		{Token: "another sender", Request: token("email", "ann")},
		{Token: "a longer name", Request: token("sub", "repo:acme/web2:ref:main")},
	}
}

func TestProofPassesASoundPolicy(t *testing.T) {
	p, cases := proof()
	if err := Prove(p, slices.Values(cases)); err != nil {
		t.Error(err)
	}
}

func TestProofFindsABrokenPolicy(t *testing.T) {
	p, cases := proof()
	for name, c := range map[string]struct {
		old, new, token string
	}{
		"the audience is not tested": {`"a.example.com:aud":"sts",`, ``, "another audience"},
		"a condition is missing":     {`"a.example.com:email":"ci",`, ``, "another sender"},
		"a star instead of a branch": {
			`"StringEquals":{"a.example.com:aud":"sts","a.example.com:email":"ci",` +
				`"a.example.com:sub":"repo:acme/web:ref:main"}`, `"StringLike":{"a.example.com:aud":"sts",` +
				`"a.example.com:email":"ci","a.example.com:sub":"repo:acme/web:*"}`, "a pull request",
		},
		"the name is not closed": {
			`"StringEquals":{"a.example.com:aud":"sts","a.example.com:email":"ci",` +
				`"a.example.com:sub":"repo:acme/web:ref:main"}`, `"StringLike":{"a.example.com:aud":"sts",` +
				`"a.example.com:email":"ci","a.example.com:sub":"repo:acme/web*:ref:main"}`, "a longer name",
		},
		"a star where it is no wildcard": {`ref:main"`, `ref:*"`, "a push to main"},
		"another provider":               {`oidc-provider/a.`, `oidc-provider/b.`, "a push to main"},
		"the audience by IfExists": {`"StringEquals":{"a.example.com:aud":"sts",`,
			`"StringLikeIfExists":{"a.example.com:aud":"*"},"StringEquals":{`, "another audience"},
		"it depends on the caller": {`"Condition":{`, `"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},`,
			"a push to main"},
	} {
		broken := strings.Replace(p.JSON(), c.old, c.new, 1)
		if broken == p.JSON() {
			t.Fatalf("%s: nothing broken in %s", name, p.JSON())
		}
		read, err := ParsePolicy([]byte(broken))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var wrong ProofErrors
		if err := Prove(read, slices.Values(cases)); !errors.As(err, &wrong) || wrong[0].Case.Token != c.token {
			t.Errorf("%s: got %v", name, err)
		} else if !strings.Contains(err.Error(), c.token) || !strings.Contains(err.Error(), `"repo:acme/web`) {
			t.Errorf("%s: the error names neither token nor claims: %v", name, err)
		}
	}
}

func TestVoidProofIsRefused(t *testing.T) {
	p, cases := proof()
	for name, some := range map[string][]Case{"nothing": nil, "only admitted": cases[:1], "only refused": cases[1:]} {
		if err := Prove(p, slices.Values(some)); err == nil || !strings.HasPrefix(err.Error(), "the proof is void") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNearMissThatAnotherGrantAdmitsIsExcused(t *testing.T) {
	p, cases := proof()
	rightly := cases[0]
	rightly.Admit = false
	if err := Prove(p, slices.Values(append(cases, rightly))); err == nil {
		t.Error("a near miss got in and was not noticed")
	}
	rightly.Excused = func() bool { return true }
	if err := Prove(p, slices.Values(append(cases, rightly))); err != nil {
		t.Error(err)
	}
	admitted := cases[1]
	admitted.Admit, admitted.Excused = true, func() bool { return true }
	if err := Prove(p, slices.Values(append(cases, admitted))); err == nil {
		t.Error("a token that must get in has no excuse")
	}
}

// onTheCall are conditions that whoever calls STS can fulfil at will, or that hold for some calls of a job alone.
var onTheCall = map[string]string{
	"the session's name":           `"StringLike":{"sts:RoleSessionName":"acme-*"}`,
	"not the session's name":       `"StringNotEquals":{"sts:RoleSessionName":"proof"}`,
	"half of all addresses":        `"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}`,
	"a private network":            `"StringEquals":{"aws:SourceVpc":"vpc-0a1b2c3d"}`,
	"an endpoint, if there is one": `"StringEqualsIfExists":{"aws:SourceVpce":"vpce-0a1b2c3d"}`,
	"a day":                        `"DateLessThan":{"aws:CurrentTime":"2099-01-01T00:00:00Z"}`,
	"a second":                     `"NumericGreaterThan":{"aws:EpochTime":"0"}`,
	"a region":                     `"StringEquals":{"aws:RequestedRegion":"eu-west-1"}`,
	"how long the session lasts":   `"NumericLessThanEquals":{"sts:DurationSeconds":"3600"}`,
	"a missing key of the call":    `"Null":{"aws:Referer":"true"}`,
}

// withStatement adds a statement for the provider of proof to a policy.
func withStatement(t *testing.T, p *Policy, effect, conditions string) *Policy {
	t.Helper()
	added := `{"Effect":"` + effect + `","Principal":{"Federated":"` + providerOf(hostA) +
		`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{` + conditions + `}}`
	changed, err := ParsePolicy([]byte(strings.Replace(p.JSON(), `"Statement":[`, `"Statement":[`+added+`,`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// withCondition adds a condition to the only statement of a policy.
func withCondition(t *testing.T, p *Policy, condition string) *Policy {
	t.Helper()
	operator, keys, _ := strings.Cut(strings.TrimSuffix(condition, "}"), "{")
	old, added := `"Condition":{`, `"Condition":{`+condition+`,`
	if strings.Contains(p.JSON(), operator+"{") {
		old, added = operator+"{", operator+"{"+keys+","
	}
	changed, err := ParsePolicy([]byte(strings.Replace(p.JSON(), old, added, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// first is the first wrong answer of a proof, nil where it passes.
func first(t *testing.T, p *Policy, cases []Case) *ProofError {
	t.Helper()
	var wrong ProofErrors
	switch err := Prove(p, slices.Values(cases)); {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return wrong[0]
	default:
		t.Fatal(err)
		return nil
	}
}

func TestAJobThatGetsInOnlyWhenTheCallIsRightForItFailsTheProof(t *testing.T) {
	p, cases := proof()
	for name, condition := range onTheCall {
		narrowed := withCondition(t, p, condition)
		for what, broken := range map[string]*Policy{
			"an Allow tests ": narrowed,
			"a Deny tests ":   withStatement(t, p, "Deny", condition),
		} {
			if wrong := first(t, broken, cases); wrong == nil || wrong.Case.Token != "a push to main" ||
				!strings.Contains(wrong.Error(), "must get in and does so only when the call is right for it") {
				t.Errorf("%s%s: %v", what, name, wrong)
			}
		}
	}
}

func TestAStrangerWhoChoosesTheCallIsFoundByTheProof(t *testing.T) {
	p, cases := proof()
	for name, condition := range onTheCall {
		wrong := first(t, withStatement(t, p, "Allow", condition), cases)
		if wrong == nil || wrong.Case.Token != "a pull request" ||
			!strings.Contains(wrong.Error(), "must not get in and does so when the call is right for it") {
			t.Errorf("an Allow that tests nothing but %s: %v", name, wrong)
		}
	}
}

func TestADenyThatTheCallerCanWalkAroundKeepsNobodyOut(t *testing.T) {
	p, cases := proof()
	open := withStatement(t, p, "Allow",
		`"StringEquals":{"a.example.com:aud":"sts"},"StringLike":{"a.example.com:sub":"repo:acme/web:*"}`)
	shut := withStatement(t, open, "Deny", `"StringLike":{"a.example.com:sub":"*:pull_request"}`)
	cases = append(cases[:1:1], cases[1])
	if wrong := first(t, shut, cases); wrong != nil {
		t.Fatal(wrong)
	}
	for name, condition := range onTheCall {
		deny := `"StringEquals":{"a.example.com:sub":"repo:acme/web:pull_request"},` + condition
		if strings.HasPrefix(condition, `"StringEquals"`) {
			deny = `"StringLike":{"a.example.com:sub":"*:pull_request"},` + condition
		}
		if wrong := first(t, withStatement(t, open, "Deny", deny), cases); wrong == nil ||
			wrong.Case.Token != "a pull request" {
			t.Errorf("a Deny that also tests %s: %v", name, wrong)
		}
	}
}

// What a case says of the call decides nothing: a proof for one session's name and one address would prove that call
// alone.
func TestWhatACaseSaysOfTheCallDoesNotCount(t *testing.T) {
	p, cases := proof()
	for i := range cases {
		cases[i].Request.RoleSessionName = "acme-1"
		cases[i].Request.Context = map[string][]string{
			"aws:sourceip":    {"203.0.113.9"},
			"aws:currenttime": {"2026-01-01T00:00:00Z"},
		}
	}
	if wrong := first(t, p, cases); wrong != nil {
		t.Fatal(wrong)
	}
	for _, condition := range []string{
		`"StringLike":{"sts:RoleSessionName":"acme-*"}`, `"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`,
		`"DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}`,
	} {
		if wrong := first(t, withStatement(t, p, "Allow", strings.Replace(condition, "Like", "NotLike", 1)),
			cases); wrong == nil {
			t.Errorf("an Allow that tests nothing but %s is not found", condition)
		}
		if wrong := first(t,
			withStatement(t, p, "Deny", strings.NewReplacer("Like", "NotLike", `"IpAddress"`, `"NotIpAddress"`,
				"LessThan", "GreaterThan").Replace(condition)), cases); wrong == nil {
			t.Errorf("a Deny of other calls than this one is not found: %s", condition)
		}
	}
}

func TestANearMissThatTheCallMayLetInIsExcusedLikeOneThatGetsInForSure(t *testing.T) {
	p, cases := proof()
	cases[1].Excused = func() bool { return true }
	allowed := `"StringEquals":{"a.example.com:sub":"repo:acme/web:pull_request"},` +
		`"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}`
	if wrong := first(t, withStatement(t, p, "Allow", allowed), cases); wrong != nil {
		t.Error(wrong)
	}
	cases[1].Excused = func() bool { return false }
	if wrong := first(t, withStatement(t, p, "Allow", allowed), cases); wrong == nil {
		t.Error("a pull request that nothing excuses may get in and is not found")
	}
}
