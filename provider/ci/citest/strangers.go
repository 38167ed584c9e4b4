package citest

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Strangers holds the promise of the audit for each of the system's issuers that many tenants share, by brute force: of
// policies made at random, none that admits a token of another tenant passes without a high finding or not-judged.
func (s Suite) Strangers(t *testing.T) {
	for _, host := range s.System.Issuer().Hosts {
		if !host.Shared || strings.ContainsAny(host.Host, "*?") {
			continue
		}
		if len(host.Forms) == 0 {
			host.Forms = s.System.Forms()
		}
		t.Run(host.Host, func(t *testing.T) { s.strangersOf(t, host) })
	}
}

func (s Suite) strangersOf(t *testing.T, host ci.Host) {
	const policies = 100
	rng := rand.New(rand.NewPCG(41, uint64(len(host.Host))))
	a := Audited{Host: host.Host}
	calls, open, clean := uninvitedOf(host), 0, 0
	for range policies {
		a.Condition = randomCondition(rng, host)
		a.Statements = ""
		if rng.IntN(8) == 0 {
			a.Statements = `{"Effect": "Deny", "Principal": {"Federated": "PRINCIPAL"}, ` +
				`"Action": "sts:AssumeRoleWithWebIdentity", "Condition": ` + randomCondition(rng, host) + `}`
		}
		document := a.Policy()
		policy, err := trust.ParsePolicy([]byte(document))
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		findings := s.Audit(t, document)
		if HasHigh(findings) || slices.Contains(Ids(findings), "not-judged") {
			open++
			continue
		}
		clean++
		for _, call := range calls {
			call.Provider, call.Issuer = policy.Statements[0].Principals.ByType["Federated"][0], host.Host
			if policy.Decide(&call) != trust.Denied {
				t.Fatalf("a stranger gets in, and no high finding says so\nclaims:   %v\ncalls as: "+
					"%s\nfindings: %q\n%s",
					call.Claims, call.RoleSessionName, Ids(findings), document)
			}
		}
	}
	if open < policies/20 || clean == 0 {
		t.Errorf("of %d policies %d are open and %d clean; the test needs both", policies, open, clean)
	}
}

// uninvitedOf are calls of strangers: with their own names, with longer ones, and with ours in all else.
func uninvitedOf(host ci.Host) []trust.Request {
	var calls []trust.Request
	for _, change := range []func(f ci.Field) string{
		func(f ci.Field) string { return f.Other },
		func(f ci.Field) string { return f.Sample + f.Other },
		func(f ci.Field) string { return f.Sample[:len(f.Sample)-1] + "0" },
	} {
		text := func(f ci.Field) string {
			switch changed := change(f); {
			case f.Decides != ci.Tenant:
			case !compiled(f.Texts).MatchString(changed) || changed == f.Sample:
				return f.Other
			default:
				return changed
			}
			return sampleOf(f)
		}
		call := trust.Request{Partition: "aws", Claims: map[string]any{"aud": "sts.amazonaws.com"}}
		for _, f := range host.Claims {
			if f.Other == "" {
				f.Other = "mallory"
			}
			switch {
			case f.Name == "sts:RoleSessionName":
				call.RoleSessionName = text(f)
			case !strings.Contains(f.Name, ":"):
				call.Claims[f.Name] = text(f)
			}
		}
		if oaud, there := call.Claims["oaud"]; there {
			call.Claims["azp"], call.Claims["aud"] = call.Claims["aud"], oaud
			delete(call.Claims, "oaud")
		}
		for _, form := range host.Forms {
			texts := make([]string, len(form.Fields))
			for i, f := range form.Fields {
				texts[i] = text(f)
			}
			another := call
			another.Claims = ci.With(call.Claims, map[string]any{"sub": form.Build(texts...)})
			calls = append(calls, calledAs(another, form, texts))
		}
	}
	return calls
}

// calledAs is the call of a stranger who calls himself, wherever he is asked, as his token calls its tenant.
func calledAs(call trust.Request, form *ci.Form, texts []string) trust.Request {
	name := "mallory"
	for i, f := range form.Fields {
		if f.Decides == ci.Tenant && sessionNames.MatchString(texts[i]) {
			name = texts[i]
		}
	}
	if call.RoleSessionName == "" {
		call.RoleSessionName = name
	}
	call.Context = map[string][]string{"aws:useragent": {name}}
	return call
}

// sessionNames are those that STS takes.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
var sessionNames = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

func sampleOf(f ci.Field) string {
	if len(f.Choices) > 0 && f.Sample == "" {
		return f.Choices[0]
	}
	return f.Sample
}

// randomCondition is the condition of a policy that somebody wrote in a hurry, now and then as it should be.
func randomCondition(rng *rand.Rand, host ci.Host) string {
	conditions := map[string]map[string]any{}
	test := func(key, right string) {
		operators := []string{"StringEquals", "StringEquals", "StringLike", "StringLike", "StringLike",
			"StringEqualsIgnoreCase", "StringEqualsIfExists", "ForAllValues:StringLike", "ForAnyValue:StringLike"}
		operator := operators[rng.IntN(len(operators))]
		var values []string
		for range 1 + rng.IntN(2) {
			values = append(values, careless(rng, right))
		}
		if conditions[operator] == nil {
			conditions[operator] = map[string]any{}
		}
		conditions[operator][key] = values
	}
	if rng.IntN(8) > 0 {
		form := host.Forms[rng.IntN(len(host.Forms))]
		texts := make([]string, len(form.Fields))
		for i, f := range form.Fields {
			texts[i] = sampleOf(f)
		}
		test("ISSUER:sub", form.Build(texts...))
	}
	for _, f := range host.Claims {
		key := "ISSUER:" + f.Name
		if strings.Contains(f.Name, ":") {
			key = f.Name
		}
		if rng.IntN(3) > 0 {
			test(key, sampleOf(f))
		}
	}
	document, _ := json.Marshal(conditions)
	return string(document)
}

// careless is the right text, or what people write in its place.
func careless(rng *rand.Rand, right string) string {
	at := rng.IntN(len(right) + 1)
	to := at + rng.IntN(len(right)+1-at)
	switch rng.IntN(9) {
	case 0:
		return right[:at] + "*"
	case 1:
		return right[:at] + "*" + right[to:]
	case 2:
		return "*" + right[at:]
	case 3:
		return right[:at] + strings.Repeat("?", to-at) + right[to:]
	case 4:
		return strings.ToUpper(right)
	case 5:
		return "*"
	case 6:
		variables := []string{"sts:RoleSessionName", "aws:UserAgent", "aws:RequestTag/project"}
		return right[:at] + "${" + variables[rng.IntN(len(variables))] + "}" + right[to:]
	}
	return right
}
