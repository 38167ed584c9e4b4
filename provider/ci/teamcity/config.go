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

// config is what to set: the build feature, parameters, and a step that puts the token into a file, which the AWS CLI
// and the SDKs exchange by themselves.
// Source: https://github.com/OctopusDeploy/teamcity-oidc-plugin/blob/main/docs/aws.md
func (w *words) config(roleArn, region string, audiences []string) string {
	audience := "sts.amazonaws.com"
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		audience = audiences[0]
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
	fmt.Fprintf(&b, "parameters:\n  env.AWS_ROLE_ARN: %s\n  env.AWS_REGION: %s\n  env.AWS_WEB_IDENTITY_TOKEN_FILE: "+
		"/tmp/aws-web-identity-token\n", roleArn, region)
	b.WriteString("script: |\n  echo \"%jwt.token%\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"\n  aws sts " +
		"get-caller-identity\n")
	return b.String()
}
