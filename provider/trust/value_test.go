package trust

import "testing"

// An audit that took the case for given would call an owner pinned that anybody may spell in another way.
func TestAValueIsComparedAsItsConditionCompares(t *testing.T) {
	for _, c := range []struct {
		condition, text string
		admits          bool
	}{
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"Project_Path:ACME/web"}}`, "project_path:acme/WEB", true},
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"Project_Path:ACME/*"}}`, "project_path:acme/web", false},
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"Project_Path:ACME/*"}}`, "project_path:acme/*", true},
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"s"}}`, "\u017F", false},
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"ας"}}`, "ΑΣ", true},
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"A:${gitlab.com:aud}"}}`, "a:anything", true},
		{`{"StringEqualsIgnoreCase":{"gitlab.com:sub":"A:${gitlab.com:aud}"}}`, "b:anything", false},
		{`{"StringEquals":{"gitlab.com:sub":"Project_Path:ACME/web"}}`, "project_path:acme/WEB", false},
		{`{"StringLike":{"gitlab.com:sub":"Project_Path:ACME/*"}}`, "project_path:acme/web", false},
	} {
		clause := policyWith(t, c.condition).Statements[0].Clauses(testProvider)[0]
		if got := clause.Values[0].Admits(c.text); got != c.admits {
			t.Errorf("%s admits %q: %t", c.condition, c.text, got)
		}
	}
}
