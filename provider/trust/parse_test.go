package trust

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// One sentence each: where, what was expected, what was found.
func TestBadPoliciesGetOneSentence(t *testing.T) {
	const (
		allow = `"Effect":"Allow","Principal":{"Federated":"x"},"Action":"*"`
		found = `expected a trust policy, a JSON object with Version and Statement, found `
	)
	for document, want := range map[string]string{
		``:      `the document is empty; expected a JSON object`,
		" \n\t": `the document is empty; expected a JSON object`,
		`hello`: `line 1, column 1: expected JSON: invalid character 'h' looking ` +
			`for beginning of value`,
		`{"Version":`: `line 1, column 12: expected more JSON, the document ends here`,
		"{\n \"Statement\": [1 2]": `line 2, column 18: expected JSON: invalid character '2' ` +
			`after array element`,
		`{"a":1,}`: `line 1, column 8: expected JSON: invalid character '}' looking for beginning ` +
			`of object key string`,
		`{"Statement":{` + allow + `}} x`: `line 1, column 77: expected nothing after the JSON value`,
		`{"Statement":{` + allow + `}},`:  `line 1, column 76: expected nothing after the JSON value`,
		"\uFEFF{}": `line 1, column 1: the document begins with a byte order mark; save it ` +
			`as UTF-8 without one`,
		"{\"a\":\"\xff\"}": `line 1, column 7: the document is not UTF-8 text from here on`,
		`[]`:               `line 1, column 1: ` + found + `an array`,
		`"x"`:              `line 1, column 1: ` + found + `a string`,
		`null`:             `line 1, column 1: ` + found + `null`,
		`{}`: `line 1, column 1: expected a trust policy, found an ` +
			`object without Statement`,
		`{"Version":1}`: `line 1, column 12: Version is a string, found a number`,
		`{"Version":"2020-01-01"}`: `line 1, column 12: Version is "2020-01-01"; IAM knows ` +
			`2012-10-17 and 2008-10-17`,
		`{"version":"2012-10-17"}`: `line 1, column 2: unknown element "version"; a policy has ` +
			`Version, Id and Statement; did you mean Version?`,
		`{"Id":{}}`:         `line 1, column 7: Id is a string, found an object`,
		`{"Statement":[]}`:  `line 1, column 14: Statement is empty; a trust policy has at least one`,
		`{"Statement":[1]}`: `line 1, column 15: a statement is an object, found a number`,
		"{\"Statement\":{\n\"Effect\":\"Allow\",\n \"Effect\":\"Deny\"}}": `line 3, column 2: "Effect" stands twice ` +
			`in one object; which of the two counts differs between readers`,
		`{"Statement":{"Effect":"allow"}}`: `line 1, column 24: Effect is "allow"; it is Allow or Deny, ` +
			`in this letter case`,
		`{"Statement":{"Effect":true}}`: `line 1, column 24: Effect is a ` +
			`string, found a boolean`,
		`{"Statement":{"Effect":"Allow","Action":"*"}}`: `line 1, column 14: the statement has no Principal; a trust ` +
			`policy says who may assume the role, so this looks like an identity policy`,
		`{"Statement":{"Principal":"*","Action":"*"}}`: `line 1, column 14: the ` +
			`statement has no Effect`,
		`{"Statement":{"Effect":"Allow","Principal":"*"}}`: `line 1, column 14: the statement needs either ` +
			`Action or NotAction`,
		`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`: `line 1, column 48: Resource has no place ` +
			`in a trust policy: this looks like an identity policy, which says what a role may do and ` +
			`not who may assume it`,
		`{"Statement":{"Effect":"Allow","NotPrincipal":"*"}}`: `line 1, column 32: NotPrincipal has no place in a ` +
			`trust policy; name the trusted ones with Principal`,
		`{"Statement":{"Principals":"*"}}`: `line 1, column 15: unknown element "Principals"; a statement of a trust ` +
			`policy has Sid, Effect, Principal, Action or NotAction, and Condition; did you mean Principal?`,
		`{"Statement":{"Principal":"x"}}`: `line 1, column 27: Principal is "x"; it is "*" or an object such as ` +
			`{"Federated": "arn:..."}`,
		`{"Statement":{"Principal":["x"]}}`: `line 1, column 27: Principal is "*" or an ` +
			`object, found an array`,
		`{"Statement":{"Principal":{"Federate":"x"}}}`: `line 1, column 28: unknown kind of principal "Federate"; ` +
			`IAM knows Federated, AWS, Service and CanonicalUser; did you mean Federated?`,
		`{"Statement":{"Principal":{"Federated":["x",1]}}}`: `line 1, column 45: Federated takes ` +
			`strings, found a number`,
		`{"Statement":{"Action":null}}`: `line 1, column 24: Action takes a value or a list ` +
			`of values, found null`,
		`{"Statement":{"Condition":[]}}`: `line 1, column 27: Condition is an object of ` +
			`operators, found an array`,
		`{"Statement":{"Condition":{"StringIs":{}}}}`: `line 1, column 28: unknown condition ` +
			`operator "StringIs"; did you mean StringLike?`,
		`{"Statement":{"Condition":{"NullIfExists":{}}}}`: `line 1, column 28: unknown condition ` +
			`operator "NullIfExists"; Null takes no IfExists`,
		`{"Statement":{"Condition":{"StringEquals":"x"}}}`: `line 1, column 43: StringEquals is an object of ` +
			`condition keys, found a string`,
		`{"Statement":{"Condition":{"StringEquals":{"a":{}}}}}`: `line 1, column 48: a takes a value or a list of ` +
			`values, found an object`,
	} {
		_, err := ParsePolicy([]byte(document))
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", document, err, want)
		}
	}
}

func TestMalformedVariablesAreRefused(t *testing.T) {
	policy := func(version, value string) []byte {
		return []byte(`{"Version":"` + version + `","Statement":{"Effect":"Allow","Principal":"*","Action":"*",` +
			`"Condition":{"StringLike":{"a:b":["x","` + value + `"]}}}}`)
	}
	const quoted = `the default of a policy variable is written ${key, 'text'}`
	for value, want := range map[string]string{
		"${a:b":           "the policy variable lacks its closing brace",
		"${}":             "the policy variable has no name",
		"${a b}":          "the policy variable has a space in its name",
		"${a:b,'x'}":      quoted,
		"${a:b, x}":       quoted,
		"${a:b, 'x}":      quoted,
		"${a:b, 'x'}${c:": "the policy variable lacks its closing brace",
	} {
		want = `line 1, column 122: in "` + value + `" ` + want
		if _, err := ParsePolicy(policy("2012-10-17", value)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", value, err, want)
		}
		if _, err := ParsePolicy(policy("2008-10-17", value)); err != nil {
			t.Errorf("%s is plain text in version 2008-10-17, got %v", value, err)
		}
	}
}

func TestBadClaimsGetOneSentence(t *testing.T) {
	for document, want := range map[string]string{
		`[]`:          `line 1, column 1: expected the claims of a token, a JSON object, found an array`,
		`eyJ.eyJ.sig`: `line 1, column 1: expected JSON: invalid character 'e' looking for beginning of value`,
		``:            `the document is empty; expected a JSON object`,
	} {
		if _, err := ParseClaims([]byte(document)); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", document, err, want)
		}
	}
}

func TestHostileDocumentsEndInAnErrorFast(t *testing.T) {
	for name, document := range map[string]string{
		"10 MB of white space":      strings.Repeat(" ", 10<<20),
		"10 MB string":              `{"Version":"` + strings.Repeat("a", 10<<20) + `"}`,
		"100,000 open arrays":       strings.Repeat("[", 100_000),
		"100,000 open objects":      strings.Repeat(`{"a":`, 100_000),
		"100,000 closed arrays":     strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"1 MB of closing brackets":  strings.Repeat("]", 1<<20),
		"invalid UTF-8 at the end":  `{"Version":"` + strings.Repeat("a", 1<<19) + "\xff",
		"half a character":          `{"Version":"` + "\xe2\x82",
		"1 MB of line feeds and x":  strings.Repeat("\n", 1<<20-1) + "x",
		"a name 100,000 times":      "{" + strings.Repeat(`"a":1,`, 100_000) + `"a":1}`,
		"100,000 different names":   "{" + manyNames(100_000) + "}",
		"50,000 names twice":        "{" + manyNames(50_000) + "," + manyNames(50_000) + "}",
		"zero bytes":                strings.Repeat("\x00", 1<<20),
		"a number of a million":     `{"Version":` + strings.Repeat("1", 1<<20-20) + `}`,
		"unfinished escape":         `{"Version":"\u12`,
		"100,000 empty statements":  `{"Statement":[` + strings.Repeat("{},", 100_000) + `{}]}`,
		"byte order mark of UTF-16": "\xff\xfe{\x00}\x00",
	} {
		for reader, read := range map[string]func([]byte) error{
			"policy": func(d []byte) error { _, err := ParsePolicy(d); return err },
			"claims": func(d []byte) error { _, err := ParseClaims(d); return err },
		} {
			begun := time.Now()
			err := read([]byte(document))
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%s read as %s took %s", name, reader, took)
			}
			fine := reader == "claims" &&
				(name == "100,000 different names" || name == "50,000 names twice" || strings.HasPrefix(name,
					"a name") || strings.HasPrefix(name, "a number") || name == "100,000 empty statements")
			if err == nil && !fine {
				t.Errorf("%s read as %s is no error", name, reader)
			}
			if err != nil && len(err.Error()) > 300 {
				t.Errorf("%s read as %s: the error has %d bytes", name, reader, len(err.Error()))
			}
		}
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(strings.Repeat("x", i%7))
		b.WriteString(string(rune('a'+i%26)) + strings.TrimLeft(string(rune(0x4e00+i/26)), ""))
		b.WriteString(`":1`)
	}
	return b.String()
}

func TestMillionStarsMatchFast(t *testing.T) {
	begun := time.Now()
	long := strings.Repeat("a", 1<<20)
	for pattern, want := range map[string]bool{
		strings.Repeat("*", 1<<20):                          true,
		strings.Repeat("*", 1<<20) + "b":                    false,
		strings.Repeat("*a", 1<<19) + "*b":                  false,
		strings.Repeat("a*", 1<<19):                         true,
		"*" + strings.Repeat("a", 1<<19) + "b":              false,
		strings.Repeat("?", 1<<20):                          true,
		strings.Repeat("?", 1<<20-1):                        false,
		"*" + strings.Repeat("?", 1<<19):                    true,
		strings.Repeat("*?", 1<<19) + "*":                   true,
		"*" + strings.Repeat("a", 1<<20-1) + "?":            true,
		strings.Repeat("a", 1<<20) + strings.Repeat("*", 9): true,
	} {
		if got := Match(pattern, long); got != want {
			t.Errorf("%.12s... of %d: got %v", pattern, len(pattern), got)
		}
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("ten patterns of up to 2 MB took %s", took)
	}
}

func TestDocumentErrorsNameThePlaceInCharacters(t *testing.T) {
	_, err := ParsePolicy([]byte("{\r\n  \"Id\": \"日本\", \"Sid\": 1}"))
	var refused *DocumentError
	if !errors.As(err, &refused) || refused.Line != 2 || refused.Column != 15 {
		t.Errorf("got %v", err)
	}
}

func TestClaimsAreReadAsWritten(t *testing.T) {
	claims, err := ParseClaims(
		[]byte(`{"id":9007199254740993,"list":["a",true,null,1.50],"none":null,"object":{"x":[]}}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	got := encode(claims)
	if want := `{"id":9007199254740993,"list":["a",true,null,1.50],"none":null,"object":{"x":[]}}`; got != want {
		t.Errorf("got %s", got)
	}
	if _, err := ParseClaims(bytes.Repeat([]byte(" "), maxDocument+1)); err == nil ||
		err.Error() != "expected a JSON object of at most 1048576 bytes, found 1048577 bytes" {
		t.Errorf("got %v", err)
	}
}
