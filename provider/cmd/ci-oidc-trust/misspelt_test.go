package main

import (
	"strings"
	"testing"
)

// misspellings are all places that take a name from a list that is known: a misspelt name, and the one that is meant.
// What Pulumi's functions and components take goes through the same code as render and permissions.
func misspellings(t *testing.T) map[string]struct {
	args  []string
	meant string
} {
	t.Helper()
	const repositories = "github: {repositories: [{repository: acme@1234567/web@89012345, branches: [main]}]}\n"
	render := func(yaml string) []string {
		return []string{"render", "--account-id", "123456789012", "--input", file(t, yaml)}
	}
	permissions := func(yaml string) []string {
		return []string{"permissions", "--account-id", "123456789012", "--input", file(t, yaml)}
	}
	audit := func(old, misspelt string) []string {
		return []string{"audit", "--trust-policy", file(t, strings.Replace(policy, old, misspelt, 1))}
	}
	config := func(yaml string) []string {
		return []string{"audit", "--trust-policy", file(t, policy), "--config", file(t, yaml)}
	}
	answers := `{"RoleDetailList":[{"RoleName":"deploy"},{"RoleName":"audit"}]}`
	return map[string]struct {
		args  []string
		meant string
	}{
		"a command":               {[]string{"adit"}, "audit"},
		"a command to explain":    {[]string{"help", "rendr"}, "render"},
		"a shell":                 {[]string{"completion", "bsh"}, "bash"},
		"a shell to explain":      {[]string{"help", "completion", "fsh"}, "fish"},
		"a flag":                  {[]string{"audit", "--trust-polcy", "x"}, "--trust-policy"},
		"a flag with its value":   {[]string{"evaluate", "--roleArn=x"}, "--role-arn"},
		"a format of audit":       {[]string{"audit", "--format", "sariff", "x"}, "sarif"},
		"a format of diff":        {[]string{"diff", "--format", "jason", "x", "y"}, "json"},
		"a severity":              {[]string{"audit", "--fail-on", "hih", "x"}, "high"},
		"a CI system":             {[]string{"whoami", "--system", "githb"}, "github"},
		"a language of adopt":     {[]string{"adopt", "--language", "typscript", "--trust-policy", "x"}, "typescript"},
		"a language of whoami":    {[]string{"whoami", "--language", "pyhton"}, "python"},
		"a role among answers":    {[]string{"adopt", "--import", file(t, answers), "--role", "deplyo"}, "deploy"},
		"a rule to ignore":        {config("ignore: [{rule: github-any-refs, reason: x}]"), "github-any-ref"},
		"a word of what is set":   {config("ignore: [{rle: github-any-ref, reason: x}]"), "rule"},
		"the list of what is set": {config("ignored: []"), "ignore"},
		"a section":               {render("gitHub: {}"), "github"},
		"a property":              {render(repositories + "acceptRisk: []"), "acceptRisks"},
		"a nested property":       {render("github: {repositories: [{repository: a/b, branch: [main]}]}"), "branches"},
		"a word":                  {render("vercel: {team: a, issuerMode: teams, projects: []}"), "team"},
		"a partition":             {append(render(repositories), "--partition", "aws_cn"), "aws-cn"},
		"an accepted risk":        {render(repositories + "acceptRisks: [github-any-refs]"), "github-any-ref"},
		"a recipe":                {permissions("teraformState: {}"), "terraformState"},
		"a recipe's property":     {permissions("terraformState: {buckets: x}"), "bucket"},
		"a recipe's mode":         {permissions("pulumiState: {mode: previews}"), "preview"},
		"an element":              {audit(`"Statement"`, `"Statements"`), "Statement"},
		"a statement's element":   {audit(`"Condition"`, `"Conditions"`), "Condition"},
		"a kind of principal":     {audit(`"Federated"`, `"Federate"`), "Federated"},
		"an operator":             {audit(`"StringEquals"`, `"StringEqual"`), "StringEquals"},
		"an operator's quantifier": {
			audit(`"StringEquals"`, `"ForAnyValues:StringLikes"`), "ForAnyValue:StringLike",
		},
		"an operator that may be missing": {
			audit(`"StringEquals"`, `"StringEqualIfExists"`), "StringEqualsIfExists",
		},
	}
}

func TestWhateverRefusesANameNamesTheNearestOne(t *testing.T) {
	for name, c := range misspellings(t) {
		got := cli(t, "", c.args...)
		if got.code != exitBadInput || !strings.Contains(got.err, "; did you mean "+c.meant+"?\n") {
			t.Errorf("%s: expected %s, got %d: %s", name, c.meant, got.code, got.err)
		}
	}
}

func TestANameThatIsLikeNoneIsAnsweredWithThoseThereAre(t *testing.T) {
	for want, args := range map[string][]string{
		"unknown command \"zzz\"; ci-oidc-trust has adopt, audit, ": {"zzz"},
		"ci-oidc-trust completion has bash, fish, powershell, zsh":  {"completion", "zzz"},
		"ci-oidc-trust audit has no commands below it, got \"zzz\"": {"help", "audit", "zzz"},
		"unknown flag: --zzz; ci-oidc-trust audit --help lists":     {"audit", "--zzz"},
		"--fail-on is high, medium or low, got \"zzz\"\n":           {"audit", "--fail-on", "zzz", "x"},
	} {
		if got := cli(t, "", args...); got.code != exitBadInput || !strings.Contains(got.err, want) {
			t.Errorf("%q: expected %s, got %d: %s", args, want, got.code, got.err)
		}
	}
	for _, args := range [][]string{{"help"}, {"help", "audit"}, {"help", "completion", "bash"}, {}} {
		if got := cli(t, "", args...); got.code != exitYes || !strings.Contains(got.out, "Usage:") {
			t.Errorf("%q: %+v", args, got)
		}
	}
}
