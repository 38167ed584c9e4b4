package verb

import (
	"strings"
	"testing"
)

// FuzzAnswers reads what a stranger may have put into the answers of aws iam, and into events of CloudTrail.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		allOfIt, `{"RoleDetailList":[{"RoleName":"a"},{}]}`, `{"Role":null}`, `[{"Records":[{"eventName":1}]}]`,
		`{"Records":[{"eventName":"AssumeRoleWithWebIdentity","userIdentity":{"principalId":"a:b:c","userName":"c",` +
			`"identityProvider":"a"},"requestParameters":{"durationSeconds":"x"}}]}`,
		`{"deployment":{"resources":[{"urn":"'","type":"aws:iam/role:Role","id":"deploy"}]}}`,
		`{"terraform_version":"1","resources":[{"mode":"managed","instances":[{"index_key":{},"attributes":null}]}]}`,
		"\x1f\x8b", `"{\"eventName\":\"x\"}"`, "", "null", "{", "1 2",
	} {
		f.Add(seed, "")
		f.Add(allOfIt+seed, "deploy")
	}
	f.Fuzz(func(t *testing.T, text, role string) {
		made, err := ImportRole([]byte(text), ImportOptions{Role: role, OwnProviders: true})
		if (made == nil) == (err == nil) {
			t.Errorf("either an import or an error: %v, %v", made, err)
		}
		if err != nil && strings.Contains(err.Error(), "Go struct") {
			t.Errorf("the error speaks of the program and not of the input: %v", err)
		}
		events, err := Events([]byte(text))
		if (len(events) == 0) == (err == nil) {
			t.Errorf("either events or an error: %v, %v", events, err)
		}
		IsCloudTrail([]byte(text))
	})
}
