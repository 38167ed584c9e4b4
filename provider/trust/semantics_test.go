package trust

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

const testProvider = "arn:aws:iam::111122223333:oidc-provider/gitlab.com"

// request is a token of gitlab.com.
func request(claims map[string]any) *Request {
	return &Request{
		Provider: testProvider, Issuer: "gitlab.com", Partition: "aws", Claims: claims,
		RoleARN: "arn:aws:iam::111122223333:role/ci", RoleSessionName: "run",
	}
}

func policyWith(t testing.TB, condition string) *Policy {
	return policyFor(t, `"sts:AssumeRoleWithWebIdentity"`, condition)
}

// withTags are the actions for a token that carries tags and a source identity.
const withTags = `["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]`

func policyFor(t testing.TB, actions, condition string) *Policy {
	t.Helper()
	p, err := ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` +
		testProvider +
		`"},"Action":` + actions + `,"Condition":` + condition + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type semantics struct {
	condition string
	claims    map[string]any
	want      Answer
}

func (s semantics) run(t *testing.T) {
	t.Helper()
	if got := policyFor(t, withTags, s.condition).Decide(request(s.claims)); got != s.want {
		t.Errorf("%s with %v: %s, want %s", s.condition, s.claims, got, s.want)
	}
}

type claims = map[string]any

// Each test below is a difference that the comparison with the naive evaluator found, decided for AWS's documentation.

func TestVariableWithoutValueFailsThePositiveConditionWhateverItsOtherValues(t *testing.T) {
	semantics{`{"StringEquals":{"gitlab.com:sub":["a","${gitlab.com:email}"]}}`, claims{"sub": "a"}, Denied}.run(t)
	semantics{`{"StringLikeIfExists":{"gitlab.com:sub":["*","${gitlab.com:email}"]}}`, claims{"sub": "a"},
		Denied}.run(t)
	semantics{`{"StringLikeIfExists":{"gitlab.com:sub":"${gitlab.com:email}"}}`, claims{}, Allowed}.run(t)
}

func TestVariableWithoutValueEqualsNothingToANegatedCondition(t *testing.T) {
	semantics{`{"StringNotEquals":{"gitlab.com:sub":"${gitlab.com:email}"}}`, claims{"sub": "a"}, Allowed}.run(t)
	semantics{`{"StringNotEquals":{"gitlab.com:sub":["a","${gitlab.com:email}"]}}`, claims{"sub": "a"}, Denied}.run(t)
}

func TestVariableOfSeveralValuesHasNoValue(t *testing.T) {
	semantics{`{"StringEquals":{"gitlab.com:sub":"${gitlab.com:amr}"}}`, claims{"sub": "a", "amr": []any{"a", "b"}},
		Denied}.run(t)
	semantics{`{"StringEquals":{"gitlab.com:sub":"${gitlab.com:amr, 'a'}"}}`,
		claims{"sub": "a", "amr": []any{"a", "b"}}, Denied}.run(t)
}

func TestSetOperatorsCompareEmptyTexts(t *testing.T) {
	semantics{`{"ForAllValues:StringEquals":{"gitlab.com:amr":"a"}}`, claims{"amr": []any{""}}, Denied}.run(t)
	semantics{`{"ForAnyValue:StringEquals":{"gitlab.com:amr":""}}`, claims{"amr": []any{"", ""}}, Allowed}.run(t)
	semantics{`{"ForAnyValue:StringEquals":{"gitlab.com:amr":""}}`, claims{"amr": []any{"", "x"}}, Allowed}.run(t)
}

func TestNullTakesAnEmptyTextForOneThatIsThere(t *testing.T) {
	semantics{`{"Null":{"gitlab.com:sub":"false"}}`, claims{"sub": ""}, Allowed}.run(t)
	semantics{`{"Null":{"gitlab.com:sub":true}}`, claims{"sub": ""}, Denied}.run(t)
}

func TestASetSatisfiesNoOperatorWithoutAQuantifier(t *testing.T) {
	for _, operator := range []string{"StringEquals", "StringNotEquals", "StringEqualsIfExists",
		"StringNotEqualsIfExists", "StringNotLike", "NumericNotEquals", "NotIpAddress"} {
		for _, amr := range []any{"a", []any{"a"}, []any{"a", "b"}, []any{}} {
			semantics{`{"` + operator + `":{"gitlab.com:amr":"a"}}`, claims{"amr": amr}, Denied}.run(t)
		}
		semantics{`{"` + operator + `":{"gitlab.com:project_id":"a"}}`, claims{"project_id": []any{"a", "b"}},
			Denied}.run(t)
	}
}

func TestAConditionOnASetWithoutAQuantifierIsExplained(t *testing.T) {
	decision := policyWith(t, `{"StringEquals":{"gitlab.com:amr":"a"}}`).Evaluate(*request(claims{"amr": []any{"a"}}))
	if said := strings.Join(decision.Explanation, "\n"); !strings.Contains(said,
		"amr must be \"a\", and this key holds a set of values") {
		t.Error(said)
	}
}

func TestASetWithoutAnythingInItIsThere(t *testing.T) {
	for condition, want := range map[string]Answer{
		`{"Null":{"gitlab.com:amr":"false"}}`: Allowed, `{"ForAllValues:StringEquals":{"gitlab.com:amr":"a"}}`: Allowed,
		`{"ForAnyValue:StringNotEquals":{"gitlab.com:amr":"a"}}`:      Denied,
		`{"ForAnyValue:StringEqualsIfExists":{"gitlab.com:amr":"a"}}`: Denied,
	} {
		semantics{condition, claims{"amr": []any{}}, want}.run(t)
	}
}

func TestSetOperatorsMakeAConstantOfNull(t *testing.T) {
	semantics{`{"ForAllValues:Null":{"gitlab.com:sub":"true"}}`, claims{"sub": "a"}, Allowed}.run(t)
	semantics{`{"ForAnyValue:Null":{"gitlab.com:sub":"true"}}`, claims{}, Denied}.run(t)
}

func TestValueOfAnotherKindSatisfiesTheNegatedOperator(t *testing.T) {
	semantics{`{"NumericNotEquals":{"gitlab.com:project_id":"1"}}`, claims{"project_id": "one"}, Allowed}.run(t)
	semantics{`{"DateNotEquals":{"gitlab.com:sub":"2026-01-01"}}`, claims{"sub": "soon"}, Allowed}.run(t)
}

func TestAnAddressOrAnARNThatIsNoneMatchesNothing(t *testing.T) {
	semantics{`{"NotIpAddress":{"gitlab.com:sub":"203.0.113.0/24"}}`, claims{"sub": "nowhere"}, Denied}.run(t)
	semantics{`{"ArnNotLike":{"gitlab.com:sub":"arn:aws:s3:::bucket"}}`, claims{"sub": "nowhere"}, Denied}.run(t)
}

func TestLongNumbersAreComparedExactly(t *testing.T) {
	id := claims{"project_id": json.Number("9007199254740993")}
	semantics{`{"NumericEquals":{"gitlab.com:project_id":9007199254740992}}`, id, Denied}.run(t)
	semantics{`{"NumericGreaterThan":{"gitlab.com:project_id":9007199254740992}}`, id, Allowed}.run(t)
	semantics{`{"NumericEquals":{"gitlab.com:project_id":"9007199254740993.0"}}`, id, Allowed}.run(t)
}

func TestWordsThatGoTakesForNumbersAreNone(t *testing.T) {
	for _, word := range []string{"Inf", "NaN", "0x10", "1_0", ".5", "1e1000", ""} {
		semantics{`{"NumericLessThanEquals":{"gitlab.com:project_id":"1e99"}}`, claims{"project_id": word},
			Denied}.run(t)
	}
}

func TestTimeOfDayWithoutAZoneIsOneOfUTC(t *testing.T) {
	semantics{`{"DateEquals":{"gitlab.com:sub":"2026-01-01T00:00:00"}}`, claims{"sub": "2026-01-01T00:00:00Z"},
		Allowed}.run(t)
	semantics{`{"DateEquals":{"gitlab.com:sub":"2026-01-01T01:30+01:30"}}`, claims{"sub": "1767225600"}, Allowed}.run(t)
}

func TestYearsMonthsAndDaysAreTheInstantsTheyBegin(t *testing.T) {
	semantics{`{"DateEquals":{"gitlab.com:sub":"2026"}}`, claims{"sub": "2026-01"}, Allowed}.run(t)
	semantics{`{"DateLessThan":{"gitlab.com:sub":"2026-02"}}`, claims{"sub": "2026-01-31T23:59:59.999999999Z"},
		Allowed}.run(t)
	semantics{`{"DateLessThan":{"gitlab.com:sub":"2030"}}`, claims{"sub": "2026-02-29"}, Denied}.run(t)
}

func TestLooseBase64EqualsNothing(t *testing.T) {
	semantics{`{"BinaryEquals":{"gitlab.com:sub":"QR=="}}`, claims{"sub": "QQ=="}, Denied}.run(t)
	semantics{`{"BinaryEquals":{"gitlab.com:sub":"QQ=="}}`, claims{"sub": "Q\nQ=="}, Allowed}.run(t)
}

func TestOriginalAudienceIsAlwaysAud(t *testing.T) {
	semantics{`{"StringEquals":{"gitlab.com:oaud":"a"}}`, claims{"aud": "a"}, Allowed}.run(t)
	semantics{`{"StringEquals":{"gitlab.com:oaud":"a","gitlab.com:aud":"z"}}`,
		claims{"aud": "a", "azp": "z", "oaud": "x"}, Allowed}.run(t)
}

func TestOnlyATextTakesThePlaceOfTheAudience(t *testing.T) {
	semantics{`{"StringEquals":{"gitlab.com:aud":"a"}}`, claims{"aud": "a", "azp": ""}, Denied}.run(t)
	for _, azp := range []any{nil, true, json.Number("1"), []any{"z"}} {
		semantics{`{"StringEquals":{"gitlab.com:aud":"a"}}`, claims{"aud": "a", "azp": azp}, Allowed}.run(t)
	}
}

func TestListsKeepTheirScalarsOnly(t *testing.T) {
	amr := claims{"amr": []any{"a", nil, []any{"b"}, map[string]any{}, true}}
	semantics{`{"ForAllValues:StringEquals":{"gitlab.com:amr":["a","true"]}}`, amr, Allowed}.run(t)
	semantics{`{"ForAnyValue:StringEquals":{"gitlab.com:amr":"b"}}`, amr, Denied}.run(t)
	semantics{`{"Null":{"gitlab.com:amr":"true"}}`, claims{"amr": []any{[]any{"b"}}}, Denied}.run(t)
}

func TestFlattenedTagsAreTagsToo(t *testing.T) {
	flat := claims{
		"https://aws.amazon.com/tags/principal_tags/Team": "a",
		"https://aws.amazon.com/tags/transitive_tag_keys": []any{"Team"},
	}
	semantics{`{"StringEquals":{"aws:RequestTag/team":"a"},"ForAllValues:StringEquals":{"aws:TagKeys":"Team",` +
		`"sts:TransitiveTagKeys":"Team"}}`, flat, Allowed}.run(t)
}

func TestTagsThatDifferInCaseAreOneKeyWithBothValues(t *testing.T) {
	tags := claims{"https://aws.amazon.com/tags": claims{"principal_tags": claims{"team": "b", "Team": "a"}}}
	semantics{`{"ForAllValues:StringEquals":{"aws:RequestTag/TEAM":["a","b"]}}`, tags, Allowed}.run(t)
	semantics{`{"ForAllValues:StringEquals":{"aws:RequestTag/TEAM":"a"}}`, tags, Denied}.run(t)
}

func TestSourceIdentityComesFromTheToken(t *testing.T) {
	semantics{`{"StringEquals":{"sts:SourceIdentity":"ann"}}`, claims{"https://aws.amazon.com/source_identity": "ann"},
		Allowed}.run(t)
	semantics{`{"StringEquals":{"sts:SourceIdentity":"ann"}}`, claims{}, Denied}.run(t)
}

func TestATokenWithTagsOrASourceIdentityTakesTheActionForThat(t *testing.T) {
	const only, condition = `"sts:AssumeRoleWithWebIdentity"`, `{"StringEquals":{"gitlab.com:sub":"a"}}`
	nested := claims{"sub": "a", "https://aws.amazon.com/tags": claims{"principal_tags": claims{"team": "b"}}}
	flat := claims{"sub": "a", "https://aws.amazon.com/tags/principal_tags/Team": "a"}
	source := claims{"sub": "a", "https://aws.amazon.com/source_identity": "ann"}
	for _, c := range []struct {
		actions string
		claims  claims
		want    Answer
		says    string
	}{
		{only, claims{"sub": "a", "https://aws.amazon.com/tags": nil}, Allowed, "statement 1 allows"},
		{only, nested, Denied,
			"the token carries session tags, which take sts:TagSession, and the policy does not allow it besides"},
		{only, flat, Denied, "sts:TagSession"},
		{only, source, Denied, "a source identity, which takes sts:SetSourceIdentity"},
		{`["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, nested, Allowed, "statement 1 allows"},
		{`["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, source, Denied, "sts:SetSourceIdentity"},
		{`["sts:AssumeRoleWithWebIdentity","STS:Tag*"]`, flat, Allowed, ""},
		{`"sts:TagSession"`, flat, Denied, "its action does not cover"}, {withTags, with(source, nested), Allowed, ""},
		{`"*"`, source, Allowed, ""},
	} {
		decision := policyFor(t, c.actions, condition).Evaluate(*request(c.claims))
		if said := strings.Join(decision.Explanation, "\n"); decision.Answer != c.want ||
			!strings.Contains(said, c.says) {
			t.Errorf("%s with %v: %s: %s", c.actions, c.claims, decision.Answer, said)
		}
	}
}

// with is a copy of claims with others added.
func with(c, more claims) claims {
	c = maps.Clone(c)
	maps.Copy(c, more)
	return c
}

func TestADenyOfTaggingKeepsTokensWithTagsOut(t *testing.T) {
	p, err := ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` +
		testProvider + `"},"Action":"sts:*"},
		{"Effect":"Deny","Principal":"*","Action":"sts:TagSession"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Decide(request(claims{"sub": "a"})); got != Allowed {
		t.Errorf("without tags: %s", got)
	}
	if got := p.Decide(request(claims{"sub": "a", "https://aws.amazon.com/tags": claims{}})); got != Denied {
		t.Errorf("with tags: %s", got)
	}
}

func TestContextGoesBeforeTheToken(t *testing.T) {
	p := policyWith(t, `{"StringEquals":{"gitlab.com:sub":"b","example:key":"c"}}`)
	r := request(claims{"sub": "a"})
	r.Context = map[string][]string{"gitlab.com:sub": {"b"}, "example:key": {"c"}}
	if got := p.Decide(r); got != Allowed {
		t.Errorf("got %s", got)
	}
}

func TestIssuerFamiliesDoNotCrossASlash(t *testing.T) {
	for issuer, filled := range map[string]bool{
		"token.actions.acme.ghe.com": true, "token.actions.x/acme.ghe.com": false, "token.actions..ghe.com": false,
		"token.actions.githubusercontent.com/acme": true, "token.actions.githubusercontent.com/": false,
		"github.com/enterprises/a/b": true, "agent.x.buildkite.dev": true, "agent.x/y.buildkite.dev": false,
		"oidc.circleci.com/org/a": true, "oidc.circleci.com/org/a/b": false,
	} {
		if got := len(ClaimKeys(issuer, "aws")) > len(standardClaims); got != filled {
			t.Errorf("%s: %v", issuer, got)
		}
	}
}

func TestGoogleOrganizationIsNestedInTheToken(t *testing.T) {
	p := policyWith(t, `{"NumericEquals":{"accounts.google.com:google/organization_number":7}}`)
	r := request(claims{"google": claims{"organization_number": json.Number("7")}})
	r.Issuer = "accounts.google.com"
	if got := p.Decide(r); got != Allowed {
		t.Errorf("got %s", got)
	}
}

func TestEmptyListsApplyToNothing(t *testing.T) {
	for _, statement := range []string{
		`{"Effect":"Allow","Principal":{"Federated":[]},"Action":"*"}`,
		`{"Effect":"Allow","Principal":{},"Action":"*"}`,
		`{"Effect":"Allow","Principal":{"Federated":"` + testProvider + `"},"Action":[]}`,
	} {
		p, err := ParsePolicy([]byte(`{"Statement":` + statement + `}`))
		if err != nil || p.Decide(request(nil)) != Denied {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestFloatClaimsReadAsTheyWereWritten(t *testing.T) {
	semantics{`{"StringEquals":{"gitlab.com:project_id":"123456789"}}`, claims{"project_id": float64(123456789)},
		Allowed}.run(t)
}

func TestCaseIsLoweredAndNotFolded(t *testing.T) {
	for text, lowered := range map[string]string{
		"SK": "sk", "ſ": "ſ", "\u212A": "k", "İI": "i\u0307i", "ẞ": "ß", "É": "é", "Σ": "σ", "ΟΣ": "ος", "ΟΣΑ": "οσα",
		"ΟΣ ΟΣ": "ος ος", "\U00010400": "\U00010400", "AΣ\U00010400": "aσ\U00010400", "\U00010400Σ": "\U00010400ς",
		"İ\U00010400İ": "i\u0307\U00010400i\u0307",
	} {
		if got := lower(text); got != lowered {
			t.Errorf("%q: expected %q, got %q", text, lowered, got)
		}
		if !equalsLower(text, lowered) {
			t.Errorf("%q is not %q", text, lowered)
		}
	}
}

func TestQuestionMarkIsOneUTF16UnitAndNotOneByte(t *testing.T) {
	for pattern, want := range map[string]bool{
		"?":    false,
		"??":   true,
		"???":  false,
		"?*":   true,
		"*?":   true,
		"*?*":  true,
		"**":   true,
		"*??":  true,
		"*???": false,
	} {
		if got := Match(pattern, "\U00010400"); got != want {
			t.Errorf("%s: %v", pattern, got)
		}
		if got := Match("a"+pattern+"b", "a\U00010400b"); got != want {
			t.Errorf("a%sb: %v", pattern, got)
		}
	}
	semantics{`{"StringLike":{"gitlab.com:sub":"?b"}}`, claims{"sub": "éb"}, Allowed}.run(t)
	semantics{`{"StringLike":{"gitlab.com:sub":"??b"}}`, claims{"sub": "éb"}, Denied}.run(t)
}

func TestZonedAddressesAreInNoNetwork(t *testing.T) {
	semantics{`{"IpAddress":{"gitlab.com:sub":["fe80::/10","fe80::1%eth0"]}}`, claims{"sub": "fe80::1%eth0"},
		Denied}.run(t)
}
