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
			if strings.Contains(line, "ci-oidc-trust whoami ") {
				command = strings.TrimSpace(line)
			}
		}
		if !strings.HasPrefix(command, "#") ||
			!strings.Contains(command, `--token-file "$token"`) {
			t.Errorf("%q does not ask with the file of the token, commented out", command)
		}
		if strings.Contains(command, "$(") {
			t.Errorf("%q has the token among its arguments", command)
		}
	}
}
