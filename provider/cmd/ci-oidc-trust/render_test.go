package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const sections = `
github:
  repositories:
    - repository: acme@1234567/web@89012345
      branches: [main]
circleci:
  organizationId: 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11
  projects:
    - id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70
      vcsOrigin: github.com/acme/web
      branches: [main]
`

func TestRenderShowsThePolicyAsIAMTakesItAndAsOurOwnEngineAdmitsTheJob(t *testing.T) {
	a := cli(t, "", "render", "--input", file(t, sections), "--account-id", "123456789012", "--region", "eu-central-1",
		"--role-name", "deploy", "--json")
	if a.code != 0 {
		t.Fatal(a.err)
	}
	var rendering struct {
		TrustPolicy     string
		Grants          []string
		Findings        []struct{ ID string }
		PipelineConfigs map[string]string
	}
	if err := json.Unmarshal([]byte(a.out), &rendering); err != nil {
		t.Fatal(err)
	}
	p, err := trust.ParsePolicy([]byte(rendering.TrustPolicy))
	if err != nil {
		t.Fatal(err)
	}
	for sub, want := range map[string]trust.Answer{
		"repo:acme@1234567/web@89012345:ref:refs/heads/main":  trust.Allowed,
		"repo:acme@1234567/web@89012345:ref:refs/heads/other": trust.Denied,
	} {
		r := trust.Request{Provider: "arn:aws:iam::123456789012:oidc-provider/" + host, Issuer: host, Partition: "aws",
			Claims: map[string]any{
				"sub":                 sub,
				"aud":                 "sts.amazonaws.com",
				"repository_id":       "89012345",
				"repository_owner_id": "1234567",
			}}
		if got := p.Decide(&r); got != want {
			t.Errorf("%s: %v", sub, got)
		}
	}
	if want := "GitHub Actions: acme/web on branch main"; !slices.Contains(rendering.Grants, want) {
		t.Errorf("grants %v", rendering.Grants)
	}
	for _, section := range []string{"github", "circleci"} {
		config := rendering.PipelineConfigs[section]
		if !strings.Contains(config, "arn:aws:iam::123456789012:role/deploy") ||
			!strings.Contains(config, "eu-central-1") {
			t.Errorf("%s: %s", section, config)
		}
	}
	if len(rendering.Findings) == 0 || rendering.Findings[0].ID != "github-pull-request-target" {
		t.Errorf("findings %v", rendering.Findings)
	}
}

func TestRenderInAnotherPartitionUsesNoKeyThatDoesNotExistThere(t *testing.T) {
	a := cli(t, sections, "render", "--input", "-", "--account-id", "123456789012", "--partition", "aws-cn")
	if a.code != 0 || strings.Contains(a.out, "repository_owner_id\"") ||
		!strings.Contains(a.out, "arn:aws-cn:iam::123456789012:oidc-provider/") ||
		!strings.Contains(a.out, "sts.amazonaws.com.cn") {
		t.Errorf("%+v", a)
	}
}

func TestRenderReportsEveryProblemOnALineOfItsOwn(t *testing.T) {
	a := cli(t, "github: {repositories: [{repository: acme, branch: main}]}\nacceptRisks: [nonsense]\n", "render",
		"--input", "-", "--account-id", "12")
	if a.code != 2 || a.out != "" {
		t.Errorf("%+v", a)
	}
	for _, line := range []string{
		"\n  --account-id: ",
		"\n  line 1, column 44: github.repositories[0].branch: unknown property",
		"\n  line 1, column 26: github.repositories[0].repository: ",
		"\n  line 1, column 25: github.repositories[0].branches: ",
		"\n  line 2, column 15: acceptRisks[0]: ",
	} {
		if !strings.Contains(a.err, line) {
			t.Errorf("%q is missing in:\n%s", line, a.err)
		}
	}
}

func TestRenderSaysWhatItExpectedOfABadFile(t *testing.T) {
	for text, want := range map[string]string{
		"":           "is empty",
		"- a":        "expected a YAML map",
		"a: [":       "expected a YAML map",
		"travis: {}": "unknown property",
	} {
		a := cli(t, text, "render", "--input", "-", "--account-id", "123456789012")
		if a.code != 2 || !strings.Contains(a.err, want) {
			t.Errorf("%q: %+v", text, a)
		}
	}
}
