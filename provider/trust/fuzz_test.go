package trust

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzRequests are a few requests that tell policies apart.
func fuzzRequests() []*Request {
	full := request(claims{
		"sub": "repo:acme/web:ref:refs/heads/main", "aud": "sts.amazonaws.com", "azp": "z", "amr": []any{"a", "b", ""},
		"email": "é", "project_id": json.Number("7"), "ref_protected": true,
		tagsClaim:  claims{"principal_tags": claims{"Team": []any{"x"}}},
		rolesClaim: "arn:aws:iam::111122223333:role/ci",
	})
	known := request(claims{"sub": "a", "aud": []any{"x", "y"}})
	known.Context = map[string][]string{
		"aws:sourceip": {"203.0.113.9"}, "aws:currenttime": {"2026-01-01T00:00:00Z"}, "aws:useragent": nil,
		"aws:sourcearn": {"arn:aws:s3:::b"}, "a:b": {"c"},
	}
	other := request(nil)
	other.Provider, other.Issuer, other.Partition = "arn:aws-cn:iam::1:oidc-provider/x", "x", "aws-cn"
	return []*Request{full, known, other}
}

func FuzzParsePolicy(f *testing.F) {
	const fed = `"Principal":{"Federated":"` + testProvider + `"},"Action":"sts:AssumeRoleWithWebIdentity"`
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + fed +
			`,"Condition":{"StringEquals":{"gitlab.com:aud":"sts.amazonaws.com"},` +
			`"StringLike":{"gitlab.com:sub":["repo:acme/*","a"]}}}]}`,
		`{"Statement":{"Effect":"Allow","Principal":"*","NotAction":["s3:*"],` +
			`"Condition":{"ForAllValues:StringNotLikeIfExists":{"gitlab.com:amr":["${gitlab.com:sub}*","${*}",` +
			`"${aws:UserAgent, 'x'}"]}}}}`,
		`{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"s","Effect":"Deny",` + fed +
			`,"Condition":{"Null":{"a:b":[true,"false"]},"NumericLessThan":{"gitlab.com:project_id":[7,"7.5e0"]},` +
			`"Bool":{"gitlab.com:ref_protected":true}}},{"Effect":"Allow",` + fed + `}]}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + fed +
			`,"Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","::/0"]},` +
			`"DateGreaterThan":{"aws:CurrentTime":"2026"},"ArnLike":{"aws:SourceArn":"arn:*:s3:::*"},` +
			`"BinaryEquals":{"a:b":"QQ=="}}}}`,
		`{"Statement":{"Effect":"Allow","Principal":{"Federated":[],"AWS":"*"},"Action":[],` +
			`"Condition":{"StringEquals":{}}}}`,
		`{"Statement":{"Effect":"Allow","Effect":"Deny"}}`, "\uFEFF{}", `[[[[`, `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		p, err := ParsePolicy(document)
		if err != nil {
			if p != nil || err.Error() == "" || strings.Contains(err.Error(), "%!") {
				t.Fatalf("%v with %q", p, err)
			}
			return
		}
		text := p.JSON()
		again, err := ParsePolicy([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again.JSON() != text {
			t.Fatalf("%s became %s", text, again.JSON())
		}
		for i, r := range fuzzRequests() {
			if a, b := p.Decide(r), again.Decide(r); a != b {
				t.Fatalf("request %d: %s became %s: %s", i, a, b, text)
			}
		}
	})
}

func FuzzParseClaims(f *testing.F) {
	for _, seed := range []string{
		`{"iss":"https://gitlab.com","sub":"a","aud":["x","y"],"exp":1767225600,"nested":{"a":[1,null,` +
			`true,{"b":1e400}]}}`,
		`{"id":9007199254740993}`, `{"a":1,"a":2}`, `{}`, `[]`, `null`, `{"a":-0.0E+1}`, `{"":{"":""}}`,
		"{\"a\":\"\\u0000\"}", `{"a":"` + "\xff" + `"}`,
	} {
		f.Add([]byte(seed))
	}
	p, err := ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":{
		"Effect":"Allow","Principal":{"Federated":"*"},"Action":"*","Condition":{
		"StringLikeIfExists":{"gitlab.com:sub":["a*","${gitlab.com:aud}"]},
		"NumericEqualsIfExists":{"gitlab.com:project_id":1},
		"ForAllValues:StringLike":{"aws:TagKeys":"*","gitlab.com:amr":"?"}}}}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		claims, err := ParseClaims(document)
		if err != nil {
			if claims != nil || strings.Contains(err.Error(), "%!") {
				t.Fatalf("%v with %q", claims, err)
			}
			return
		}
		p.Decide(request(claims))
		again, err := ParseClaims([]byte(encode(claims)))
		if err != nil || !reflect.DeepEqual(claims, again) {
			t.Fatalf("%s: %v, %v", encode(claims), again, err)
		}
		d := json.NewDecoder(strings.NewReader(string(document)))
		d.UseNumber()
		var plain map[string]any
		if err := d.Decode(&plain); err != nil || !reflect.DeepEqual(claims, plain) {
			t.Fatalf("encoding/json reads %v, %v; got %v", plain, err, claims)
		}
	})
}

// quadratic matches with one table row per character of the pattern.
func quadratic(pattern, value string) bool {
	text := []rune(value)
	fit := make([]bool, len(text)+1) // fit[i]: the pattern so far fits the first i characters
	fit[0] = true
	for _, c := range pattern {
		next := make([]bool, len(text)+1)
		for i := range next {
			switch {
			case c == '*':
				next[i] = fit[i] || i > 0 && next[i-1]
			case i > 0:
				next[i] = fit[i-1] && (c == '?' || c == text[i-1])
			}
		}
		fit = next
	}
	return fit[len(text)]
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"*", ""}, {"?", "é"}, {"a*b*c", "aXbXbc"}, {"**a?*", "aa"}, {"*a*a*a*b", "aaaaaaaaaa"},
		{"?*?", "ab"}, {"a", "ab"}, {"*.ghe.com", "x.ghe.com"},
		{"repo:acme/web:ref:refs/heads/*", "repo:acme/web:ref:refs/heads/a/b:c"}, {"*ab*ab?", "abababab1"},
		{"日*語?", "日本語x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, value string) {
		if len(pattern)*len(value) > 1<<20 || !utf8.ValidString(pattern) || !utf8.ValidString(value) {
			return
		}
		want := quadratic(pattern, value)
		if got := Match(pattern, value); got != want {
			t.Fatalf("Match(%q, %q) is %v", pattern, value, got)
		}
		if got := coverAll([]operand{{pattern: wildcardPattern(pattern)}}); got && !want {
			t.Fatalf("%q covers every text but not %q", pattern, value)
		}
	})
}
