package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const (
	evaluateToken = "ci-oidc-trust:index:evaluateTrust"
	auditToken    = "ci-oidc-trust:index:auditTrust"
	diffToken     = "ci-oidc-trust:index:diffTrust"

	githubKey   = "token.actions.githubusercontent.com"
	trustPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` + githubKey + `"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + githubKey +
		`:aud":"sts.amazonaws.com","` + githubKey + `:sub":"repo:acme/web:ref:refs/heads/main"}}}]}`
	tokenClaims = `{"iat":1700000000,"exp":4102444800,"iss":"https://` + githubKey +
		`","aud":"sts.amazonaws.com","sub":"repo:acme/web:ref:refs/heads/main"}`
	hidden = "hidden-7f3a"
)

type args = resource.PropertyMap

func text(s string) resource.PropertyValue { return resource.NewStringProperty(s) }

// invoke calls a function as the engine does.
func invoke(t *testing.T, token string, given args) (resource.PropertyMap, []*pulumirpc.CheckFailure, error) {
	t.Helper()
	server, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	options := plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true, KeepResources: true}
	raw, err := plugin.MarshalProperties(given, options)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: token, Args: raw})
	if err != nil {
		return nil, nil, err
	}
	result, err := plugin.UnmarshalProperties(answer.GetReturn(), options)
	if err != nil {
		t.Fatal(err)
	}
	return result, answer.GetFailures(), nil
}

func TestEvaluateTrustAnswersAsTheSchemaSays(t *testing.T) {
	for sub, want := range map[string]bool{"ref:refs/heads/main": true, "pull_request": false} {
		claims := strings.Replace(tokenClaims, "ref:refs/heads/main", sub, 1)
		result, failures, err := invoke(t, evaluateToken,
			args{"trustPolicy": text(trustPolicy), "claims": text(claims)})
		if err != nil || len(failures) > 0 {
			t.Fatal(err, failures)
		}
		if len(result) != 3 || result["allowed"].BoolValue() != want || len(result["explanation"].ArrayValue()) == 0 {
			t.Errorf("%s: %v", sub, result)
		}
		statement := result["statements"].ArrayValue()[0].ObjectValue()
		applies := map[bool]string{true: "yes", false: "no"}[want]
		if statement["statement"].NumberValue() != 1 || statement["effect"].StringValue() != "Allow" ||
			statement["applies"].StringValue() != applies ||
			len(statement["reasons"].ArrayValue()) > 0 == want {
			t.Errorf("%s: %v", sub, statement)
		}
	}
	result, _, err := invoke(t, evaluateToken, args{"trustPolicy": text(trustPolicy), "claims": text(tokenClaims),
		"clientIds": resource.NewArrayProperty([]resource.PropertyValue{text("other")}),
		"roleArn":   text("arn:aws:iam::123456789012:role/deploy")})
	if err != nil || result["allowed"].BoolValue() {
		t.Errorf("a client id that the token does not ask for: %v, %v", result, err)
	}
}

func TestEvaluateTrustTakesPartialClaimsAndExpiredTokens(t *testing.T) {
	some := strings.Replace(tokenClaims, `"iat":1700000000,"exp":4102444800,`, "", 1)
	old := strings.Replace(tokenClaims, "4102444800", "1700000300", 1)
	for name, c := range map[string]struct {
		claims string
		more   args
		want   bool
	}{
		"some claims as the whole token": {some, nil, false},
		"some claims":                    {some, args{"partial": resource.NewBoolProperty(true)}, true},
		"expired":                        {old, nil, false},
		"expired, and that is ignored":   {old, args{"ignoreExpiry": resource.NewBoolProperty(true)}, true},
	} {
		given := args{"trustPolicy": text(trustPolicy), "claims": text(c.claims)}
		for key, value := range c.more {
			given[key] = value
		}
		result, failures, err := invoke(t, evaluateToken, given)
		if err != nil || len(failures) > 0 || result["allowed"].BoolValue() != c.want {
			t.Errorf("%s: %v, %v, %v", name, result, failures, err)
		}
	}
}

func TestAuditTrustAnswersAsTheSchemaSays(t *testing.T) {
	result, failures, err := invoke(t, auditToken, args{"trustPolicy": text(trustPolicy)})
	if err != nil || len(failures) > 0 || len(result) != 1 {
		t.Fatal(result, failures, err)
	}
	found := result["findings"].ArrayValue()
	if len(found) == 0 {
		t.Fatal("no findings")
	}
	for _, f := range found {
		fields := f.ObjectValue()
		for _, name := range []resource.PropertyKey{"id", "severity", "message", "remediation"} {
			if fields[name].StringValue() == "" {
				t.Errorf("%s of %v is empty", name, fields)
			}
		}
	}
}

func TestWhatASecretGoesIntoComesOutSecret(t *testing.T) {
	for name, given := range map[string]args{
		"the claims": {"trustPolicy": text(trustPolicy), "claims": resource.MakeSecret(text(tokenClaims))},
		"the policy": {"trustPolicy": resource.MakeSecret(text(trustPolicy)), "claims": text(tokenClaims)},
		"a client id in a list": {"trustPolicy": text(trustPolicy), "claims": text(tokenClaims),
			"clientIds": resource.NewArrayProperty([]resource.PropertyValue{
				resource.MakeSecret(text("sts.amazonaws.com")),
			})},
		"the list": {"trustPolicy": text(trustPolicy), "claims": text(tokenClaims),
			"clientIds": resource.MakeSecret(
				resource.NewArrayProperty([]resource.PropertyValue{text("sts.amazonaws.com")}),
			)},
	} {
		result, failures, err := invoke(t, evaluateToken, given)
		if err != nil || len(failures) > 0 {
			t.Fatal(name, err, failures)
		}
		for key, value := range result {
			if !value.IsSecret() {
				t.Errorf("%s is secret, and the result's %s is not", name, key)
			}
		}
	}
	result, _, err := invoke(t, auditToken, args{"trustPolicy": resource.MakeSecret(text(trustPolicy))})
	if err != nil || !result["findings"].IsSecret() {
		t.Errorf("%v, %v", result, err)
	}
	result, _, err = invoke(t, evaluateToken, args{"trustPolicy": text(trustPolicy), "claims": text(tokenClaims)})
	if err != nil || result["allowed"].IsSecret() {
		t.Errorf("nothing is secret: %v, %v", result, err)
	}
}

func TestNoErrorHasTheTextOfASecret(t *testing.T) {
	secret := func(s string) resource.PropertyValue { return resource.MakeSecret(text(s)) }
	for name, c := range map[string]struct {
		function string
		args     args
	}{
		"a policy that is none": {auditToken, args{"trustPolicy": secret(`{"` + hidden + `":1}`)}},
		"claims that are none": {evaluateToken,
			args{"trustPolicy": text(trustPolicy), "claims": secret(`["` + hidden + `"]`)}},
		"claims that are cut off": {evaluateToken,
			args{"trustPolicy": text(trustPolicy), "claims": secret(`{"` + hidden + `":`)}},
		"a token that is none": {evaluateToken, args{"trustPolicy": text(trustPolicy), "token": secret(hidden)}},
		"a plain token":        {evaluateToken, args{"trustPolicy": text(trustPolicy), "token": text(hidden)}},
		"both": {evaluateToken,
			args{"trustPolicy": text(trustPolicy), "token": secret(hidden), "claims": text(tokenClaims)}},
		"a list": {evaluateToken, args{
			"trustPolicy": resource.MakeSecret(resource.NewArrayProperty([]resource.PropertyValue{text(hidden)})),
		}},
		"an unknown argument": {auditToken, args{"trustPolicy": text(trustPolicy), "policy": secret(hidden)}},
		"an object": {auditToken,
			args{"trustPolicy": resource.NewObjectProperty(args{"a": secret(hidden)})}},
	} {
		result, failures, err := invoke(t, c.function, c.args)
		if err == nil && len(failures) == 0 {
			t.Errorf("%s: no error, but %v", name, result)
		}
		said := ""
		if err != nil {
			said = err.Error()
		}
		for _, f := range failures {
			said += f.GetProperty() + f.GetReason()
		}
		if strings.Contains(said, hidden) {
			t.Errorf("%s: the error has the secret: %s", name, said)
		}
	}
}

func TestArgumentsThatDoNotFitTheSchemaAreFailuresWithTheirPaths(t *testing.T) {
	number := resource.NewNumberProperty(7)
	for name, c := range map[string]struct {
		function string
		args     args
		wants    []string
	}{
		"nothing": {auditToken, args{}, []string{"trustPolicy: is missing; auditTrust needs it"}},
		"a null": {auditToken, args{"trustPolicy": resource.NewNullProperty()},
			[]string{"trustPolicy: is missing"}},
		"a number": {auditToken, args{"trustPolicy": number},
			[]string{"trustPolicy: must be a string, found a number"}},
		"an unknown one": {auditToken, args{"trustPolicy": text(trustPolicy), "trustpolicy": text("x")},
			[]string{"trustpolicy: unknown property; auditTrust has trustPolicy"}},
		"a number in one": {evaluateToken, args{
			"trustPolicy": text(trustPolicy),
			"claims":      text(tokenClaims),
			"clientIds":   resource.NewArrayProperty([]resource.PropertyValue{text("a"), number}),
		}, []string{"clientIds[1]: must be a string, found a number"}},
		"a text as a list": {evaluateToken, args{
			"trustPolicy": text(trustPolicy),
			"claims":      text(tokenClaims),
			"clientIds":   text("a"),
		}, []string{"clientIds: must be a list, found a string"}},
		"two at once": {evaluateToken, args{"claims": number},
			[]string{"claims: must be a string", "trustPolicy: is missing; evaluateTrust needs it"}},
	} {
		_, failures, err := invoke(t, c.function, c.args)
		if err != nil || len(failures) != len(c.wants) {
			t.Errorf("%s: %v, %v", name, failures, err)
			continue
		}
		for i, want := range c.wants {
			if got := failures[i].GetProperty() + ": " + failures[i].GetReason(); !strings.HasPrefix(got, want) {
				t.Errorf("%s: expected %q, got %q", name, want, got)
			}
		}
	}
}

func TestNullArgumentsCountAsLeftOut(t *testing.T) {
	null := resource.NewNullProperty()
	result, failures, err := invoke(t, evaluateToken, args{
		"trustPolicy": text(trustPolicy),
		"claims":      text(tokenClaims),
		"token":       null,
		"clientIds":   null,
		"roleArn":     resource.MakeSecret(null),
	})
	if err != nil || len(failures) > 0 || !result["allowed"].BoolValue() {
		t.Errorf("%v, %v, %v", result, failures, err)
	}
}

func TestAnUnknownFunctionIsNamed(t *testing.T) {
	if _, _, err := invoke(t, "ci-oidc-trust:index:renderTrusts", args{}); err == nil ||
		!strings.Contains(err.Error(), "unknown function ci-oidc-trust:index:renderTrusts") {
		t.Error(err)
	}
}

func TestBadDocumentsAreErrorsWithOneSentence(t *testing.T) {
	for name, c := range map[string]struct {
		args args
		want string
	}{
		"neither claims nor token": {args{"trustPolicy": text(trustPolicy)},
			"give either the token's claims or the token"},
		"an empty policy": {args{"trustPolicy": text(" "), "claims": text(tokenClaims)},
			"the trust policy is empty; expected a JSON object"},
		"claims that are a list": {args{"trustPolicy": text(trustPolicy), "claims": text("[]")},
			"claims: line 1, column 1: expected the claims of a token, a JSON object, found an array"},
	} {
		if _, _, err := invoke(t, evaluateToken, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiffTrustAnswersAsTheSchemaSays(t *testing.T) {
	wider := strings.Replace(trustPolicy, `"StringEquals"`, `"StringLike"`, 1)
	wider = strings.Replace(wider, "refs/heads/main", "refs/heads/*", 1)
	result, failures, err := invoke(t, diffToken, args{"before": text(trustPolicy), "after": text(wider)})
	if err != nil || len(failures) > 0 || len(result) != 3 || result["same"].BoolValue() {
		t.Fatal(result, failures, err)
	}
	for side, differ := range map[resource.PropertyKey]bool{"admitted": true, "refused": false} {
		contrast := result[side].ObjectValue()
		if len(contrast) != 4 || len(contrast["differences"].ArrayValue()) > 0 != differ {
			t.Errorf("%s: %v", side, contrast)
		}
		for _, d := range contrast["differences"].ArrayValue() {
			d := d.ObjectValue()
			if len(d) != 7 || d["issuer"].StringValue() != "GitHub Actions" || d["statement"].NumberValue() != 1 ||
				d["who"].StringValue() == "" || len(d["why"].ArrayValue()) == 0 ||
				!strings.Contains(d["claims"].StringValue(), `"sub":"repo:acme/web:ref:refs/heads/`) {
				t.Errorf("%v", d)
			}
		}
	}
	same, _, err := invoke(t, diffToken, args{"before": text(wider), "after": text(wider)})
	if err != nil || !same["same"].BoolValue() {
		t.Errorf("%v %v", same, err)
	}
	if _, _, err := invoke(t, diffToken, args{"before": text("{"), "after": text(wider)}); err == nil ||
		!strings.Contains(err.Error(), "the policy before: line 1, column 2") {
		t.Errorf("%v", err)
	}
	_, _, err = invoke(t, diffToken, args{"before": resource.MakeSecret(text("{" + hidden)), "after": text(wider)})
	if err == nil || strings.Contains(err.Error(), hidden) {
		t.Errorf("%v", err)
	}
	secret, _, err := invoke(t, diffToken, args{"before": resource.MakeSecret(text(trustPolicy)), "after": text(wider)})
	if err != nil || !secret["admitted"].IsSecret() || !secret["same"].IsSecret() {
		t.Errorf("the answer about a secret is none: %v %v", secret, err)
	}
}

func TestAPolicyThatIsLeftOutInGoIsAProblemOfItsProperty(t *testing.T) {
	for _, c := range []struct {
		token, property string
		given           args
	}{
		{auditToken, "trustPolicy", args{"trustPolicy": text("")}},
		{evaluateToken, "trustPolicy", args{"trustPolicy": text(""), "claims": text("{}")}},
		{diffToken, "before", args{"before": text(""), "after": text(trustPolicy)}},
		{diffToken, "after", args{"before": text(trustPolicy), "after": text("")}},
	} {
		_, failures, err := invoke(t, c.token, c.given)
		if err != nil || len(failures) != 1 || failures[0].GetProperty() != c.property ||
			failures[0].GetReason() != "is empty; give a trust policy as JSON" {
			t.Errorf("%s, %s: %v, %v", c.token, c.property, failures, err)
		}
	}
}
