package naive

import (
	"encoding/json"
	"testing"

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
