package trust

import (
	"encoding/json"
	"testing"
)

// typical is a statement as Compile writes it, and a token that it admits.
func typical(t testing.TB) (*Policy, *Request) {
	t.Helper()
	const github = "token.actions.githubusercontent.com"
	provider := "arn:aws:iam::111122223333:oidc-provider/" + github
	p, err := ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` +
		provider + `"},
		"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + github +
		`:aud":"sts.amazonaws.com","` + github + `:repository_owner_id":"1234567"},
		"StringLike":{"` + github + `:sub":["repo:acme/web:ref:refs/heads/release-*",` +
		`"repo:acme/web:ref:refs/heads/main","repo:acme@1234567/web@89012345:ref:refs/heads/main"]}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return p, &Request{
		Provider: provider, Issuer: github, Partition: "aws", RoleARN: "arn:aws:iam::111122223333:role/ci",
		RoleSessionName: "run",
		Claims: map[string]any{
			"iss": "https://" + github, "aud": "sts.amazonaws.com", "sub": "repo:acme/web:ref:refs/heads/main",
			"repository_owner_id": "1234567", "repository": "acme/web", "ref": "refs/heads/main", "run_attempt": "1",
		},
	}
}

func TestDecisionsAllocateNothing(t *testing.T) {
	values := claims{
		"sub": "repo:a/b:ref:refs/heads/main", "amr": []any{"a", "b", json.Number("3")},
		"project_id": json.Number("9007199254740993"), "ref_protected": true, "aud": []any{"x"},
		rolesClaim: "arn:aws:iam::1:role/a; arn:aws:iam::111122223333:role/ci",
	}
	known := map[string][]string{
		"aws:currenttime": {"2026-01-02T03:04:05.678+01:00"}, "aws:sourceip": {"203.0.113.9"},
		"aws:vpcsourceip": {"2001:db8::1"}, "aws:sourcearn": {"arn:aws:s3:::bucket"}, "example:digest": {"QUJD"},
		"example:list": {"a", "b"},
	}
	for _, condition := range []string{
		`{"StringEquals":{"gitlab.com:aud":"x"},"StringLike":{"gitlab.com:sub":["no*",` +
			`"repo:?/*:ref:refs/heads/main"]}}`,
		`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"REPO:a/b:ref:refs/heads/MAIN"},` +
			`"StringNotLikeIfExists":{"gitlab.com:email":"x*"}}`,
		`{"ForAllValues:StringEquals":{"gitlab.com:amr":["a","b","3"]},` +
			`"ForAnyValue:StringLike":{"gitlab.com:amr":"?"},"ForAnyValue:StringEquals":{"example:list":"b"}}`,
		`{"NumericGreaterThan":{"gitlab.com:project_id":"9007199254740992"},` +
			`"NumericNotEquals":{"gitlab.com:project_id":1.5}}`,
		`{"Bool":{"gitlab.com:ref_protected":"true","sts:RoleAuthorizedByIdp":true},` +
			`"Null":{"gitlab.com:email":"true","gitlab.com:sub":false}}`,
		`{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01"},"DateLessThan":{"aws:CurrentTime":"1767399999"}}`,
		`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24","aws:VpcSourceIp":["203.0.113.0/24","2001:db8::/32"]}}`,
		`{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b*",` +
			`"aws:FederatedProvider":"arn:*:iam::111122223333:oidc-provider/*"},` +
			`"BinaryEquals":{"example:digest":"QUJD"}}`,
		`{"StringEquals":{"sts:RoleSessionName":"run"},"StringNotEquals":{"gitlab.com:oaud":"y"}}`,
	} {
		p, r := policyWith(t, condition), request(values)
		r.Context = known
		if got := p.Decide(r); got != Allowed {
			t.Errorf("%s: %s", condition, got)
		}
		if n := testing.AllocsPerRun(100, func() { p.Decide(r) }); n != 0 {
			t.Errorf("%s: %v allocations", condition, n)
		}
	}
	p, r := typical(t)
	if n := testing.AllocsPerRun(100, func() { p.Decide(r) }); n != 0 || p.Decide(r) != Allowed {
		t.Errorf("%v allocations", n)
	}
}

func TestUnknownKeysAllocateNothing(t *testing.T) {
	p, r := policyWith(t, `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringNotEquals":{"aws:UserAgent":"x"}}`),
		request(nil)
	if n := testing.AllocsPerRun(100, func() { p.Decide(r) }); n != 0 || p.Decide(r) != Undecided {
		t.Errorf("%v allocations, %s", n, p.Decide(r))
	}
}

func BenchmarkDecide(b *testing.B) {
	p, r := typical(b)
	b.ReportAllocs()
	for b.Loop() {
		if p.Decide(r) != Allowed {
			b.Fatal("denied")
		}
	}
}

func BenchmarkParsePolicy(b *testing.B) {
	p, _ := typical(b)
	document := []byte(p.JSON())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePolicy(document); err != nil {
			b.Fatal(err)
		}
	}
}
