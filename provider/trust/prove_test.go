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
		"the audience is not tested":     {`"a.example.com:aud":"sts",`, ``, "another audience"},
		"a condition is missing":         {`"a.example.com:email":"ci",`, ``, "another sender"},
		"a star instead of a branch":     {`"StringEquals":{"a.example.com:aud":"sts","a.example.com:email":"ci","a.example.com:sub":"repo:acme/web:ref:main"}`, `"StringLike":{"a.example.com:aud":"sts","a.example.com:email":"ci","a.example.com:sub":"repo:acme/web:*"}`, "a pull request"},
		"the name is not closed":         {`"StringEquals":{"a.example.com:aud":"sts","a.example.com:email":"ci","a.example.com:sub":"repo:acme/web:ref:main"}`, `"StringLike":{"a.example.com:aud":"sts","a.example.com:email":"ci","a.example.com:sub":"repo:acme/web*:ref:main"}`, "a longer name"},
		"a star where it is no wildcard": {`ref:main"`, `ref:*"`, "a push to main"},
		"another provider":               {`oidc-provider/a.`, `oidc-provider/b.`, "a push to main"},
		"the audience by IfExists":       {`"StringEquals":{"a.example.com:aud":"sts",`, `"StringLikeIfExists":{"a.example.com:aud":"*"},"StringEquals":{`, "another audience"},
		"it depends on the caller":       {`"Condition":{`, `"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},`, "a push to main"},
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
