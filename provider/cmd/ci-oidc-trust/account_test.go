package main

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// account is an answer of get-account-authorization-details with a role for each thing that can be said of one.
func account() string {
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
		"writes": "github-pull-requests-write", "writes-inline": "github-pull-requests-write",
		"not-action": "github-pull-requests-write", "own-policy": "github-pull-requests-write",
		"GitHubActions": "github-pull-request-target role-named-githubactions", "service": "",
	}
	for _, in := range []string{file(t, account()), "-"} {
		got := cli(t, account(), "audit", "--trust-policy", in, "--json")
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

func TestAnAccountIsPrintedAsATable(t *testing.T) {
	got := cli(t, account(), "audit", "--trust-policy", "-", "--fail-on", "high")
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if got.code != 1 || len(lines) != 10 ||
		strings.Join(strings.Fields(lines[0]), " ") != "ROLE SEVERITY FINDING MESSAGE" {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"service        -         -", "writes         high      github-pull-requests-write"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("expected %q in\n%s", want, got.out)
		}
	}
	if got := cli(t, account(), "audit", "--trust-policy", "-"); got.code != 0 {
		t.Errorf("without --fail-on: %d", got.code)
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
		(answer{0, "{\n  \"findings\": []\n}\n", ""}) {
		t.Errorf("%+v", got)
	}
}

func TestAFolderIsAuditedFileByFile(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.json":        policy,
		"sub/b.json":    account(),
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
		strings.Contains(got.out, "hello") {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "z.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = cli(t, "", "audit", "--trust-policy", folder)
	if got.code != 2 || got.err != "ci-oidc-trust: not every trust policy could be read\n" ||
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
	page := strings.Replace(account(), `"IsTruncated":false`, `"IsTruncated":true,"Marker":"x"`, 1)
	if got := cli(t, page, "audit", "--trust-policy", "-"); got.code != 2 ||
		!strings.Contains(got.out, "one page of several") {
		t.Errorf("a page: %+v", got)
	}
	if got := cli(t, `{"RoleDetailList":[]}`, "audit", "--trust-policy", "-", "--json"); got !=
		(answer{0, "{\n  \"roles\": []\n}\n", ""}) {
		t.Errorf("no roles: %+v", got)
	}
	broken := `{"RoleDetailList":[{"RoleName":"\u001b[31mred\n","AssumeRolePolicyDocument":"%7B%22"},` +
		`{"RoleName":"none"}]}`
	got := cli(t, broken, "audit", "--trust-policy", "-")
	if got.code != 2 || strings.Contains(got.out, "\x1b") || strings.Count(got.out, "\n") != 3 ||
		!strings.Contains(got.out, "has no AssumeRolePolicyDocument") {
		t.Errorf("broken roles: %+v", got)
	}
}
