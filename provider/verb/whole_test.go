package verb_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

const roles = "https://aws.amazon.com/roles"

// ask evaluates a change of a token that the policy admits.
func ask(t *testing.T, change object, q verb.Question) *verb.Evaluation {
	t.Helper()
	claims := whole(object{
		"iss": "https://" + github,
		"aud": "sts.amazonaws.com",
		"sub": "repo:acme/web:ref:refs/heads/main",
	})
	if q.Partial {
		delete(claims, "iat")
		delete(claims, "exp")
	}
	for name, value := range change {
		if value == "gone" {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	q.Claims, _ = json.Marshal(claims)
	if q.TrustPolicy == nil {
		q.TrustPolicy = document(statement("aws", github, "StringEquals", "repo:acme/web:ref:refs/heads/main", nil))
	}
	q.Now = noon
	e, err := verb.Evaluate(q)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestATokenThatSTSRefusesIsDeniedWithItsCodeWhateverThePolicySays(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/deploy"
	for name, c := range map[string]struct {
		change object
		code   string
		says   string
	}{
		"whole": {nil, "", "statement 1 allows this token"},
		"without iat": {object{"iat": "gone"}, "InvalidIdentityToken",
			"it has no iat, and STS wants iss, sub, aud, iat, exp in every token (InvalidIdentityToken)"},
		"exp is null": {object{"exp": nil}, "InvalidIdentityToken", "its exp is null"},
		"sub is null": {object{"sub": nil}, "InternalFailure", "its sub is null (InternalFailure)"},
		"yesterday's": {object{"exp": noon.Unix() - 86400}, "ExpiredTokenException",
			"it expired at 2026-11-01T12:00:00Z (ExpiredTokenException)"},
		"expired a minute ago": {object{"exp": noon.Unix() - 60}, "", "statement 1 allows this token"},
		"exp as text":          {object{"exp": "1793620900"}, "", "statement 1 allows this token"},
		"tomorrow's": {object{"nbf": noon.Unix() + 86400}, "InvalidIdentityToken",
			"it is not valid before 2026-11-03T12:00:00Z"},
		"issued in an hour": {object{"iat": noon.Unix() + 3600}, "InvalidIdentityToken",
			"it was issued in the future, at 2026-11-02T13:00:00Z"},
		"half a second": {object{"iat": 1793620000.5}, "InvalidIdentityToken", "no whole number of seconds"},
		"an empty azp": {object{"azp": ""}, "InvalidIdentityToken",
			"its azp, which takes the place of aud, is empty"},
		"an issuer without scheme": {object{"iss": github}, "InvalidIdentityToken",
			"its iss is no URL that begins with https://"},
		"without an issuer": {object{"iss": "gone"}, "InvalidIdentityToken", "it has no iss"},
		"a tag as text": {object{"https://aws.amazon.com/tags": object{"principal_tags": object{"Team": "a"}}},
			"InvalidIdentityToken", "the session tag Team in its principal_tags is no list of one text"},
		"meant for another role": {object{roles: []string{role + "-2"}}, "InvalidIdentityToken",
			"does not name " + role},
		"meant for this role": {object{roles: role}, "", "statement 1 allows this token"},
		"meant for no role":   {object{roles: []string{}}, "InvalidIdentityToken", "names no role"},
	} {
		e := ask(t, c.change, verb.Question{RoleArn: role})
		if said := strings.Join(e.Explanation, "\n"); e.Code != c.code || e.Allowed != (c.code == "") ||
			!strings.Contains(said, c.says) {
			t.Errorf("%s: %q, allowed %v: %s", name, e.Code, e.Allowed, said)
		}
		if c.code != "" &&
			!strings.HasPrefix(e.Explanation[0], "STS refuses the token before it looks at the policy: ") {
			t.Errorf("%s: %v", name, e.Explanation)
		}
	}
}

func TestARefusedTokenIsToldWhatThePolicyWouldSay(t *testing.T) {
	expired := object{"exp": noon.Unix() - 86400}
	e := ask(t, expired, verb.Question{})
	if e.Explanation[1] != "were it not for that, the answer would be allowed:" ||
		!strings.HasPrefix(e.Explanation[2], "statement 1 allows this token") {
		t.Error(e.Explanation)
	}
	if e = ask(t, expired, verb.Question{IgnoreExpiry: true}); !e.Allowed || e.Code != "" ||
		!strings.Contains(strings.Join(e.Explanation, "\n"),
			"it expired at 2026-11-01T12:00:00Z; that was left out of account, as asked") {
		t.Error(e)
	}
	expired["azp"] = "other"
	if e = ask(t, expired, verb.Question{IgnoreExpiry: true, ClientIDs: []string{"sts.amazonaws.com"}}); e.Code !=
		"InvalidIdentityToken" {
		t.Error("nothing but the expiry is ignored:", e)
	}
}

func TestWithoutTheRoleATokenThatListsRolesIsUndecided(t *testing.T) {
	e := ask(t, object{roles: []string{"arn:aws:iam::123456789012:role/deploy"}}, verb.Question{})
	if e.Allowed || e.Decision != "undecided" {
		t.Error(e)
	}
	if e = ask(t, object{roles: []string{"arn:aws:iam::123456789012:role/deploy"}, "sub": "x"},
		verb.Question{}); e.Decision != "denied" {
		t.Error(e)
	}
}

func TestWhatPartialClaimsLackIsUnknownAndTheAnswerCertainOnlyWithoutIt(t *testing.T) {
	owned := document(statement("aws", github, "StringEquals", "repo:acme/web:ref:refs/heads/main",
		object{"repository_owner_id": "1234567"}))
	for name, c := range map[string]struct {
		policy []byte
		change object
		want   string
	}{
		"all that the policy wants":          {nil, nil, "allowed"},
		"another subject":                    {nil, object{"sub": "repo:mallory/web:ref:refs/heads/main"}, "denied"},
		"no subject":                         {nil, object{"sub": "gone"}, "undecided"},
		"no subject, another audience":       {nil, object{"sub": "gone", "aud": "other"}, "denied"},
		"no audience":                        {nil, object{"aud": "gone"}, "undecided"},
		"an id that is not there":            {owned, nil, "undecided"},
		"an id that is known to be missing":  {owned, object{"repository_owner_id": nil}, "denied"},
		"another id":                         {owned, object{"repository_owner_id": "7"}, "denied"},
		"the id":                             {owned, object{"repository_owner_id": "1234567"}, "allowed"},
		"an id that is not there, wrong sub": {owned, object{"sub": "x"}, "denied"},
		"an audience that azp replaces":      {nil, object{"azp": "other"}, "denied"},
		"an empty audience":                  {nil, object{"aud": ""}, "denied"},
	} {
		e := ask(t, c.change, verb.Question{TrustPolicy: c.policy, Partial: true})
		if e.Decision != c.want || e.Allowed != (c.want == "allowed") {
			t.Errorf("%s: %s: %v", name, e.Decision, e.Explanation)
		}
	}
	_, err := verb.Evaluate(verb.Question{TrustPolicy: owned, Token: "eyJ.eyJ.x", Partial: true})
	if err == nil || !strings.Contains(err.Error(), "partial: a token has all of its claims") {
		t.Error(err)
	}
}

func TestADenyOnWhatPartialClaimsLackKeepsTheAnswerOpen(t *testing.T) {
	allow := statement("aws", github, "StringEquals", "repo:acme/web:ref:refs/heads/main", nil)
	deny := statement("aws", github, "StringLike", "*", nil)
	deny["Effect"], deny["Condition"] = "Deny", object{"StringNotEquals": object{github + ":actor_id": "7"}}
	for change, want := range map[string]string{"gone": "undecided", "7": "allowed", "8": "denied"} {
		e := ask(t, object{"actor_id": change}, verb.Question{TrustPolicy: document(allow, deny), Partial: true})
		if e.Decision != want {
			t.Errorf("%s: %s: %v", change, e.Decision, e.Explanation)
		}
	}
}
