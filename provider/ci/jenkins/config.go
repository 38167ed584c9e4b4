package jenkins

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words is what a trust names, for the settings to paste.
type words struct {
	folder, issuer string // of the credential; "" for the root's
	files          ci.Files[file]
}

// file is what is trusted of a job.
type file struct {
	branches []string
	any      bool // all that runs in it
}

// config is the credential to create and the Jenkinsfile that uses it. Jenkins removes the file with the token behind
// the step.
// Source: https://github.com/jenkinsci/oidc-provider-plugin#accessing-aws
func (w *words) config(role ci.Role, audiences []string) string {
	audience := "sts.amazonaws.com"
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	exchange := ci.Exchange{
		Role: role, Token: `cat "$ID_TOKEN_FILE"`, Missing: "The credential aws is an OpenID Connect id token as file.",
		Session: "jenkins-$JOB_NAME-$BUILD_NUMBER",
	}
	var b strings.Builder
	b.WriteString("credential:\n  kind: OpenID Connect id token as file\n  id: aws\n")
	for _, property := range [][2]string{{"folder", w.folder}, {"issuer", w.issuer}, {"audience", audience}} {
		if property[1] != "" {
			fmt.Fprintf(&b, "  %s: %s\n", property[0], ci.QuoteYAML(property[1]))
		}
	}
	const needs = "# The plugin oidc-provider must be of version 111.v29fd614b_3617 or later.\n"
	return needs + w.files.Print(func(*file) string {
		return "The credential, in the global domain, and a Jenkinsfile"
	}, func(f *file) string {
		return b.String() + f.config(exchange)
	})
}

func (w *file) config(exchange ci.Exchange) string {
	var b strings.Builder
	b.WriteString("Jenkinsfile: |\n  pipeline {\n    agent any\n    stages {\n      stage('Deploy') {\n" + w.when() +
		"        steps {\n          withCredentials([file(credentialsId: 'aws', variable: 'ID_TOKEN_FILE')]) {\n" +
		"            sh '''\n" + script.Replace(exchange.Script("              ")) + "            '''\n          }\n" +
		"        }\n      }\n    }\n  }\n")
	return b.String()
}

// script escapes a text for three single quotes in Groovy.
// Source: https://groovy-lang.org/syntax.html#_triple_single_quoted_string
var script = strings.NewReplacer(`\`, `\\`, "'''", `\'\'\'`)

// text escapes a text for single quotes in Groovy.
var text = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// when limits the stage to the trusted branches of the job, if it has some.
// Source: https://www.jenkins.io/doc/book/pipeline/syntax/#when
func (w *file) when() string {
	if w.any || len(w.branches) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("        when {\n          anyOf {\n")
	for _, branch := range slices.Sorted(slices.Values(w.branches)) {
		fmt.Fprintf(&b, "            branch pattern: '%s', comparator: 'EQUALS'\n", text.Replace(branch))
	}
	b.WriteString("          }\n        }\n")
	return b.String()
}
