package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// accountDetails is an answer of get-account-authorization-details with a role for each thing that can be said of one.
func accountDetails() string {
	open := strings.ReplaceAll(policy, `"repo:acme@1234567/web@89012345:ref:refs/heads/main"`,
		`"repo:acme@1234567/web@89012345:pull_request"`)
	role := func(name, trust, more string) string {
		return `{"RoleName":"` + name + `","Arn":"arn:aws:iam::123456789012:role/` + name +
			`","AssumeRolePolicyDocument":` + trust + more + `}`
	}
	return `{"UserDetailList":[],"RoleDetailList":[` + strings.Join([]string{
		role("encoded", quoted(url.PathEscape(policy)), ""),
		role("reads", open,
			`,"AttachedManagedPolicies":[{"PolicyName":"ReadOnlyAccess",`+
				`"PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}],"RolePolicyList":[{"PolicyName":"p",`+
				`"PolicyDocument":{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:List*"],`+
				`"Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]}}]`),
		role("writes", open, `,"AttachedManagedPolicies":[{"PolicyName":"AdministratorAccess",`+
			`"PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}]`),
		role("writes-inline", open, `,"RolePolicyList":[{"PolicyName":"p","PolicyDocument":`+
			quoted(url.PathEscape(`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`))+`}]`),
		role("not-action", open, `,"RolePolicyList":[{"PolicyName":"p",`+
			`"PolicyDocument":{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}}]`),
		role("own-policy", open, `,"AttachedManagedPolicies":[{"PolicyName":"ReadOnlyAccess",`+
			`"PolicyArn":"arn:aws:iam::123456789012:policy/ReadOnlyAccess"}]`),
		role("GitHubActions", policy, ""),
		role("service", `{"Version":"2012-10-17","Statement":{"Effect":"Allow",`+
			`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`, ""),
	}, ",") + `],"IsTruncated":false}`
}

func TestAnAccountIsAuditedRoleByRole(t *testing.T) {
	want := map[string]string{
		"encoded": "github-pull-request-target", "reads": "github-pull-requests",
		"writes":        "unreviewed-write github-pull-requests",
		"writes-inline": "unreviewed-write github-pull-requests unreviewed-secrets",
		"not-action":    "unreviewed-write github-pull-requests unreviewed-secrets",
		"own-policy":    "unreviewed-write github-pull-requests",
		"GitHubActions": "github-pull-request-target role-named-githubactions", "service": "",
	}
	for _, in := range []string{file(t, accountDetails()), "-"} {
		got := cli(t, accountDetails(), "audit", "--trust-policy", in, "--json")
		var answer struct {
			Roles []struct {
				Role     string
				Findings []struct{ ID, Severity, Message, Remediation, Source string }
			}
		}
		if err := json.Unmarshal([]byte(got.out), &answer); err != nil || got.code != 0 {
			t.Fatal(err, got)
		}
		if len(answer.Roles) != len(want) {
			t.Errorf("%d roles of %d", len(answer.Roles), len(want))
		}
		for _, r := range answer.Roles {
			var found []string
			for _, f := range r.Findings {
				found = append(found, f.ID)
				if f.Severity == "" || f.Message == "" || f.Remediation == "" || f.Source == "" {
					t.Errorf("%s: %+v", r.Role, f)
				}
			}
			if list := strings.Join(found, " "); list != want[r.Role] {
				t.Errorf("%s: expected %q, got %q", r.Role, want[r.Role], list)
			}
		}
	}
}

func TestAnAccountIsPrintedRoleByRoleTheWorstFirst(t *testing.T) {
	got := cli(t, accountDetails(), "audit", "--trust-policy", "-", "--fail-on", "high")
	if got.code != 1 ||
		!strings.HasPrefix(got.out, "8 roles, of which CI jobs or the web may assume 7: 4 high, 7 medium, 3 low\n") {
		t.Errorf("%+v", got)
	}
	block := "\nrole writes\n  arn:aws:iam::123456789012:role/writes\n  unreviewed-write (high) at line 1, "
	if !strings.Contains(got.out, block) ||
		strings.Index(got.out, "role writes\n") > strings.Index(got.out, "role reads\n") ||
		strings.Index(got.out, "role reads\n") > strings.Index(got.out, "role encoded\n") {
		t.Errorf("expected %q, and the worst first, in\n%s", block, got.out)
	}
	hidden := "\n1 role that neither CI jobs nor the web may assume: not shown, --all shows it\n"
	if strings.Contains(got.out, "role service") || !strings.Contains(got.out, hidden) {
		t.Errorf("a role for a service is not shown without --all:\n%s", got.out)
	}
	got = cli(t, accountDetails(), "audit", "--trust-policy", "-", "--all")
	if got.code != 0 || !strings.Contains(got.out, "  role service  arn:aws:iam::123456789012:role/service\n") {
		t.Errorf("%+v", got)
	}
}

func TestFailOnIsAThreshold(t *testing.T) {
	low, medium := policy, strings.ReplaceAll(policy, "@1234567/web@89012345", "/web")
	high := strings.ReplaceAll(strings.ReplaceAll(policy, `"StringEquals"`, `"StringLike"`),
		"repo:acme@1234567/web@89012345:ref:refs/heads/main", "repo:*")
	for document, codes := range map[string]map[string]int{
		low:    {"": 0, "high": 0, "medium": 0, "low": 1},
		medium: {"": 0, "high": 0, "medium": 1, "low": 1},
		high:   {"": 0, "high": 1, "medium": 1, "low": 1},
	} {
		for severity, want := range codes {
			args := []string{"audit", "--trust-policy", file(t, document)}
			if severity != "" {
				args = append(args, "--fail-on", severity)
			}
			if got := cli(t, "", args...); got.code != want || got.err != "" {
				t.Errorf("--fail-on %q: expected %d, got %+v", severity, want, got)
			}
		}
	}
	clean := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}}`
	if got := cli(t, clean, "audit", "--trust-policy", "-", "--fail-on", "low"); got !=
		(answer{0, "no findings\n", ""}) {
		t.Errorf("%+v", got)
	}
	if got := cli(t, clean, "audit", "--trust-policy", "-", "--json"); got !=
		(answer{0, "{\n  \"version\": 1,\n  \"findings\": []\n}\n", ""}) {
		t.Errorf("%+v", got)
	}
}

func TestAFolderIsAuditedFileByFile(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.json":        policy,
		"sub/b.json":    accountDetails(),
		"sub/notes.txt": "hello",
		"c.JSON":        "hello",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := cli(t, "", "audit", "--trust-policy", folder)
	if got.code != 0 || !strings.Contains(got.out, "a.json") || !strings.Contains(got.out, "own-policy") ||
		!strings.Contains(got.out, "skipped: c.JSON: not a .json file\nskipped: sub/notes.txt: not a .json file\n") ||
		strings.Contains(got.out, "hello") {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "z.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = cli(t, "", "audit", "--trust-policy", folder)
	if got.code != 2 || !strings.HasPrefix(got.err, "ci-oidc-trust: not every trust policy could be read;") ||
		!strings.Contains(got.out, "the document ends here") || !strings.Contains(got.out, "own-policy") {
		t.Errorf("one broken file: the others are audited all the same, and the exit code is 2: %+v", got)
	}
}

func TestOtherAnswersOfIAM(t *testing.T) {
	roles := `{"Roles":[{"RoleName":"one","AssumeRolePolicyDocument":` +
		strings.ReplaceAll(policy, "ref:refs/heads/main", "pull_request") + `}]}`
	if got := cli(t, roles, "audit", "--trust-policy", "-"); got.code != 0 || !strings.Contains(got.out, "one") ||
		!strings.Contains(got.out, "github-pull-requests ") {
		t.Errorf("list-roles, of whose policies nothing is known: %+v", got)
	}
	page := strings.Replace(accountDetails(), `"IsTruncated":false`, `"IsTruncated":true,"Marker":"x"`, 1)
	if got := cli(t, page, "audit", "--trust-policy", "-"); got.code != 2 ||
		!strings.Contains(got.out, "one page of several") {
		t.Errorf("a page: %+v", got)
	}
	if got := cli(t, `{"RoleDetailList":[]}`, "audit", "--trust-policy", "-", "--json"); got.code != 0 ||
		!strings.Contains(got.out, `"version": 1`) || !strings.Contains(got.out, `"roles": []`) {
		t.Errorf("no roles: %+v", got)
	}
	broken := `{"RoleDetailList":[{"RoleName":"\u001b[31mred\n","AssumeRolePolicyDocument":"%7B%22"},` +
		`{"RoleName":"none"}]}`
	got := cli(t, broken, "audit", "--trust-policy", "-")
	if got.code != 2 || strings.Contains(got.out, "\x1b") || strings.Count(got.out, "\n") != 7 ||
		!strings.Contains(got.out, `role \x1b[31mred\n`+"\n") ||
		!strings.Contains(got.out, "has no AssumeRolePolicyDocument") {
		t.Errorf("broken roles: %+v", got)
	}
}

func TestOneDocumentThatDoesNotParseGoesBeforeAllFindings(t *testing.T) {
	broken := file(t, "{\n  \"Statement\": [}")
	high := file(t, strings.ReplaceAll(strings.ReplaceAll(policy, `"StringEquals"`, `"StringLike"`),
		"repo:acme@1234567/web@89012345:ref:refs/heads/main", "repo:*"))
	nothing := file(t, `{"name":"web"}`)
	got := cli(t, "", "audit", "--fail-on", "low", broken, nothing, high)
	if got.code != 2 || !strings.Contains(got.out, broken+"\n  error: line 2, column 17: expected JSON") ||
		!strings.Contains(got.out, "(high)") ||
		!strings.Contains(got.out, "skipped: "+nothing+": it holds no trust policy") {
		t.Errorf("%+v", got)
	}
	if got := cli(t, "", "audit", "--fail-on", "low", nothing); got.code != 0 {
		t.Errorf("files that are given as a list are skipped if they hold no trust policy: %+v", got)
	}
	if got := cli(t, "", "audit", "--trust-policy", nothing); got.code != 2 ||
		!strings.Contains(got.err, "expected a trust policy") && !strings.Contains(got.err, "unknown element") {
		t.Errorf("the one that is asked about has to hold one: %+v", got)
	}
}

func TestAllVerbsReadUTF16AndByteOrderMarks(t *testing.T) {
	wide := func(text string) string {
		var b strings.Builder
		b.WriteString("\xff\xfe")
		for _, c := range []byte(text) { // ASCII
			b.WriteByte(c)
			b.WriteByte(0)
		}
		return b.String()
	}
	marked := func(text string) string { return "\ufeff" + text }
	for name, encode := range map[string]func(string) string{"UTF-16": wide, "a byte order mark": marked} {
		for verb, args := range map[string][]string{
			"evaluate": {"evaluate", "--trust-policy", file(t, encode(policy)), "--claims", file(t, encode(claims))},
			"audit":    {"audit", "--trust-policy", file(t, encode(policy))},
			"render":   {"render", "--input", file(t, encode(scalrSection)), "--account-id", "123456789012"},
			"files":    {"audit", file(t, encode(policy))},
		} {
			if got := cli(t, "", args...); got.code != 0 || got.out == "" {
				t.Errorf("%s, %s: %+v", verb, name, got)
			}
		}
	}
}

func TestAFileLargerThanADocumentMayBeIsRefusedEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.json")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Truncate(100 << 20); err != nil { // a hole, of which 64 MB are read
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	got := cli(t, "", "audit", "--trust-policy", path)
	if got.code != 2 || !strings.Contains(got.err, "more than 67108864 bytes") {
		t.Errorf("%+v", got)
	}
	got = cli(t, "", "audit", "--trust-policy", filepath.Dir(path))
	if got.code != 2 || !strings.Contains(got.out, "more than 67108864 bytes") {
		t.Errorf("%+v", got)
	}
}

// The lines of a policy that was put together from a template would be those of no document.
func TestAFindingAboutATemplateNamesTheRolesLineAndWhatIsNotKnown(t *testing.T) {
	template := "Parameters:\n  Org: {Type: String}\nResources:\n  Deploy:\n    Type: AWS::IAM::Role\n" +
		"    Properties:\n      AssumeRolePolicyDocument: !Sub |\n        " +
		strings.ReplaceAll(policy, "acme@1234567", "${Org}") + "\n"
	at := file(t, template)
	got := cli(t, "", "audit", "--trust-policy", at, "--fail-on", "medium")
	if got.code != 1 || !strings.Contains(got.out, "\nrole Deploy\n  "+at+", line 4\n") ||
		strings.Contains(got.out, "at line") || !strings.Contains(got.out, "the document does not say parameter Org") {
		t.Errorf("%+v", got)
	}
}

func TestAPlanWhoseTrustPolicyIsNotKnownYetIsNotCalledClean(t *testing.T) {
	plan := `{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"address":"aws_iam_role.deploy",` +
		`"mode":"managed","type":"aws_iam_role","values":{"name":"deploy"}}]}}}`
	got := cli(t, plan, "audit", "--trust-policy", "-", "--fail-on", "medium")
	if got.code != 1 || !strings.Contains(got.out, "not-judged (medium)") ||
		!strings.Contains(got.out, "known after apply") {
		t.Errorf("%+v", got)
	}
}
