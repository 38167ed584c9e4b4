package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A policy variable that stands for something of the call is whatever the caller likes: who names the session, the
// agent or the page that he came from after himself is a stranger who gets in.
func TestAStrangerWhoCallsAsAPolicyVariableWantsIsFound(t *testing.T) {
	refused := `{"Effect":"Deny","Action":"sts:AssumeRoleWithWebIdentity","Principal":"*","Condition":`
	for _, key := range []string{
		"sts:RoleSessionName", "aws:UserAgent", "aws:Referer", "AWS:useragent", "aws:RequestedRegion", "aws:SourceVpce",
	} {
		variable := "${" + key + "}"
		for name, document := range map[string]string{
			"for the account": policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":"account:`+variable+`:*"}`)),
			"for all that stands before the workspace": policy(allow(scalr,
				aud+`,"StringLike":{"KEY:sub":"*`+variable+`:workspace:web"}`)),
			"for the owner's id": policy(allow(github, `"StringEquals":{"KEY:aud":"a","KEY:repository_owner_id":"`+
				variable+`"},"StringLike":{"KEY:sub":"repo:*"}`)),
			"in a Deny of all others": policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":"account:*"}`),
				refused+`{"StringNotLike":{"`+scalr+`:sub":"account:`+variable+`:*"}}}`),
			"with a default": policy(allow(scalr,
				aud+`,"StringLike":{"KEY:sub":"account:${`+key+`, 'acme'}:*"}`)),
		} {
			t.Run(key+" "+name, func(t *testing.T) {
				findings := find(t, document)
				if len(findings) == 0 || findings[0].ID != "tenant-not-pinned" || findings[0].Witness == nil ||
					findings[0].Witness.Call == "" {
					t.Errorf("got %s\n%s", messages(findings), document)
				}
			})
		}
	}
}

// Nobody can name a session "acme/web", but that is not worked out for every token that there may be.
func TestAPolicyVariableThatNoCallWasFoundForIsNotJudged(t *testing.T) {
	for _, value := range []string{
		"repo:${sts:RoleSessionName}:ref:refs/heads/main", "repo:${sts:RoleSessionName}${aws:UserAgent}/web:*",
		"repo:${sts:RoleSessionName, 'x y'}:ref:refs/heads/main",
	} {
		document := policy(allow(github, aud+`,"StringLike":{"KEY:sub":"`+value+`"}`))
		if got := ids(find(t, document)); !slices.Contains(got, "not-judged medium") &&
			!strings.Contains(fmt.Sprint(got), "high") {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// What a Deny leaves of the names of sessions is somebody's who knows it.
func TestASessionNamedAsTheDenyForgotIsFound(t *testing.T) {
	open := aud + `,"StringLike":{"KEY:sub":"account:*"}`
	deny := func(conditions string) string { return statement("Deny", `"*"`, conditions) }
	for name, c := range map[string]struct {
		document string
		shut     bool
	}{
		"any but the name that is tried first": {policy(allow(scalr,
			open+`,"StringNotEquals":{"sts:RoleSessionName":["mallory","mallory-7"]}`)), false},
		"another case": {policy(allow(scalr, open+`,"StringEqualsIgnoreCase":{"sts:RoleSessionName":"deploy"}`),
			deny(`"StringEquals":{"sts:RoleSessionName":"deploy"}`)), false},
		"a case that nobody thought of": {policy(
			allow(scalr, open+`,"StringEqualsIgnoreCase":{"sts:RoleSessionName":"deploy"}`),
			deny(`"StringEquals":{"sts:RoleSessionName":["deploy","DEPLOY","Deploy","DePlOy"]}`)), false},
		"none": {policy(allow(scalr, open+`,"StringEqualsIgnoreCase":{"sts:RoleSessionName":"deploy"}`),
			deny(`"StringEqualsIgnoreCase":{"sts:RoleSessionName":"DEPLOY"}`)), true},
		"two paths of an organization": {policy(
			allow(scalr, open+`,"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":"o-a/r-b/"},`+
				`"ForAllValues:StringNotEquals":{"aws:ResourceOrgPaths":"o-c/r-d/"}`),
			deny(`"ForAllValues:StringEquals":{"aws:ResourceOrgPaths":"o-a/r-b/"}`)), false},
	} {
		t.Run(name, func(t *testing.T) {
			findings := find(t, c.document)
			if high := len(findings) > 0 && findings[0].ID == "tenant-not-pinned"; high == c.shut {
				t.Errorf("got %s\n%s", messages(findings), c.document)
			}
		})
	}
}

// Whether AWS fills these keys for a web identity nobody recorded, and with what no policy says. A Deny of whoever is
// not of the organization, which its authors take for a wall, is none if the caller counts as one of the account's.
func TestADenyOfAllButTheOrganizationIsNotTakenForADenyOfEverybody(t *testing.T) {
	open := allow(scalr, aud+`,"StringLike":{"KEY:sub":"account:*"}`)
	for condition, is := range map[string]string{
		`"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3"}`:            "aws:PrincipalOrgID is o-a1b2c3",
		`"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3"}`:    "aws:PrincipalOrgID is o-a1b2c3",
		`"StringNotEquals":{"aws:ResourceTag/stage":"production"}`:       "aws:ResourceTag/stage is production",
		`"StringNotEquals":{"aws:PrincipalTag/team":"web"}`:              "aws:PrincipalTag/team is web",
		`"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-a/*"}`: "aws:PrincipalOrgPaths",
		`"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"},` +
			`"Bool":{"aws:ViaAWSService":"false"}`: "",
	} {
		document := policy(open, statement("Deny", `"*"`, condition))
		findings := find(t, document)
		if findings[0].ID != "tenant-not-pinned" || !strings.Contains(findings[0].Witness.Call, is) {
			t.Errorf("%s: %s", condition, messages(findings))
		}
	}
	for _, condition := range []string{
		`"StringEquals":{"KEY:aud":"a","aws:PrincipalOrgID":"o-a1b2c3d4e5"}`, `"Bool":{"aws:ViaAWSService":"false"}`,
		`"StringEquals":{"iam:ResourceTag/stage":"production"}`, `"StringLike":{"aws:PrincipalTag/team":"*"}`,
	} {
		document := policy(allow(scalr, condition))
		if findings := find(t, document); findings[0].ID != "no-subject" {
			t.Errorf("%s: %s", condition, messages(findings))
		}
	}
}
