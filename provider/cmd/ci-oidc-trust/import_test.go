package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// answersAbout are those of `aws iam` about a role with a trust policy.
func answersAbout(policy string) string {
	return `{"Role":{"RoleName":"deploy","Path":"/","Arn":"arn:aws:iam::123456789012:role/deploy",` +
		`"AssumeRolePolicyDocument":` + policy + `,"MaxSessionDuration":3600}}` + "\n" +
		`{"AttachedPolicies":[{"PolicyName":"A","PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]}` + "\n" +
		`{"PolicyNames":[]}` + "\n"
}

func TestAnImportIsPrintedInItsParts(t *testing.T) {
	answers := answersAbout(policyOf(t, sections))
	a := cli(t, answers, "adopt", "--import", "-")
	if a.code != 0 || a.err != "" {
		t.Fatalf("exit %d: %s", a.code, a.err)
	}
	at := 0
	for _, part := range []string{
		"==> Pulumi.yaml <==\n", "existingProvider: true", "roleName: deploy", "==> import.json <==\n",
		`"logicalName": "deploy"`, "==> commands <==\n", "pulumi import --file import.json",
		"the first update changes:\n  the role has no description",
	} {
		next := strings.Index(a.out[at:], part)
		if next < 0 {
			t.Fatalf("no %q behind what comes before it in\n%s", part, a.out)
		}
		at += next
	}
	var document struct {
		Version    int
		Verdict    string
		ImportFile struct {
			Resources []struct{ Type, Name, ID, Parent string }
		}
		Commands []string
	}
	a = cli(t, answers, "adopt", "--import", "-", "--json")
	if err := json.Unmarshal([]byte(a.out), &document); err != nil || document.Verdict != "same" ||
		len(document.ImportFile.Resources) != 3 || len(document.Commands) != 4 {
		t.Errorf("%v: %s", err, a.out)
	}
}

func TestAnImportOfAPolicyThatNoSectionSaysEndsWithOne(t *testing.T) {
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":` +
		`"arn:aws:iam::123456789012:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML","Condition":{` +
		`"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
	a := cli(t, answersAbout(policy), "adopt", "--import", "-")
	if a.code != 1 || !strings.Contains(a.out, "lost, or not to be had:\n  statement 1: ") {
		t.Errorf("exit %d: %s%s", a.code, a.out, a.err)
	}
}

func TestABreakGlassStatementIsImportedBesideTheSections(t *testing.T) {
	policy := strings.TrimSuffix(policyOf(t, sections), "]}") + `,{"Effect":"Allow","Principal":{"AWS":` +
		`"arn:aws:iam::123456789012:role/break-glass"},"Action":"sts:AssumeRole"}]}`
	a := cli(t, answersAbout(policy), "adopt", "--import", "-")
	if a.code != 0 || !strings.Contains(a.out, "additionalTrustStatements:") ||
		!strings.Contains(a.out, "role/break-glass") {
		t.Errorf("exit %d: %s%s", a.code, a.out, a.err)
	}
}

func TestWhatAnImportLacksIsBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		in   string
		says string
	}{
		"nothing":      {[]string{"--import", "-"}, "", "there are no answers"},
		"another role": {[]string{"--import", "-", "--role", "web"}, answersAbout(`{"Statement":[]}`), `no role "web"`},
		"the policies": {
			[]string{"--import", "-"}, strings.SplitAfter(answersAbout(`{"Statement":[]}`), "\n")[0],
			"list-role-policies",
		},
		"no trust policy": {[]string{"--import", "-"}, answersAbout(`{"Statement":[]}`), "Statement is empty"},
		"both":            {[]string{"--import", "-", "--trust-policy", "-"}, "", "not several"},
		"neither":         {nil, "", "wants one of --trust-policy FILE, --import FILE"},
	} {
		a := cli(t, c.in, append([]string{"adopt"}, c.args...)...)
		if a.code != 2 || !strings.Contains(a.err, c.says) || a.out != "" {
			t.Errorf("%s: exit %d: %s%s", name, a.code, a.out, a.err)
		}
	}
}

func TestAnImportIsWrittenIntoAFolderAndOverwritesNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	answers := answersAbout(policyOf(t, sections))
	if a := cli(t, answers, "adopt", "--import", "-", "--out", folder, "--language", "typescript"); a.code != 0 {
		t.Fatal(a.err)
	}
	for _, name := range []string{"index.ts", "import.json"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	if a := cli(t, answers, "adopt", "--import", "-", "--out", folder, "--language", "typescript"); a.code != 2 ||
		!strings.Contains(a.err, "is there already") {
		t.Errorf("exit %d: %s", a.code, a.err)
	}
}
