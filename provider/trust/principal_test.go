package trust

import "testing"

// decided is what a policy of some statements says of a token of gitlab.com.
func decided(t *testing.T, r *Request, statements string) Answer {
	t.Helper()
	p, err := ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return p.Decide(r)
}

const (
	allowsAll = `{"Effect":"Allow","Principal":{"Federated":"` + testProvider + `"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity"}`
	deniesFrom = `,{"Effect":"Deny","Action":"sts:AssumeRoleWithWebIdentity","Principal":`
)

func TestEveryProviderIsMeantByAStarAndNoPrincipalOfAWSLetsATokenIn(t *testing.T) {
	for principal, want := range map[string]Answer{
		`{"Federated":"*"}`:                      Allowed,
		`{"Federated":["` + testProvider + `"]}`: Allowed,
		`{"Federated":"` + testProvider + `x"}`:  Denied,
		`{"Federated":"` + testProvider + `*"}`:  Denied,
		`{"AWS":"*"}`:                            Denied,
		`"*"`:                                    Denied,
		`{"AWS":"111122223333"}`:                 Denied,
	} {
		got := decided(t, request(nil), `{"Effect":"Allow","Principal":`+principal+
			`,"Action":"sts:AssumeRoleWithWebIdentity"}`)
		if got != want {
			t.Errorf("an Allow for %s: %s", principal, got)
		}
	}
}

func TestADenyOfEverybodyKeepsTokensOut(t *testing.T) {
	for principal, want := range map[string]Answer{
		`"*"`: Denied, `{"AWS":"*"}`: Denied, `{"AWS":["111122223333","*"]}`: Denied, `{"Federated":"*"}`: Denied,
		`{"Federated":"` + testProvider + `"}`: Denied, `{"Federated":"` + testProvider + `x"}`: Allowed,
		`{"AWS":"111122223333"}`: Allowed, `{"Service":"ec2.amazonaws.com"}`: Allowed,
	} {
		if got := decided(t, request(nil), allowsAll+deniesFrom+principal+"}"); got != want {
			t.Errorf("a Deny of %s: %s", principal, got)
		}
	}
}

// Recorded: condition_values.json, rows 195 to 202 and 267 to 282.
func TestADenyWithAnARNThatCannotBeReadKeepsTokensOut(t *testing.T) {
	r := request(nil)
	r.Context = map[string][]string{"aws:sourcearn": {"arn:aws:s3:::acme"}}
	for values, want := range map[string]Answer{
		`"no ARN"`:                        Denied,
		`["no ARN","arn:aws:s3:::other"]`: Denied,
		`["arn:aws:s3:::acme","no ARN"]`:  Denied, // it fits before the other is reached
		`"arn:aws:s3:::other"`:            Allowed,
	} {
		condition := `,"Condition":{"ArnLike":{"aws:SourceArn":` + values + `}}}`
		if got := decided(t, r, allowsAll+deniesFrom+`"*"`+condition); got != want {
			t.Errorf("a Deny of %s: %s", values, got)
		}
	}
	allow := allowsAll[:len(allowsAll)-1] + `,"Condition":{"ArnLike":{"aws:SourceArn":["no ARN","arn:aws:s3:::acme"]}}}`
	if got := decided(t, r, allow); got != Denied {
		t.Errorf("an Allow whose first ARN cannot be read: %s", got)
	}
}

func TestNotActionIsEveryOtherAction(t *testing.T) {
	allow := func(actions string) string {
		return `{"Effect":"Allow","Principal":{"Federated":"` + testProvider + `"},"NotAction":` + actions + `}`
	}
	for actions, want := range map[string]Answer{
		`"sts:AssumeRole"`: Allowed, `"sts:AssumeRoleWithWebIdentity"`: Denied, `"sts:assumerolewith*"`: Denied,
		`["iam:*","STS:*"]`: Denied, `"*"`: Denied, `[]`: Allowed,
	} {
		if got := decided(t, request(nil), allow(actions)); got != want {
			t.Errorf("an Allow of all but %s: %s", actions, got)
		}
	}
	deny := `,{"Effect":"Deny","Principal":"*","NotAction":"sts:AssumeRoleWithWebIdentity"}`
	if got := decided(t, request(nil), allowsAll+deny); got != Allowed {
		t.Errorf("a Deny of all but the call: %s", got)
	}
	deny = `,{"Effect":"Deny","Principal":"*","NotAction":"s3:*"}`
	if got := decided(t, request(nil), allowsAll+deny); got != Denied {
		t.Errorf("a Deny of all but another service: %s", got)
	}
}
