package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	host   = "token.actions.githubusercontent.com"
	policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` + host + `"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + host +
		`:aud":"sts.amazonaws.com",` +
		`"` + host + `:sub":"repo:acme@1234567/web@89012345:ref:refs/heads/main"}}}]}`
	times  = `"iat":1700000000,"exp":4102444800,` // a token that outlasts the tests
	claims = `{` + times + `"iss":"https://` + host +
		`","aud":"sts.amazonaws.com","sub":"repo:acme@1234567/web@89012345:ref:refs/heads/main"}`
	denied = `{` + times + `"iss":"https://` + host +
		`","aud":"sts.amazonaws.com","sub":"repo:mallory/web:ref:refs/heads/main"}`
)

type answer struct {
	code     int
	out, err string
}

// cli runs the command line. Arguments that are given as file contents become files.
func cli(t *testing.T, stdin string, args ...string) answer {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(args, strings.NewReader(stdin), &out, &errs)
	return answer{code, out.String(), errs.String()}
}

// file writes a text into a file of the test.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "input.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// forms are the forms in which people have a trust policy.
func forms() map[string]string {
	role := `{"RoleName":"deploy","Arn":"arn:aws:iam::123456789012:role/deploy","AssumeRolePolicyDocument":` +
		policy + `}`
	return map[string]string{
		"the document":                     policy,
		"the document, white space around": "\n\t " + policy + "\n",
		"the answer of get-role":           `{"Role":` + role + `}`,
		"a role":                           role,
		"URL-encoded":                      url.PathEscape(policy),
		"URL-encoded, + for space":         url.PathEscape(strings.ReplaceAll(policy, ",", ", ")),
		"URL-encoded, braces left": strings.NewReplacer("%7B", "{", "%7D", "}").
			Replace(url.PathEscape(policy)),
		"a JSON string":              quoted(policy),
		"a JSON string, URL-encoded": quoted(url.PathEscape(policy)),
		"the answer of get-role, encoded": `{"Role":{"RoleName":"deploy","AssumeRolePolicyDocument":` +
			quoted(url.PathEscape(policy)) + `}}`,
		"the answer of get-role as a string": `{"Role":{"RoleName":"deploy","AssumeRolePolicyDocument":` +
			quoted(policy) + `}}`,
		"get-role, all of it encoded": url.PathEscape(`{"Role":` + role + `}`),
	}
}

func TestEveryFormOfATrustPolicyIsRead(t *testing.T) {
	allowed, refused := file(t, claims), file(t, denied)
	for name, form := range forms() {
		for _, stdin := range []bool{false, true} {
			in, at := "", file(t, form)
			if stdin {
				in, at = form, "-"
			}
			if got := cli(t, in, "evaluate", "--trust-policy", at, "--claims", allowed); got.code != 0 ||
				got.err != "" {
				t.Errorf("%s: the token that is meant: %+v", name, got)
			}
			if got := cli(t, in, "evaluate", "--trust-policy", at, "--claims", refused); got.code != 1 ||
				got.err != "" {
				t.Errorf("%s: a stranger: %+v", name, got)
			}
			if got := cli(t, in, "audit", "--trust-policy", at, "--fail-on", "medium"); got.code != 0 ||
				!strings.Contains(got.out, "github-pull-request-target (low)") {
				t.Errorf("%s: audit: %+v", name, got)
			}
		}
	}
}

func TestEvaluatePrintsTheJSONOfTheIssue(t *testing.T) {
	got := cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--claims", file(t, denied), "--json")
	var answer map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil {
		t.Fatal(err, got.out)
	}
	if len(answer) != 3 || string(answer["allowed"]) != "false" || answer["explanation"][0] != '[' ||
		answer["statements"][0] != '[' {
		t.Errorf("expected allowed, explanation and statements, got %s", got.out)
	}
	var statements []struct {
		Statement  int
		Effect     string
		Applies    string
		Conditions []struct {
			Operator, Key, Holds string
			Wanted, Seen         []string
		}
	}
	if err := json.Unmarshal(answer["statements"], &statements); err != nil {
		t.Fatal(err)
	}
	s := statements[0]
	if s.Statement != 1 || s.Effect != "Allow" || s.Applies != "no" || len(s.Conditions) != 2 {
		t.Errorf("%+v", s)
	}
	for _, c := range s.Conditions {
		if want := map[string]string{host + ":aud": "yes", host + ":sub": "no"}[c.Key]; c.Holds != want ||
			len(c.Wanted) != 1 || len(c.Seen) != 1 {
			t.Errorf("%+v", c)
		}
	}
}

func TestEvaluatePrintsTheAnswerAndTheReasons(t *testing.T) {
	got := cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--claims", file(t, claims))
	want := "allowed\n  statement 1 allows this token: aud is \"sts.amazonaws.com\", sub is " +
		"\"repo:acme@1234567/web@89012345:ref:refs/heads/main\"\n"
	if got != (answer{0, want, ""}) {
		t.Errorf("%+v", got)
	}
	got = cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--claims", file(t, denied))
	want = "denied\n  statement 1: owner: wants \"acme\", the token has \"mallory\"; sub: wants owner id \"1234567\" " +
		"and repository id \"89012345\", the token has none\n" +
		"  a stranger's job, refused as meant: the policy trusts nobody of its tenant\n"
	if got != (answer{1, want, ""}) {
		t.Errorf("%+v", got)
	}
}

func TestClientIDsAreHeldAgainstTheAudience(t *testing.T) {
	at, token := file(t, policy), file(t, claims)
	if got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", token, "--client-id", "other", "--client-id",
		"sts.amazonaws.com"); got.code != 0 {
		t.Errorf("one of two: %+v", got)
	}
	got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", token, "--client-id", "other", "--client-id", "sts")
	if got.code != 1 || !strings.Contains(got.out,
		"its audience sts.amazonaws.com is not among the provider's client ids other, sts (InvalidIdentityToken)") {
		t.Errorf("none of two: %+v", got)
	}
	azp := file(t, strings.Replace(claims, `"aud":`, `"azp":"app","aud":`, 1))
	if got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", azp, "--client-id",
		"sts.amazonaws.com"); got.code != 1 || !strings.Contains(got.out, "its audience app") {
		t.Errorf("azp takes the place of aud: %+v", got)
	}
	several := file(t, strings.Replace(claims, `"sts.amazonaws.com"`, `["sts.amazonaws.com","other"]`, 1))
	if got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", several); got.code != 1 ||
		!strings.Contains(got.out, "more than one audience and no azp") {
		t.Errorf("several audiences: %+v", got)
	}
}

func TestYesterdaysJobIsDeniedUnlessExpiryIsIgnored(t *testing.T) {
	at, token := file(t, policy), file(t, strings.Replace(claims, "4102444800", "1700000300", 1))
	got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", token)
	want := "denied\n  STS refuses the token before it looks at the policy: it expired at 2023-11-14T22:18:20Z " +
		"(ExpiredTokenException)\n" +
		"  were it not for that, the answer would be allowed:\n  statement 1 allows this token"
	if got.code != 1 || !strings.HasPrefix(got.out, want) {
		t.Errorf("%+v", got)
	}
	if got = cli(t, "", "evaluate", "--trust-policy", at, "--claims", token, "--json"); got.code != 1 ||
		!strings.Contains(got.out, `"code": "ExpiredTokenException"`) {
		t.Errorf("%+v", got)
	}
	if got = cli(t, "", "evaluate", "--trust-policy", at, "--claims", token, "--ignore-expiry"); got.code != 0 {
		t.Errorf("%+v", got)
	}
}

func TestPartialClaimsEndInThreeWhereTheAnswerDependsOnTheRest(t *testing.T) {
	at := file(t, policy)
	for text, want := range map[string]int{
		`{"sub":"repo:acme@1234567/web@89012345:ref:refs/heads/main","aud":"sts.amazonaws.com"}`: 0,
		`{"sub":"repo:mallory/web:ref:refs/heads/main"}`:                                         1,
		`{"sub":"repo:acme@1234567/web@89012345:ref:refs/heads/main"}`:                           3,
		`{}`: 3,
	} {
		if got := cli(t, "", "evaluate", "--trust-policy", at, "--partial", "--claims",
			file(t, text)); got.code != want || got.err != "" {
			t.Errorf("%s: %+v", text, got)
		}
		if got := cli(t, "", "evaluate", "--trust-policy", at, "--claims", file(t, text)); got.code != 1 ||
			!strings.Contains(got.out, "(InvalidIdentityToken)") {
			t.Errorf("%s as the whole token: %+v", text, got)
		}
	}
}

func TestRoleArnDecidesWhatNeedsIt(t *testing.T) {
	byIdp := file(t,
		strings.Replace(policy, `"Condition":{`, `"Condition":{"Bool":{"sts:RoleAuthorizedByIdp":"true"},`, 1))
	token := file(t, strings.Replace(claims, `"aud":`,
		`"https://aws.amazon.com/roles":["arn:aws:iam::123456789012:role/deploy"],"aud":`, 1))
	for arn, want := range map[string]int{
		"arn:aws:iam::123456789012:role/deploy": 0,
		"arn:aws:iam::123456789012:role/other":  1,
		"":                                      3,
	} {
		args := []string{"evaluate", "--trust-policy", byIdp, "--claims", token}
		if arn != "" {
			args = append(args, "--role-arn", arn)
		}
		got := cli(t, "", args...)
		if got.code != want {
			t.Errorf("%q: %+v", arn, got)
		}
		if strings.HasSuffix(arn, "other") &&
			!strings.Contains(got.out, "does not name "+arn+" (InvalidIdentityToken)") {
			t.Errorf("another role: %+v", got)
		}
		if arn == "" &&
			!strings.HasPrefix(got.out, "undecided\n  allowed if sts:RoleAuthorizedByIdp satisfies Bool \"true\"") {
			t.Errorf("without the ARN: %+v", got)
		}
	}
	got := cli(t, "", "evaluate", "--trust-policy", file(t, policy), "--claims", file(t, claims), "--role-arn",
		"arn:aws:iam::999999999999:role/deploy")
	if got.code != 1 || !strings.Contains(got.out, "a role trusts only providers of its own account") {
		t.Errorf("a provider of another account: %+v", got)
	}
}

func TestEvaluateOfOtherPolicies(t *testing.T) {
	allow := policy[strings.Index(policy, `[{`)+1 : len(policy)-2]
	document := func(statements string) string { return `{"Version":"2012-10-17","Statement":[` + statements + `]}` }
	provider := `"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/` + host +
		`"},"Action":"sts:AssumeRoleWithWebIdentity"`
	for name, c := range map[string]struct {
		policy string
		code   int
		wants  []string
	}{
		"an AWS principal": {
			document(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
				`"Action":"sts:AssumeRole"}`), 1,
			[]string{"denied", "statement 1: its action does not cover sts:AssumeRoleWithWebIdentity"},
		},
		"an AWS principal for every action": {
			document(`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"}`), 1,
			[]string{"its principal is no identity provider, and only Federated lets a web identity in"},
		},
		"several statements": {
			document(
				`{"Sid":"Gitlab","Effect":"Allow",` +
					`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},` +
					`"Action":"sts:AssumeRoleWithWebIdentity"},` + allow,
			), 0,
			[]string{"statement 2 allows this token"},
		},
		"a Deny": {
			document(allow + `,{"Sid":"NoBots","Effect":"Deny",` + provider + `,"Condition":{"StringLike":{"` + host +
				`:sub":"*main"}}}`), 1,
			[]string{"denied",
				"statement 2 (NoBots) denies this token, whatever other statements allow: sub is \"repo:acme"},
		},
		"a Deny for everyone": {
			document(allow + `,{"Effect":"Deny","Principal":"*","Action":"sts:*"}`), 1,
			[]string{"statement 2 denies this token, whatever other statements allow: it has no conditions"},
		},
		"an address": {
			document(strings.Replace(allow, `"Condition":{`,
				`"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},`, 1)), 3,
			[]string{"undecided",
				"allowed if aws:SourceIp satisfies IpAddress \"203.0.113.0/24\", which is not known " +
					"before the call: statement 1"},
		},
		"an address that is refused": {
			document(allow + `,{"Effect":"Deny",` + provider +
				`,"Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`), 3,
			[]string{"undecided",
				"denied if aws:SourceIp satisfies NotIpAddress \"203.0.113.0/24\", which is not known " +
					"before the call: statement 2", "otherwise statement 1 allows this token"},
		},
		"a text of the call": {
			document(strings.Replace(allow, `"Condition":{`,
				`"Condition":{"StringLike":{"aws:UserAgent":"aws-*"},`, 1)), 3,
			[]string{"allowed if aws:UserAgent is like \"aws-*\", which is not known before the call: statement 1"},
		},
	} {
		got := cli(t, "", "evaluate", "--trust-policy", file(t, c.policy), "--claims", file(t, claims))
		for _, want := range c.wants {
			if got.code != c.code || !strings.Contains(got.out, want) {
				t.Errorf("%s: expected %d and %q, got %+v", name, c.code, want, got)
			}
		}
	}
}

// Each gets exit code 2 and one sentence that names what was expected and what was found, with line and column in a
// document.
func TestBadInputGetsOneSentence(t *testing.T) {
	good, token := file(t, policy), file(t, claims)
	at := func(text string, more ...string) []string {
		return append([]string{"evaluate", "--trust-policy", file(t, text), "--claims", token}, more...)
	}
	with := func(claims string) []string {
		return []string{"evaluate", "--trust-policy", good, "--claims", file(t, claims)}
	}
	empty := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no JSON": {at("Version: 2012"), "trust policy: line 1, column 1: expected JSON"},
		"cut off": {at(policy[:40]), "the document ends here"},
		"a name twice": {at(strings.Replace(policy, `"Effect"`, `"Sid":"a",`+"\n"+`"Sid":"b","Effect"`, 1)),
			`line 2, column 1: "Sid" stands twice`},
		"an unknown element": {at(strings.Replace(policy, `"Effect"`, `"Efect":"Allow","Effect"`, 1)),
			`unknown element "Efect"`},
		"an identity policy": {at(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`,
		), "line 1, column 71: Resource has no place in a trust policy: this looks like an identity policy"},
		"an empty file": {at(" \n"), "--trust-policy: the file is empty; expected a trust policy"},
		"a list": {at(`[]`),
			"line 1, column 1: expected a trust policy, a JSON object with Version and Statement, found an array"},
		"a string":               {at(`"hello"`), "expected JSON"},
		"a broken encoding":      {at(`%7B%22a%22:%zz`), "the trust policy looks URL-encoded and is not"},
		"a role without a trust": {at(`{"Role":{"RoleName":"x"}}`), "the role has no AssumeRolePolicyDocument"},
		"no such file": {[]string{"evaluate", "--trust-policy", empty + "/none", "--claims", token},
			"no such file"},
		"a folder": {[]string{"evaluate", "--trust-policy", empty, "--claims", token}, "is a directory"},
		"claims that are a list": {with(`[1]`),
			"claims: line 1, column 1: expected the claims of a token, a JSON object, found an array"},
		"claims that are a text": {with(`"x"`), "found a string"},
		"empty claims":           {with(""), "--claims: the file is empty; expected a JSON object"},
		"neither": {[]string{"evaluate", "--trust-policy", good},
			"wants one of --claims FILE, --token FILE, --cloudtrail FILE"},
		"both": {[]string{"evaluate", "--trust-policy", good, "--claims", token, "--token", token},
			"claims"},
		"a partial token": {[]string{"evaluate", "--trust-policy", good, "--partial", "--token", token},
			"takes one of --partial, --token FILE, not several"},
		"no policy": {[]string{"evaluate", "--claims", token}, "evaluate wants --trust-policy FILE (the role's"},
		"standard input twice": {[]string{"evaluate", "--trust-policy", "-", "--claims", "-"},
			"only one file can come from standard input"},
		"a file without its flag": {[]string{"render", good}, "--input FILE"},
		"no flag at all": {[]string{"render"},
			"render wants --account-id ID (the AWS account's ID, twelve digits) and --input FILE ("},
		"two of one group": {[]string{"adopt", "--trust-policy", good, "--import", good},
			"adopt takes one of --trust-policy FILE, --import FILE, not several"},
		"one file to compare": {[]string{"diff", good}, "diff compares two files, OLD and NEW, got 1"},
		"no file to compare":  {[]string{"diff", "--since", "HEAD"}, "there are none"},
		"JSON for a file": {[]string{"evaluate", "--trust-policy", good, "--claims", `{"sub":"x"}`},
			"JSON stands where"},
		"no duration":          {[]string{"doctor", "--role", "x", "--since", "yesterday"}, `--since got "yesterday"`},
		"no number":            {[]string{"doctor", "--role", "x", "--events", "all"}, "how many refused calls"},
		"a command for a flag": {[]string{"version"}, "did you mean --version?"},
		"keys without a token": {at(policy, "--jwks", token), "keys check the signature of a token"},
		"an unknown flag":      {at(policy, "--tokn", "x"), "unknown flag: --tokn"},
		"an unknown command":   {[]string{"evaluete"}, `unknown command "evaluete"`},
		"an argument too many": {at(policy, "x"), `evaluate takes nothing without a flag, got "x"; write `},
		"an unknown severity": {[]string{"audit", "--trust-policy", good, "--fail-on", "worst"},
			`--fail-on is high, medium or low, got "worst"`},
		"an audit of nothing": {[]string{"audit", "--trust-policy", file(t, "")}, "the trust policy is empty"},
		"an empty folder":     {[]string{"audit", "--trust-policy", empty}, "has no file that ends in .json"},
		"claims without issuer": {
			[]string{"evaluate", "--trust-policy",
				file(t, strings.Replace(policy, `"arn:aws:iam::123456789012:oidc-provider/`+host+`"`, `["a","b"]`, 1)),
				"--partial", "--claims", file(t, `{}`)}, "there is no iss, and the policy names 2 providers",
		},
	} {
		got := cli(t, policy, c.args...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.err, c.want) || strings.Count(got.err, "\n") != 1 ||
			!strings.HasPrefix(got.err, "ci-oidc-trust: ") {
			t.Errorf("%s: expected 2 and %q, got %+v", name, c.want, got)
		}
	}
}

// Whoever pastes a token into the command line must not find it in the log of the job as well.
func TestATokenThatStandsInTheWrongPlaceIsNotPrinted(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	good := file(t, policy)
	for _, args := range [][]string{
		{token}, {"evaluate", token}, {"evaluate", "--trust-policy", good, "--token", token},
		{"evaluate", "--trust-policy", good, "--token=" + token},
		{"evaluate", "--trust-policy", token, "--claims", good},
		{"evaluate", "--" + token}, {"whoami", "--token-env", token}, {"whoami", "--token-file", token},
		{"whoami", token}, {"audit", token}, {"audit", "--fail-on", token, good}, {"diff", good, token},
		{"diff", "--since", token, good}, {"render", "--input", token, "--account-id", "123456789012"},
		{"render", "--input", good, "--account-id", token},
		{"doctor", "--role", "x", "--since", token}, {"adopt", "--import", token}, {"whoami", "--system", token},
	} {
		got := cli(t, "", args...)
		if got.code != 2 || strings.Contains(got.out+got.err, "eyJzdWIi") {
			t.Errorf("%q: expected 2 and no token, got %+v", args, got)
		}
	}
}

func TestHugeAndHostileFilesEndFast(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	for name, text := range map[string]string{
		"10 MB of white space":      strings.Repeat(" ", 10<<20),
		"10 MB of one string":       `{"Statement":"` + long + `"}`,
		"10 MB of letters":          long,
		"nested lists":              strings.Repeat("[", 5<<20),
		"nested objects":            strings.Repeat(`{"a":`, 2<<20),
		"nested role answers":       strings.Repeat(`{"Role":`, 1<<20),
		"10 MB of zeros":            strings.Repeat("\x00", 10<<20),
		"a million escapes":         `"` + strings.Repeat(`\u0041`, 1<<20) + `"`,
		"10 MB of encoding":         strings.Repeat("%22", 3<<20),
		"a million members":         `{` + strings.Repeat(`"a":1,`, 1<<20) + `"b":1}`,
		"a million role details":    `{"RoleDetailList":` + strings.Repeat("[", 1<<20),
		"a hundred thousand stars":  strings.Replace(policy, "repo:", strings.Repeat("*a", 100000), 1),
		"more than there can be":    strings.Repeat("y", maxDocument+1),
		"a name with escapes":       "{\"\x1b[2J\":1}",
		"a byte order mark":         "\ufeff" + policy,
		"a lone surrogate, escaped": `{"Version":"\ud800"}`,
	} {
		at, token := file(t, text), file(t, claims)
		for _, args := range [][]string{
			{"evaluate", "--trust-policy", at, "--claims", token},
			{"evaluate", "--trust-policy", file(t, policy), "--claims", at},
			{"evaluate", "--trust-policy", file(t, policy), "--token", at}, {"audit", "--trust-policy", at},
		} {
			began := time.Now()
			got := cli(t, "", args...)
			harmless := slices.Contains([]string{"a hundred thousand stars", "a name with escapes",
				"a lone surrogate, escaped", "a byte order mark"}, name)
			if !(harmless && got.code < 2) &&
				(got.code != 2 || got.err == "" || len(got.err) > 1000 || strings.ContainsAny(got.err, "\x1b\x00")) {
				t.Errorf("%s: %v: %d with %d bytes on standard error: %.300s", name, args, got.code, len(got.err),
					got.err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s: %v took %v", name, args, took)
			}
		}
	}
}

func TestHelpNamesTheExitCodes(t *testing.T) {
	for _, command := range []string{"evaluate", "audit"} {
		if got := cli(t, "", command, "--help"); got.code != 0 || !strings.Contains(got.out, "Exit code: 0") {
			t.Errorf("%s: %+v", command, got)
		}
	}
	if got := cli(t, ""); got.code != 0 || !strings.Contains(got.out, "evaluate") ||
		!strings.Contains(got.out, "audit") {
		t.Errorf("%+v", got)
	}
}

// The lines of a failed proof ran together, with a replacement character between them.
func TestAnErrorOfSeveralLinesIsPrintedInLines(t *testing.T) {
	if got := plainLines("one\x1b[2J\ntwo\rthree"); got != "one\uFFFD[2J\n  two\uFFFDthree" {
		t.Errorf("%q", got)
	}
}

const scalrSection = "scalr:\n  account: acme\n  workspaces: [{environment: production, name: web}]\n"

func TestTheRegionToPasteIsOneOfThePartition(t *testing.T) {
	for partition, want := range map[string]string{
		"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1",
	} {
		got := cli(t, "github:\n  repositories: [{repository: acme@1/web@2, branches: [main]}]\n", "render",
			"--input", "-",
			"--account-id", "123456789012", "--partition", partition)
		if got.code != 0 || !strings.Contains(got.out, "aws-region: "+want) {
			t.Errorf("%s: %+v", partition, got)
		}
	}
}

func TestASecondYAMLDocumentIsNoSilentlyDroppedHalfOfATrust(t *testing.T) {
	got := cli(t, scalrSection+"---\ngithub: {}\n", "render", "--input", "-", "--account-id", "123456789012")
	if got.code != 2 || !strings.Contains(got.err, "several YAML documents; write everything into one") {
		t.Errorf("%+v", got)
	}
}
