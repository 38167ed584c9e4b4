package ci

import "testing"

func TestAPolicyIsTheSameHoweverIAMWritesItAndAnotherAsSoonAsItSaysAnother(t *testing.T) {
	const proved = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
		`"Principal":{"AWS":["arn:a","arn:b"]}}]}`
	for _, same := range []string{
		proved,
		` {"Statement":{"Principal":{"AWS":["arn:b","arn:a"]},"Action":["sts:AssumeRole"],"Effect":"Allow"},` +
			`"Version":"2012-10-17"} `,
	} {
		if !SamePolicy(proved, same) || !SamePolicy(same, proved) {
			t.Errorf("%s is another policy", same)
		}
	}
	for _, other := range []string{
		"", "{", "null", "[]", `{"Version":"2012-10-17","Statement":[]}`,
		`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
			`"Principal":{"AWS":["arn:a","arn:b"]}}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
			`"Principal":{"AWS":["arn:a","arn:b","arn:c"]}}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole",` +
			`"Principal":{"AWS":["arn:a","arn:b"]}}]}`,
	} {
		if SamePolicy(proved, other) || SamePolicy(other, proved) {
			t.Errorf("%s is the same policy", other)
		}
	}
}
