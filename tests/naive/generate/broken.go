package generate

import (
	"math/rand"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// breaks are replacements in the text of a policy that make it malformed, or nearly so.
var breaks = []struct{ old, new []string }{
	{
		[]string{`"Effect":"Allow"`, `"Effect":"Deny"`},
		[]string{`"Effect":"allow"`, `"Effect":1`, `"Effect":null`, `"Effect":"Allow","Effect":"Deny"`},
	},
	{[]string{`"Effect":`}, []string{`"effect":`, `"Effects":`, `"Resource":"*","Effect":`,
		`"NotPrincipal":"*","Effect":`, `"Sid":7,"Effect":`, `"Sid":"x","Effect":`}},
	{
		[]string{`"Principal":`},
		[]string{`"NotPrincipal":`, `"principal":`, `"Principal":1,"Principals":`, `"Principal":"x","Sid":`},
	},
	{[]string{`"Federated":`}, []string{`"federated":`, `"Nobody":`, `"Federated":7,"AWS":`, `"CanonicalUser":`}},
	{
		[]string{`"Action":`, `"NotAction":`},
		[]string{`"Action":[],"NotAction":`, `"Actions":`, `"Action":true,"Sid":`, `"action":`},
	},
	{
		[]string{`"Condition":{`},
		[]string{`"Condition":[],"x":{`, `"Conditions":{`, `"Condition":{"StringIs":{"a:b":"c"},`,
			`"Condition":{"NullIfExists":{"a:b":true},`, `"Condition":{"Bool":{"a:b":null},`,
			`"Condition":{"StringEquals":"x",`, `"Condition":{"stringequals":{},`},
	},
	{
		[]string{`"Version":"2012-10-17"`, `"Version":"2008-10-17"`},
		[]string{`"Version":"2012-10-18"`, `"Version":20121017`, `"Version":""`, `"version":"2012-10-17"`,
			`"Id":"x","Version":"2012-10-17"`, `"Id":{},"Version":"2012-10-17"`},
	},
	{[]string{`"Statement":`}, []string{`"Statement":[],"x":`, `"Statements":`, `"Statement":{},"Id":`}},
	{
		[]string{`${`},
		[]string{`${}`, `${ `, `$`, `${aws:Nothing`, `${a b}${`, `${a:b, x}${`, `${a:b,'x'}${`, `${a:b, 'x}`},
	},
	{[]string{`=="`}, []string{`="`, `"`, `==="`, `-="`}},
	{[]string{`}`, `]`, `,`, `:`, `"`, `{`, `[`}, []string{``, `,`, `}`, `]`, `null`, `"`}},
	{[]string{`"StringEquals`, `"StringLike`, `"Bool`}, []string{`"ForAllValues:StringEquals`, `"ForAnyValue:Null`,
		`"ForAllValues:Null`, `"ForSomeValues:StringLike`, `"ForAllValues:ForAnyValue:Bool`, `"Numeric`}},
}

// PairBroken makes a pair with something wrong in the policy, mostly.
func PairBroken(r *rand.Rand) ([]byte, naive.Request) {
	policy, req := pair(r, true)
	text := string(policy)
	for range 1 + r.Intn(2) {
		b := breaks[r.Intn(len(breaks))]
		old, replacement := b.old[r.Intn(len(b.old))], b.new[r.Intn(len(b.new))]
		if count := strings.Count(text, old); count > 0 {
			text = replaceNth(text, old, replacement, r.Intn(count))
		}
	}
	return []byte(text), req
}

func replaceNth(text, old, replacement string, n int) string {
	at := 0
	for range n {
		at += strings.Index(text[at:], old) + len(old)
	}
	at += strings.Index(text[at:], old)
	return text[:at] + replacement + text[at+len(old):]
}
