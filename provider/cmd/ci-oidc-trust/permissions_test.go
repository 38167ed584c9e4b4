package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPermissionsPrintsAPolicyForInlinePolicies(t *testing.T) {
	const recipe = "terraformState: {bucket: acme-state, key: web.tfstate, mode: plan, lockTable: locks}\n"
	args := []string{"permissions", "--input", "-", "--account-id", "123456789012", "--region", "eu-west-1"}
	var document struct {
		Version   string
		Statement []struct{ Sid string }
	}
	text := cli(t, recipe, args...)
	if err := json.Unmarshal([]byte(text.out), &document); err != nil || text.code != 0 ||
		document.Version != "2012-10-17" || len(document.Statement) != 3 {
		t.Errorf("%v %+v", err, text)
	}
	var answer struct{ Policy string }
	asJSON := cli(t, recipe, append(args, "--json")...)
	if err := json.Unmarshal([]byte(asJSON.out), &answer); err != nil || asJSON.code != 0 {
		t.Fatalf("%v %+v", err, asJSON)
	}
	if err := json.Unmarshal([]byte(answer.Policy), &document); err != nil || len(document.Statement) != 3 {
		t.Errorf("%v %s", err, answer.Policy)
	}
}

func TestPermissionsSaysAllThatIsWrongAtOnce(t *testing.T) {
	got := cli(t, "terraformState: {bucket: X, key: a*, mode: destroy}\ns3site: {}\n", "permissions", "--input", "-",
		"--account-id", "1")
	for _, path := range []string{
		"--account-id", "line 2, column 1: s3site", "line 1, column 18: terraformState.bucket",
		"line 1, column 29: terraformState.key", "line 1, column 38: terraformState.mode",
	} {
		if got.code != 2 || !strings.Contains(got.err, "\n  "+path+": ") {
			t.Errorf("nothing is said of %s in %+v", path, got)
		}
	}
	if got := cli(t, "", "permissions", "--input", "-", "--account-id", "123456789012"); got.code != 2 {
		t.Errorf("an empty file: %+v", got)
	}
}
