package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"
)

// event is a call as CloudTrail tells of it.
func event(t *testing.T, sub string, change map[string]any) string {
	t.Helper()
	provider := "arn:aws:iam::123456789012:oidc-provider/" + host
	all := map[string]any{
		"eventVersion": "1.08", "eventName": "AssumeRoleWithWebIdentity", "eventSource": "sts.amazonaws.com",
		"eventTime": "2026-11-02T12:00:00Z", "eventID": "8e2f3a4b-0000-4e61-ad92-3e4f5a6b7c80",
		"awsRegion": "eu-central-1", "errorCode": "AccessDenied", "sourceIPAddress": "203.0.113.7",
		"userAgent": "aws-sdk-js",
		"userIdentity": map[string]any{
			"type": "WebIdentityUser", "principalId": provider + ":sts.amazonaws.com:" + sub, "userName": sub,
			"identityProvider": provider,
		},
		"requestParameters": map[string]any{
			"roleArn": "arn:aws:iam::123456789012:role/deploy", "roleSessionName": "GitHubActions",
		},
	}
	for name, value := range change {
		all[name] = value
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

const ourBranch = "repo:acme@1234567/web@89012345:ref:refs/heads/develop"

func TestEventsOfCloudTrailAreReadInEveryWrapping(t *testing.T) {
	one := event(t, ourBranch, nil)
	other := event(t, ourBranch, map[string]any{"eventName": "GetCallerIdentity"})
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(`{"Records":[` + other + `,` + one + `]}`)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"the event": one, "a list": "[" + other + "," + one + "]", "a log file": `{"Records":[` + one + `]}`,
		"a compressed log file": packed.String(),
		"lookup-events":         `{"Events":[{"EventId":"x","CloudTrailEvent":` + quoted(one) + `}]}`,
		"the texts alone":       "[" + quoted(one) + "]",
		"one in a line":         other + "\n" + one + "\n",
		"an event of EventBridge": `{"detail-type":"AWS API Call via CloudTrail","detail":` + one +
			`}`,
		"the same call twice": "[" + one + "," + one + "]",
	} {
		for _, flag := range []string{"--cloudtrail", "--claims"} {
			got := cli(t, text, "evaluate", "--trust-policy", file(t, policy), flag, "-")
			if got.code != 1 || !strings.Contains(got.out, `branch: wants "main", the token has "develop"`) ||
				!strings.Contains(got.out, "branches: [develop]") ||
				!strings.Contains(got.out, "2026-11-02T12:00:00Z") {
				t.Errorf("%s, %s: %+v", name, flag, got)
			}
		}
	}
}

func TestSeveralEventsAreJudgedOneByOne(t *testing.T) {
	good := "repo:acme@1234567/web@89012345:ref:refs/heads/main"
	events := "[" + event(t, good, map[string]any{"eventID": "one"}) + "," +
		event(t, ourBranch, map[string]any{"eventID": "two"}) + "]"
	got := cli(t, events, "evaluate", "--trust-policy", file(t, policy), "--cloudtrail", "-")
	if got.code != 1 || !strings.Contains(got.out, "one: allowed") || !strings.Contains(got.out, "two: denied") {
		t.Errorf("%+v", got)
	}
	got = cli(t, events, "evaluate", "--trust-policy", file(t, policy), "--cloudtrail", "-", "--json")
	var answer struct {
		Events []struct {
			Allowed bool
			Event   struct{ EventID, RoleArn string }
			Advice  struct{ Section, Condition, Provider string }
		}
	}
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || got.code != 1 || len(answer.Events) != 2 ||
		!answer.Events[0].Allowed || answer.Events[1].Event.EventID != "two" ||
		!strings.Contains(answer.Events[1].Advice.Section, "develop") {
		t.Errorf("%v %+v", err, got)
	}
	role := func(name string) string {
		return `{"Role":{"RoleName":"` + name + `","Arn":"arn:aws:iam::123456789012:role/` + name +
			`","AssumeRolePolicyDocument":` + policy + `}}`
	}
	if got := cli(t, events, "evaluate", "--trust-policy", file(t, role("deploy")), "--cloudtrail",
		"-"); got.code != 1 {
		t.Errorf("the role of the events: %+v", got)
	}
	if got := cli(t, events, "evaluate", "--trust-policy", file(t, role("other")), "--cloudtrail",
		"-"); got.code != 2 ||
		!strings.Contains(got.err, "no event is about the role arn:aws:iam::123456789012:role/other") {
		t.Errorf("another role: %+v", got)
	}
}

// Anybody can call a role and leave a denied event with a subject of their choice.
func TestADeniedEventOfAStrangerDoesNotPrintWhatWouldLetTheStrangerIn(t *testing.T) {
	for _, sub := range []string{
		"repo:mallory@666/web@667:ref:refs/heads/main", "repo:acme@666/web@667:ref:refs/heads/main",
		"repo:acme/web:ref:refs/heads/x", "repo:mallory/x:environment:\x1b[2J\n  github:\n",
	} {
		for _, more := range [][]string{nil, {"--json"}} {
			got := cli(t, event(t, sub, nil),
				append([]string{"evaluate", "--trust-policy", file(t, policy), "--cloudtrail",
					"-"}, more...)...)
			if got.code != 1 || strings.Contains(got.out, "to let it in") || strings.Contains(got.out, `"advice"`) ||
				strings.Contains(got.out, "\x1b") {
				t.Errorf("%q: %+v", sub, got)
			}
		}
	}
}

func TestWhatTheEventTellsOfTheCallIsUsed(t *testing.T) {
	here := strings.Replace(policy, `"Condition":{`, `"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},`, 1)
	good := "repo:acme@1234567/web@89012345:ref:refs/heads/main"
	for address, want := range map[string]int{"203.0.113.7": 0, "198.51.100.1": 1, "AWS Internal": 3} {
		got := cli(t, event(t, good, map[string]any{"sourceIPAddress": address}), "evaluate", "--trust-policy",
			file(t, here), "--cloudtrail", "-")
		if got.code != want {
			t.Errorf("%s: %+v", address, got)
		}
	}
}

func TestBadEventsGetOneSentence(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no such call": {event(t, ourBranch, map[string]any{"eventName": "AssumeRole"}),
			"there is no event AssumeRoleWithWebIdentity among 1"},
		"no token in it": {`{"Records":[{"eventName":"AssumeRoleWithWebIdentity"}]}`,
			"there is no event AssumeRoleWithWebIdentity among 1 of CloudTrail that names its token"},
		"a trust policy":  {policy, "there is no event of CloudTrail in it"},
		"no JSON":         {"hello", "expected events of CloudTrail: line 1, column 1: expected JSON"},
		"a broken gzip":   {"\x1f\x8bxxxx", "looks compressed and cannot be unpacked"},
		"nested texts":    {strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000), "there is no event"},
		"an empty file":   {" ", "--cloudtrail: the file is empty"},
		"cut off":         {event(t, ourBranch, nil)[:200], "expected events of CloudTrail"},
		"an endless list": {strings.Repeat(`[`, 1<<20), "expected events of CloudTrail"},
	} {
		got := cli(t, c.text, "evaluate", "--trust-policy", file(t, policy), "--cloudtrail", "-")
		if got.code != 2 || !strings.Contains(got.err, c.want) || strings.Count(got.err, "\n") != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// An event has no claim beside issuer, audience and subject, and the subject has the owner's id.
func TestAnEventWhoseSubjectHasTheTrustedIDsIsToldWhatToWrite(t *testing.T) {
	pinned := strings.Replace(policy, `"Condition":{"StringEquals":{`,
		`"Condition":{"StringEquals":{"`+host+`:repository_owner_id":"1234567","`+host+`:repository_id":"89012345",`, 1)
	for sub, want := range map[string]string{
		ourBranch: "branches: [develop]",
		"repo:acme@666/web@89012345:ref:refs/heads/develop": "a stranger's job, refused as meant",
	} {
		got := cli(t, event(t, sub, nil), "evaluate", "--trust-policy", file(t, pinned), "--cloudtrail", "-")
		if got.code != 1 || !strings.Contains(got.out, want) {
			t.Errorf("%s: %+v", sub, got)
		}
	}
}

func TestATokenInThePlaceOfClaimsIsReadAsOne(t *testing.T) {
	ours := newIssuer(t)
	token := sign(t, "RS256", ours.rsa, "r", tokenClaims(nil))
	for name, text := range map[string]string{
		"the token": token, "in quotation marks": quoted(token), "behind Bearer": "Bearer " + token,
		"GitHub's answer": `{"count":1,"value":"` + token + `"}`,
	} {
		got := cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--claims", file(t, text))
		if got.code != 0 || !strings.Contains(got.out, "the claims are a token (JWT) and were read as one") {
			t.Errorf("%s: %+v", name, got)
		}
		neverPrinted(t, name, token, got)
		got = cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--claims", file(t, text), "--jwks",
			file(t, newIssuer(t).jwks(t)))
		if got.code != 2 || !strings.Contains(got.err, "does not verify") {
			t.Errorf("%s, with another issuer's keys: %+v", name, got)
		}
	}
}

func TestARoleIsTakenOutOfAListByItsArn(t *testing.T) {
	at, token := file(t, accountDetails()), file(t, claims)
	got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", token, "--role-arn",
		"arn:aws:iam::123456789012:role/encoded")
	if got.code != 0 {
		t.Errorf("%+v", got)
	}
	if got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", token); got.code != 2 ||
		!strings.Contains(got.err, "there are 8 roles; give the ARN") {
		t.Errorf("%+v", got)
	}
}
