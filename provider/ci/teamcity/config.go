package teamcity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// words is what a trust names, for the settings to paste: build configurations with what their subjects must name.
type words struct{ builds []string }

func (w *words) add(b build, branch, trigger bool) {
	var scoping []string
	if branch {
		scoping = append(scoping, "branch")
	}
	if trigger {
		scoping = append(scoping, "trigger_type")
	}
	w.builds = ci.AddOnce(w.builds, strings.Join([]string{b.project, b.buildType, ci.FlowYAML(scoping)}, "\x00"))
}

// config is what to set: the build feature, parameters, and a step that exchanges the token. The token comes by a
// parameter of the environment: it would stand in the script's file otherwise. In a script a "%" is written twice.
// Sources: https://github.com/OctopusDeploy/teamcity-oidc-plugin/blob/main/docs/aws.md,
// https://www.jetbrains.com/help/teamcity/using-build-parameters.html#Escaping+%25+in+Parameter+References
func (w *words) config(role ci.Role, audiences []string) string {
	audience := "sts.amazonaws.com"
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
	}
	exchange := ci.Exchange{
		Role: role, Token: ci.PrintVariable("AWS_ID_TOKEN"),
		Missing: "The build configuration has the build feature OIDC Identity Token.",
		Session: "$AWS_ROLE_SESSION_NAME",
	}
	var b strings.Builder
	b.WriteString("# In each build configuration: Build Features > Add build feature > OIDC Identity Token, the " +
		"parameters, and a command line step with the script.\n")
	for i, text := range slices.Sorted(slices.Values(w.builds)) {
		if i == 0 {
			b.WriteString("buildConfigurations:\n")
		}
		parts := strings.Split(text, "\x00")
		fmt.Fprintf(&b, "  - project: %s\n    buildType: %s\n    subjectScoping: %s\n", ci.QuoteYAML(parts[0]),
			ci.QuoteYAML(parts[1]), parts[2])
	}
	fmt.Fprintf(&b, "buildFeature:\n  audience: %s\n  signingAlgorithm: RS256\n", ci.QuoteYAML(audience))
	b.WriteString("parameters:\n  env.AWS_ID_TOKEN: \"%jwt.token%\"\n  env.AWS_ROLE_SESSION_NAME: " +
		"teamcity-%system.teamcity.buildType.id%-%teamcity.build.id%\nscript: |\n")
	b.WriteString(strings.ReplaceAll(exchange.Script("  "), "%", "%%"))
	return b.String()
}
