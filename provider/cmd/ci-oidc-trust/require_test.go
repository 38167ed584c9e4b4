package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	noRole       = `{"name":"web"}`
	emptyAccount = `{"RoleDetailList":[],"Policies":[]}`
	emptyPlan    = `{"format_version":"1.2","planned_values":{"root_module":{"resources":[]}}}`
	policiesOnly = `{"RoleDetailList":[],"Policies":[{"PolicyName":"p","Arn":"arn:aws:iam::123456789012:policy/p",` +
		`"PolicyVersionList":[{"IsDefaultVersion":true,"Document":{"Version":"2012-10-17","Statement":[]}}]}]}`
)

// emptyFolder is a folder with a file that has nothing to do with roles.
func emptyFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(noRole), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestAnAuditInCIThatFindsNoRoleFailsIfItHasTo(t *testing.T) {
	yaml := filepath.Join(t.TempDir(), "input.yaml")
	if err := os.WriteFile(yaml, []byte("on: push\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := file(t, policy)
	for name, args := range map[string][]string{
		"a file of another kind":        {file(t, noRole)},
		"a file of YAML":                {yaml},
		"an account":                    {file(t, emptyAccount)},
		"an account's policies alone":   {file(t, policiesOnly)},
		"a plan":                        {file(t, emptyPlan)},
		"a folder":                      {emptyFolder(t)},
		"one of two":                    {good, file(t, noRole)},
		"an empty list":                 {file(t, "[]")},
		"the account that is asked for": {"--trust-policy", file(t, emptyAccount)},
		"the plan that is asked for":    {"--trust-policy", file(t, emptyPlan)},
		"the list that is asked for":    {"--trust-policy", file(t, "[]")},
	} {
		for _, format := range formats {
			args := append([]string{"audit", "--format", format}, args...)
			if got := cli(t, "", args...); got.code != 0 || got.err != "" {
				t.Errorf("%s, %s, not asked for: %+v", name, format, got)
			}
			got := cli(t, "", append(args, "--require-roles", "--fail-on", "high")...)
			if got.code != 2 || !strings.HasPrefix(got.err, "ci-oidc-trust: --require-roles: no role in "+
				filepath.Dir(args[len(args)-1])) || strings.Contains(got.err, good+",") {
				t.Errorf("%s, %s: %+v", name, format, got)
			}
			if !strings.Contains(got.out, "there is no role") || !strings.Contains(got.out, "--require-roles demands") {
				t.Errorf("%s: the format %s does not show it: %+v", name, format, got)
			}
		}
	}
	if got := cli(t, emptyAccount, "audit", "--trust-policy", "-", "--require-roles"); got.code != 2 ||
		!strings.Contains(got.err, "no role in standard input;") {
		t.Errorf("%+v", got)
	}
}

func TestAnAuditThatHasToFindRolesPassesWithOneInEachFile(t *testing.T) {
	for name, args := range map[string][]string{
		"a policy":                 {file(t, policy)},
		"the one":                  {"--trust-policy", file(t, policy)},
		"two":                      {file(t, policy), file(t, policy)},
		"a role and its policies":  {file(t, policy), file(t, policiesOnly)},
		"a folder with some":       {"--trust-policy", filepath.Dir(file(t, policy))},
		"a role that nobody knows": {file(t, strings.Replace(policy, "2012-10-17", "2008-10-17", 1))},
	} {
		if got := cli(t, "", append([]string{"audit", "--require-roles"}, args...)...); got.code != 0 || got.err != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestARoleThatLacksIsToldOnceAndCountsAsNotRead(t *testing.T) {
	got := cli(t, "", "audit", "--require-roles", "--json", file(t, noRole))
	var report struct {
		Summary struct{ Errors, Skipped int }
		Roles   []struct{ File, Error string }
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil {
		t.Fatal(err)
	}
	if report.Summary.Errors != 1 || report.Summary.Skipped != 0 || len(report.Roles) != 1 ||
		!strings.Contains(report.Roles[0].Error, "(it holds no trust policy)") {
		t.Errorf("%+v", got)
	}
	baseline := filepath.Join(t.TempDir(), "known.json")
	got = cli(t, "", "audit", "--require-roles", "--write-baseline", baseline, file(t, noRole))
	if _, err := os.Stat(baseline); got.code != 2 || err == nil {
		t.Errorf("a baseline of nothing was written: %+v", got)
	}
}
