package trust

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

// Whatever the rest of a token is, an answer that partial claims make certain must be the answer to the whole.
func TestACertainAnswerOfPartialClaimsHoldsForEveryToken(t *testing.T) {
	values := []any{"a", "b", "", "1", "arn:aws:s3:::a", "203.0.113.9", "2026-01-01", "true", json.Number("1"),
		[]any{"a"}, []any{"a", "b"}, []any{}, nil, true}
	names := []string{"sub", "aud", "amr", "email", "project_id", "user_login"}
	tests := []string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "NumericEquals",
		"NumericNotEquals", "NumericLessThan", "DateNotEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
		"ArnLike", "ArnNotLike", "Null",
	}
	wanted := []string{"a", "*", "?", "1", "arn:aws:s3:::*", "203.0.113.0/24", "true", "YQ==", "${gitlab.com:email}",
		"${gitlab.com:amr}", "b${gitlab.com:email, 'a'}"}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	condition := func() string {
		operator := pick([]string{"", "", "ForAnyValue:", "ForAllValues:"}) + pick(tests)
		if random.IntN(4) == 0 && operator[len(operator)-4:] != "Null" {
			operator += "IfExists"
		}
		return `{"` + operator + `":{"gitlab.com:` + pick(names) + `":["` + pick(wanted) + `","` + pick(wanted) + `"]}}`
	}
	certain, open := 0, 0
	for range 20000 {
		principal := `"Principal":{"Federated":"` + testProvider + `"},"Action":"sts:*","Condition":`
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + principal + condition() +
			`},{"Effect":"Deny",` + principal + condition() + `}]}`
		policy, err := ParsePolicy([]byte(document))
		if err != nil {
			continue // BinaryEquals with a text that is no base64
		}
		whole, known := claims{}, claims{}
		for _, name := range names {
			value := values[random.IntN(len(values))]
			absent := random.IntN(3) == 0
			if !absent {
				whole[name] = value
			}
			if random.IntN(2) == 0 {
				known[name] = value
				if absent {
					known[name] = nil
				}
			}
		}
		part := request(known)
		part.Partial = true
		said, is := policy.Decide(part), policy.Decide(request(whole))
		switch {
		case said == Undecided:
			open++
		case said != is:
			t.Fatalf("%s\nof %v it is certain that a token is %s, and %v is %s", document, known, said, whole, is)
		default:
			certain++
		}
	}
	if certain < 5000 || open < 1000 {
		t.Errorf("%d certain answers and %d open ones show too little", certain, open)
	}
}
