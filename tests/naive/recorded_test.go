package naive

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The rows of this file are what the real IAM and STS answered on 2026-09-11 and 12. The facts are taken from the
// fixtures of https://github.com/radkawar/stackd at commit 9dc356f, which are named at each table.

const tagValue = "aws:RequestTag/value"

// statementApplies says whether a statement with one condition applies to a request with these keys.
func statementApplies(t *testing.T, effect, operator, key string, want any, keys map[string][]string) bool {
	t.Helper()
	allow := map[string]any{
		"Effect":    "Allow",
		"Principal": map[string]any{"Federated": provider},
		"Action":    "sts:AssumeRoleWithWebIdentity",
	}
	one := map[string]any{
		"Effect": effect, "Principal": allow["Principal"], "Action": allow["Action"],
		"Condition": map[string]any{operator: map[string]any{key: want}},
	}
	statements := []any{one}
	if effect == "Deny" {
		statements = append(statements, allow)
	}
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	require.NoError(t, err)
	allowed, err := Decide(document,
		Request{Provider: provider, Issuer: "example.com", Partition: "aws", Context: keys})
	require.NoError(t, err, string(document))
	return allowed == (effect == "Allow")
}

// A recorded row was asked twice, as an Allow and as a Deny.
type recorded struct {
	operator string
	want     any
	have     []string // nil: the request lacks the key
	applies  string   // "", "Allow", "Deny" or "both"
}

func replay(t *testing.T, key string, rows []recorded) {
	t.Helper()
	for _, r := range rows {
		keys := map[string][]string{}
		if r.have != nil {
			keys[key] = r.have
		}
		for _, effect := range []string{"Allow", "Deny"} {
			require.Equal(t, r.applies == effect || r.applies == "both",
				statementApplies(t, effect, r.operator, key, r.want, keys),
				"%s: %s %q, request %q", effect, r.operator, r.want, r.have)
		}
	}
}

func one(s string) []string { return []string{s} }

// opposites makes rows of an operator and of its negation: of each value of the request, does the first one match?
func opposites(operator, negation string, want any, matching []string, others []string) []recorded {
	var rows []recorded
	for _, have := range matching {
		rows = append(rows, recorded{operator, want, one(have), "both"}, recorded{negation, want, one(have), ""})
	}
	for _, have := range others {
		rows = append(rows, recorded{operator, want, one(have), ""}, recorded{negation, want, one(have), "both"})
	}
	return rows
}

// condition_sets.json
func TestAMultivaluedKeyIsComparedBySetOperatorsOnly(t *testing.T) {
	t.Parallel()
	team, env, both := []string{"team"}, []string{"env"}, []string{"team", "env"}
	var rows []recorded
	for _, operator := range []string{"StringEquals", "StringNotEquals", "StringEqualsIfExists",
		"StringNotEqualsIfExists"} {
		missing := "both"
		if operator == "StringEquals" {
			missing = ""
		}
		rows = append(rows, recorded{operator, "team", nil, missing})
		for _, have := range [][]string{team, env, both} {
			rows = append(rows, recorded{operator, "team", have, ""})
		}
	}
	for operator, applies := range map[string][4]string{ // missing, team, env, both of them
		"ForAnyValue:StringEquals":     {"", "both", "", "both"},
		"ForAllValues:StringEquals":    {"both", "both", "", ""},
		"ForAnyValue:StringNotEquals":  {"", "", "both", "both"},
		"ForAllValues:StringNotEquals": {"both", "", "both", ""},
	} {
		for i, have := range [][]string{nil, team, env, both} {
			rows = append(rows, recorded{operator, "team", have, applies[i]})
		}
	}
	replay(t, "aws:TagKeys", rows)
}

// condition_sets.json
func TestAnEmptyValueIsAValue(t *testing.T) {
	t.Parallel()
	replay(t, "aws:RequestTag/team", []recorded{
		{"Null", "true", one(""), ""}, {"Null", "true", one("capture"), ""}, {"Null", "true", nil, "both"},
		{"Null", "false", one(""), "both"}, {"Null", "false", one("capture"), "both"}, {"Null", "false", nil, ""},
		{"StringEquals", "", one(""), "both"}, {"StringEquals", "", one("capture"), ""}, {"StringEquals", "", nil, ""},
		{"ForAllValues:StringEquals", "capture", one(""), ""},
		{"ForAllValues:StringEquals", "capture", one("capture"), "both"},
		{"ForAllValues:StringEquals", "capture", nil, "both"}, {"ForAnyValue:StringEquals", "", one(""), "both"},
		{"ForAnyValue:StringEquals", "", one("capture"), ""}, {"ForAnyValue:StringEquals", "", nil, ""},
	})
}

// condition_sets.json
func TestAVariableOfAMultivaluedKeyHasNoValueAndTakesNoDefault(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{"${aws:TagKeys}", "${aws:TagKeys, 'fallback'}"} {
		for _, keys := range []map[string][]string{
			k("aws:RequestTag/team", "team", "aws:TagKeys", "team"),
			k("aws:RequestTag/team", "fallback", "aws:TagKeys", "team"),
			k("aws:RequestTag/team", "team", "aws:RequestTag/env", "env", "aws:TagKeys", "team", "aws:TagKeys", "env"),
		} {
			require.False(t, statementApplies(t, "Allow", "StringEquals", "aws:RequestTag/team", variable, keys))
			require.True(t, statementApplies(t, "Allow", "StringNotEquals", "aws:RequestTag/team", variable, keys))
		}
	}
}

// An empty list in amr is a set without members: it is there, and nothing is in it.
func TestAnEmptySetIsThere(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]bool{
		`{"StringEquals": {"example.com:amr": "a"}}`:                 false,
		`{"StringNotEquals": {"example.com:amr": "a"}}`:              false,
		`{"StringEqualsIfExists": {"example.com:amr": "a"}}`:         false,
		`{"ForAnyValue:StringEquals": {"example.com:amr": "a"}}`:     false,
		`{"ForAnyValue:StringNotEquals": {"example.com:amr": "a"}}`:  false,
		`{"ForAllValues:StringEquals": {"example.com:amr": "a"}}`:    true,
		`{"ForAllValues:StringNotEquals": {"example.com:amr": "a"}}`: true,
		`{"Null": {"example.com:amr": "false"}}`:                     true,
	} {
		policy := `{"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"Federated": "p"}, "Condition": ` +
			condition + `}}`
		allowed, err := Decide([]byte(policy),
			Request{Provider: "p", Issuer: "example.com", Claims: map[string]any{"amr": []any{}}})
		require.NoError(t, err)
		require.Equal(t, want, allowed, condition)
	}
}

// condition_strings.json, observations, and its simulation for the texts that no tag can have
func TestIgnoreCaseComparesLowerCase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		equal  []string
		differ []string
	}{
		{"prod", []string{"PrOd"}, nil},
		{"I", nil, []string{"ı"}},
		{"i", nil, []string{"İ"}},
		{"İ", []string{"i\u0307"}, nil},
		{"K", []string{"\u212a"}, nil},
		{"s", nil, []string{"ſ"}},
		{"ß", []string{"ẞ"}, []string{"SS"}},
		{"Σ", []string{"σ"}, []string{"ς"}},
		{"ΟΣ", []string{"ος"}, []string{"οσ"}},
		{"ΟΣΑ", []string{"οσα"}, nil},
		{"É", []string{"é"}, nil},
		{"é", nil, []string{"e\u0301"}},
		{"\U00010400", []string{"\U00010400"}, []string{"\U00010428"}},
		{"AΣ\U00010400", []string{"aσ\U00010400"}, []string{"aς\U00010400"}},
		{"\U00010400Σ", []string{"\U00010400ς"}, []string{"\U00010400σ"}},
	} {
		replay(t, tagValue, opposites("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", c.want, c.equal, c.differ))
	}
	replay(t, "aws:TagKeys", []recorded{
		{"ForAnyValue:StringEqualsIgnoreCase", "S", one("ſ"), ""},
		{"ForAllValues:StringEqualsIgnoreCase", "S", one("ſ"), ""},
		{"ForAnyValue:StringEqualsIgnoreCase", "ΟΣ", one("ος"), "both"},
		{"ForAllValues:StringEqualsIgnoreCase", "ΟΣ", one("ος"), "both"},
	})
	for pattern, c := range map[string]struct {
		value string
		equal bool
	}{"S": {"ſ", false}, "ΟΣ": {"ος", true}, "\U00010400": {"\U00010428", false}} {
		keys := k(tagValue, c.value, "aws:RequestTag/pattern", pattern)
		require.Equal(t, c.equal, statementApplies(t, "Allow", "StringEqualsIgnoreCase", tagValue,
			"${aws:RequestTag/pattern}", keys), pattern)
	}
}

// condition_strings.json
func TestAQuestionMarkIsOneUTF16Unit(t *testing.T) {
	t.Parallel()
	const long, other = "\U00010400", "\U00010428"
	for _, c := range []struct {
		want   string
		match  []string
		differ []string
	}{
		{"?", []string{"é"}, []string{long, "e\u0301"}},
		{"??", []string{long, "e\u0301"}, nil},
		{"a?b", []string{"a:b", "a\nb"}, []string{"a" + long + "b"}},
		{"a??b", []string{"a" + long + "b"}, nil},
		{"a*?b", []string{"a" + long + "b"}, nil},
		{"a?*b", []string{"a" + long + "b"}, nil},
		{"a*b", []string{"a/b", "a\nb"}, nil},
		{long + "?", []string{long + "x"}, []string{long + other}},
		{"a[b]", nil, []string{"ab"}},
		{`a\*b`, []string{`a\xb`}, []string{"a*b"}},
	} {
		replay(t, tagValue, opposites("StringLike", "StringNotLike", c.want, c.match, c.differ))
	}
	replay(t, tagValue, opposites("StringEquals", "StringNotEquals", long, []string{long}, []string{other}))
	replay(t, tagValue, opposites("StringEquals", "StringNotEquals", "é", nil, []string{"e\u0301"}))
	replay(t, "aws:TagKeys", []recorded{
		{"ForAnyValue:StringLike", "a?", one("a" + long), ""}, {"ForAllValues:StringLike", "a?", one("a" + long), ""},
		{"ForAnyValue:StringLike", "a??", one("a" + long), "both"},
		{"ForAllValues:StringLike", "a??", one("a" + long), "both"},
	})
	require.True(t, statementApplies(t, "Allow", "StringLike", tagValue, "${aws:RequestTag/pattern}?",
		k(tagValue, long+"x", "aws:RequestTag/pattern", long)))
}

// condition_values.json
func TestTextThatIsNoNumberIsUnequal(t *testing.T) {
	t.Parallel()
	replay(t, tagValue, opposites("NumericEquals", "NumericNotEquals", "1",
		[]string{"1", "01", "+1", "1.0", "1e0"}, []string{"2", "no-number", "", "NaN", "Infinity"}))
	replay(t, tagValue, opposites("NumericEquals", "NumericNotEquals", "NaN", nil, []string{"1", "no-number"}))
	replay(t, tagValue, []recorded{
		{"NumericEquals", "01", one("1"), "both"}, {"NumericEquals", "+1", one("1"), "both"},
		{"NumericEquals", "1.", one("1"), "both"}, {"NumericEquals", "9007199254740993", one("9007199254740992"), ""},
		{"NumericLessThan", "9007199254740993", one("9007199254740992"), "both"},
	})
	for operator, applies := range map[string][4]string{ // no-number; no-number and 1; no-number and 2; 1 and 2
		"ForAnyValue:NumericEquals":     {"", "both", "", "both"},
		"ForAllValues:NumericEquals":    {"", "", "", ""},
		"ForAnyValue:NumericNotEquals":  {"both", "both", "both", "both"},
		"ForAllValues:NumericNotEquals": {"both", "", "both", ""},
	} {
		for i, have := range [][]string{{"no-number"}, {"no-number", "1"}, {"no-number", "2"}, {"1", "2"}} {
			replay(t, "aws:TagKeys", []recorded{{operator, "1", have, applies[i]}})
		}
	}
}

// condition_values.json
func TestDatesAreComparedToTheMillisecond(t *testing.T) {
	t.Parallel()
	const newYear = "2030-01-01T00:00:00Z"
	replay(t, tagValue, opposites("DateEquals", "DateNotEquals", newYear,
		[]string{newYear, "1893456000", "2030-01-01"}, []string{"2030-01-02T00:00:00Z", "not-a-date", ""}))
	replay(t, tagValue, opposites("DateEquals", "DateNotEquals", "not-a-date", nil, []string{newYear, "not-a-date"}))
	replay(t, tagValue, []recorded{
		{"DateEquals", newYear, one("2030-01-01T00:00:00.0001Z"), "both"},
		{"DateEquals", newYear, one("2030-01-01T00:00:00"), "both"},
		{"DateEquals", newYear, one("+1893456000"), "both"},
		{"DateEquals", "2030-01-01T00:00:00.1231Z", one("2030-01-01T00:00:00.1239Z"), "both"},
	})
}

// condition_values.json
func TestWhatIsNotTrueIsFalse(t *testing.T) {
	t.Parallel()
	trues, falses := []string{"true", "True", "TRUE"}, []string{"false", "yes", "1", "", " true "}
	for _, c := range []struct{ operator, want, have, applies string }{
		{"Bool", "TRUE", "true", "both"}, {"Bool", "False", "false", "both"}, {"Bool", "yes", "false", "both"},
		{"Null", "yes", "present", "both"}, {"Null", "TRUE", "present", ""},
	} {
		replay(t, tagValue, []recorded{{c.operator, c.want, one(c.have), c.applies}})
	}
	for _, have := range trues {
		replay(t, tagValue, []recorded{{"Bool", "true", one(have), "both"}, {"Bool", "false", one(have), ""}})
	}
	for _, have := range falses {
		replay(t, tagValue, []recorded{{"Bool", "true", one(have), ""}, {"Bool", "false", one(have), "both"}})
	}
}

// condition_values.json
func TestBinaryValuesAreStrictBase64(t *testing.T) {
	t.Parallel()
	replay(t, tagValue, []recorded{{"BinaryEquals", "YQ==", one("YQ=="), "both"}})
	for _, have := range []string{"Yg==", "YQ", "YR==", "no-binary", "", " YQ== "} {
		replay(t, tagValue, []recorded{{"BinaryEquals", "YQ==", one(have), ""}})
	}
}

// condition_values.json
func TestAnARNThatCannotBeReadGrantsNothingAndDeniesWhatCanBeRead(t *testing.T) {
	t.Parallel()
	const user, users, roles, none = "arn:aws:iam::123456789012:user/test", "arn:aws:iam::*:user/*",
		"arn:aws:iam::*:role/*", "not-an-arn"
	replay(t, tagValue,
		opposites("ArnLike", "ArnNotLike", users, one(user), one("arn:aws:iam::123456789012:role/test")))
	for _, operator := range []string{"ArnLike", "ArnNotLike"} {
		replay(t, tagValue, []recorded{
			{operator, users, one(none), ""}, {operator, users, one(""), ""}, {operator, none, one(none), ""},
			{operator, none, one(user), "Deny"},
			{operator, []string{none, users}, one(user), "Deny"}, {operator, []string{none, roles}, one(user), "Deny"},
			{operator, []string{roles, none}, one(user), "Deny"},
		})
		for _, effect := range []string{"Allow", "Deny"} {
			require.Equal(t, effect == "Deny",
				statementApplies(t, effect, operator, tagValue, "${aws:RequestTag/pattern}",
					k(tagValue, user, "aws:RequestTag/pattern", none)))
			require.False(t, statementApplies(t, effect, operator, tagValue, "${aws:RequestTag/pattern}",
				k(tagValue, none, "aws:RequestTag/pattern", none)))
		}
	}
	replay(t, tagValue, []recorded{
		{"ArnLike", []string{users, none}, one(user), "both"}, {"ArnNotLike", []string{users, none}, one(user), ""},
	})
}

// condition_ip.json, and the addresses of condition_values.json
func TestAddressesAreReadAsIAMReadsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want    any
		in, out []string
		neither []string // the request's address cannot be read
	}{
		{"192.0.2.0/24", []string{"192.0.2.0", "192.0.2.255", "192.0.2.1", "192.000.2.1", "192.000.002.1",
			"::ffff:192.0.2.1", "::FFFF:c000:201"},
			[]string{"192.0.3.1"}, []string{"192.0.513", "3221225985", "192.0.2.1/32", "not-an-ip", ""}},
		{"192.0.2.5/24", []string{"192.0.2.1"}, nil, nil},
		{"192.0.2.0/31", []string{"192.0.2.1"}, []string{"192.0.2.2"}, nil},
		{"192.0.2.1", []string{"192.0.2.1"}, []string{"192.0.2.2"}, nil},
		{"192.0.2.0/0", []string{"203.0.113.1"}, []string{"2001:db8::1"}, nil},
		{"192.000.002.0/24", []string{"192.0.2.1"}, nil, nil},
		{"192.000.002.1", []string{"192.0.2.1"}, nil, nil},
		{"192.0.2.0/024", []string{"192.0.2.1"}, nil, nil},
		{"192.0.2.0/+24", []string{"192.0.2.1"}, nil, nil},
		{"192.0.2.0/33", nil, []string{"192.0.2.1"}, nil},
		{"::ffff:192.0.2.0/120", nil, []string{"192.0.2.1", "::ffff:192.0.2.1"}, nil},
		{"::ffff:c000:200/120", nil, []string{"::ffff:c000:201"}, nil},
		{"::ffff:192.0.2.1", nil, []string{"::ffff:192.0.2.1"}, nil},
		{"::ffff:192.0.2.0/24", nil, []string{"192.0.2.1"}, nil},
		{"::192.0.2.0/120", nil, nil, []string{"::192.0.2.1"}},
		{"::/0", []string{"2001:db8::1", ":::"}, []string{"::ffff:192.0.2.1", "192.0.2.1"},
			[]string{"2001::db8::1", "2001::db8:::1", "::ffff:::192.0.2.1"}},
		{"2001:db8::1", []string{"2001:db8::1"}, []string{"2001:db8::2"}, nil},
		{"2001:db8::1/128", []string{"2001:db8:::1", "2001:db8::1:"}, []string{"2001:db8::2", ":2001:db8::1"},
			[]string{"2001:db8::::1"}},
		{"2001:db8::/64", []string{"2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8:::1"}, []string{"2001:db8:0:1::"},
			[]string{"2001:db8::192.0.2.1"}},
		{"2001:db8::5/64", nil, []string{"2001:db8::1", "2001:db8::5", "2001:db8::6"}, nil},
		{"2001:db8::5/127", nil, []string{"2001:db8::4", "2001:db8::5"}, nil},
		{"2001:db8::4/127", []string{"2001:db8::4", "2001:db8::5"}, []string{"2001:db8::6"}, nil},
		{"2001:db8::1/0", nil, []string{"2001:db8::1"}, nil},
		{"2001:DB8::/064", []string{"2001:0db8:0000:0000:0000:0000:0000:0001"}, nil, nil},
		{"2001:db8::192.0.2.0/120", nil, []string{"2001:db8::c000:201"}, nil},
		{"2001:db8::/129", nil, []string{"2001:db8::1"}, nil},
		{"not-an-ip", nil, []string{"192.0.2.1"}, []string{"not-an-ip"}},
		{[]string{"not-an-ip", "192.0.2.0/24"}, []string{"192.0.2.1"}, []string{"192.0.3.1"}, nil},
		{[]string{"192.0.2.0/24", "not-an-ip"}, []string{"192.0.2.1"}, []string{"192.0.3.1"}, nil},
		{[]string{"2001:db8::5/64", "2001:db8::/64"}, []string{"2001:db8::1"}, nil, nil},
		{[]string{"2001:db8::/64", "2001:db8::5/64"}, []string{"2001:db8::1"}, nil, nil},
	} {
		replay(t, tagValue, opposites("IpAddress", "NotIpAddress", c.want, c.in, c.out))
		for _, have := range c.neither {
			replay(t, tagValue,
				[]recorded{{"IpAddress", c.want, one(have), ""}, {"NotIpAddress", c.want, one(have), ""}})
		}
	}
}

// aws-trust.json
func TestTheCallerIsTheProviderInItsAccount(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"aws:PrincipalAccount": "111122223333", "aws:PrincipalType": "User", "aws:userid": provider,
		"aws:FederatedProvider": provider,
	} {
		require.True(t, statementApplies(t, "Allow", "StringEquals", key, want, nil), key)
		require.False(t, statementApplies(t, "Deny", "StringNotEquals", key, want, nil), key)
	}
	require.True(t, statementApplies(t, "Allow", "Null", "aws:PrincipalArn", "true", nil))
}

func token(change map[string]any) map[string]any {
	claims := map[string]any{
		"iss": "https://issuer.example.com", "aud": "client-a", "sub": "subject", "iat": json.Number("1789123688"),
		"exp": json.Number("1789124598"),
	}
	for name, value := range change {
		if value == "absent" {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	return claims
}

// aws.json and aws-initial.json
func TestTokensAreRefusedAsSTSRefusesThem(t *testing.T) {
	t.Parallel()
	const notValidated = "InvalidIdentityToken: The web identity token provided could not be validated. " +
		"See the AssumeRoleWithWebIdentity documentation for requirements."
	const several = "InvalidIdentityToken: Token audience contains more than one audience while authorized " +
		"party is not present"
	const timestamp = "InvalidIdentityToken: Invalid timestamp in token claims."
	const tags, tag = "https://aws.amazon.com/tags", "https://aws.amazon.com/tags/principal_tags/Team"
	now := time.Unix(1789123721, 0)
	n := func(i int64) json.Number { return json.Number(fmt.Sprint(i)) }
	for name, c := range map[string]struct {
		change map[string]any
		want   string
	}{
		"baseline": {nil, ""},
		"missing-iss": {map[string]any{"iss": "absent"},
			"InvalidIdentityToken: Missing a required claim: iss"},
		"missing-sub": {map[string]any{"sub": "absent"},
			"InvalidIdentityToken: Missing a required claim: sub"},
		"missing-aud": {map[string]any{"aud": "absent"},
			"InvalidIdentityToken: Missing a required claim: aud"},
		"missing-iat": {map[string]any{"iat": "absent"},
			"InvalidIdentityToken: Missing a required claim: iat"},
		"missing-exp": {map[string]any{"exp": "absent"},
			"InvalidIdentityToken: Missing a required claim: exp"},
		"subject-short": {map[string]any{"sub": "a"}, ""},
		"subject-empty": {map[string]any{"sub": ""}, ""},
		"sub-null": {map[string]any{"sub": nil},
			"InternalFailure: Unknown error validating third-party token"},
		"sub-number":             {map[string]any{"sub": n(123)}, ""},
		"aud-array-first-match":  {map[string]any{"aud": []any{"client-a", "other"}}, several},
		"aud-array-second-match": {map[string]any{"aud": []any{"other", "client-a"}}, several},
		"aud-single-array":       {map[string]any{"aud": []any{"client-a"}}, ""},
		"aud-multi-with-azp":     {map[string]any{"aud": []any{"other", "client-a"}, "azp": "client-b"}, ""},
		"aud-empty":              {map[string]any{"aud": ""}, notValidated},
		"aud-empty-array": {map[string]any{"aud": []any{}},
			"InvalidIdentityToken: Claim is not allowed to be empty: aud"},
		"azp-empty": {map[string]any{"azp": ""}, notValidated},
		"expired-1": {map[string]any{"exp": n(1789123697)}, ""},
		"expired-301": {map[string]any{"exp": n(1789123397)},
			"ExpiredTokenException: Token expired: current date/time 1789123421 must be before the expiration " +
				"date/time 1789123397"},
		"iat-future-1":   {map[string]any{"iat": n(1789123722)}, ""},
		"iat-future-301": {map[string]any{"iat": n(1789123999)}, ""},
		"iat-future-hour": {map[string]any{"iat": n(1789127298)},
			"InvalidIdentityToken: Token issued in the future: 1789127298"},
		"iat-null":       {map[string]any{"iat": nil}, timestamp},
		"iat-fraction":   {map[string]any{"iat": json.Number("1789123697.5")}, timestamp},
		"iat-string":     {map[string]any{"iat": "1789123698"}, ""},
		"exp-fraction":   {map[string]any{"exp": json.Number("1789123798.5")}, timestamp},
		"exp-string":     {map[string]any{"exp": "1789124298"}, ""},
		"nbf-future-1":   {map[string]any{"nbf": n(1789123722)}, ""},
		"nbf-future-301": {map[string]any{"nbf": n(1789123999)}, ""},
		"nbf-string":     {map[string]any{"nbf": "1789123698"}, ""},
		"nbf-invalid":    {map[string]any{"nbf": "invalid"}, timestamp},
		"nbf-future-hour": {map[string]any{"nbf": n(1789127298)},
			"InvalidIdentityToken: Token not yet valid: current date/time 1789124021 " +
				"must be after or equal to the not-before date/time 1789127298"},
		"nested-tags": {map[string]any{tags: map[string]any{
			"principal_tags": map[string]any{"Team": []any{"engineering"}}, "transitive_tag_keys": []any{"Team"},
		}}, ""},
		"nested-string-tags": {map[string]any{
			tags: map[string]any{"principal_tags": map[string]any{"Team": "engineering"}},
		},
			"InvalidIdentityToken: principal_tags passed in claim is not in correct format."},
		"flat-tags": {map[string]any{tag: "engineering"}, ""},
	} {
		err := Refuse(token(c.change), "arn:aws:iam::123456789012:role/deploy", now)
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.EqualError(t, err, c.want, name)
	}
	audience, err := CheckClaims(token(map[string]any{"aud": "other", "azp": "client-b"}), now) // azp-overrides
	require.NoError(t, err)
	require.Equal(t, "client-b", audience)
	subject, ok := Subject(token(map[string]any{"sub": n(123)}))
	require.True(t, ok)
	require.Equal(t, "123", subject)
}

// aws.json: duplicate-claim, duplicate-same-claim
func TestATokenThatSaysAClaimTwiceCountsByTheLast(t *testing.T) {
	t.Parallel()
	claims, err := ReadClaims([]byte(`{"aud": "client-a", "nested": {"a": 1, "a": 2}, "aud": "other"}`))
	require.NoError(t, err)
	require.Equal(t, map[string]any{"aud": "other", "nested": map[string]any{"a": json.Number("2")}}, claims)
	for _, payload := range []string{``, `[]`, `null`, `"x"`, `{`, `{} {}`} {
		_, err := ReadClaims([]byte(payload))
		require.Error(t, err, payload)
	}
}

// aws-roles.json
func TestATokenForOtherRolesIsRefusedWhateverThePolicySays(t *testing.T) {
	t.Parallel()
	const role, other = "arn:aws:iam::123456789012:role/deploy", "arn:aws:iam::123456789012:role/other"
	for want, claims := range map[string][]any{
		"": {nil, role, []any{role}, other + "; " + role, []any{other, " " + role + "\t"},
			[]any{"nonsense", json.Number("1"), role}},
		"not present in":       {other, []any{other}, role + "s", "x;" + other},
		"no valid role ARNs":   {"", ";;", []any{}, "nonsense", []any{nil}},
		"not in a supported f": {true, json.Number("1"), map[string]any{"role": role}},
	} {
		for _, claim := range claims {
			err := CheckRoles(map[string]any{rolesClaim: claim}, role)
			if want == "" {
				require.NoError(t, err, claim)
				continue
			}
			require.ErrorContains(t, err, want, claim)
			require.ErrorContains(t, err, "InvalidIdentityToken")
		}
	}
	r := Request{RoleARN: role, Claims: map[string]any{rolesClaim: nil}}
	require.Equal(t, []string{"false"}, Keys(r)["sts:roleauthorizedbyidp"])
	r.Claims = nil
	require.Equal(t, []string{"false"}, Keys(r)["sts:roleauthorizedbyidp"])
	r.Claims = map[string]any{rolesClaim: []any{role}}
	require.Equal(t, []string{"true"}, Keys(r)["sts:roleauthorizedbyidp"])
}
