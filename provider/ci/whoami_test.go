package ci_test

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

func TestBeforeTheExchangeStandsTheCommandThatSaysWhoTheJobIsCommentedOut(t *testing.T) {
	exchange := ci.Exchange{
		Role:  ci.Role{ARN: "arn:aws:iam::123456789012:role/deploy", Region: "eu-central-1"},
		Token: ci.PrintVariable("TOKEN"), Session: "job-$JOB",
	}
	for _, text := range []string{exchange.Script("  "), exchange.List("  ")} {
		before, _, found := strings.Cut(text, "assume-role-with-web-identity")
		if !found {
			t.Fatalf("there is no exchange in\n%s", text)
		}
		command := ""
		for line := range strings.SplitSeq(before, "\n") {
			if strings.Contains(line, " whoami ") {
				command = strings.TrimSpace(line)
			}
		}
		if !strings.HasPrefix(command, "#") || !strings.Contains(command, "@v") ||
			!strings.Contains(command, `--token-file "$token"`) {
			t.Errorf("%q does not ask with the token's file, at a version, commented out", command)
		}
		if strings.Contains(command, "$(") {
			t.Errorf("%q has the token among its arguments", command)
		}
	}
}
