package citest

import (
	"regexp"
	"strings"
	"testing"
)

var (
	uses      = regexp.MustCompile(`(?m)^[ #]*(?:- )?uses: "?([^"\n]+?)"?(?: #.*)?$`)
	version   = regexp.MustCompile(`@(v[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f]{40})$`)
	anyRegion = regexp.MustCompile(`AWS_REGION`)
)

// pasted holds every pipeline against what no pipeline may have. What it does, tests/clients runs.
func (s Suite) pasted(t *testing.T) {
	for _, written := range s.Matrix {
		for _, tr := range s.MustRead(t, written, InAWS) {
			role := Role("eu-west-1")
			text := tr.Pipeline(role)
			for what, there := range map[string]bool{
				"prints its commands":            strings.Contains(text, "set -x"),
				"keeps a token in a shared file": strings.Contains(text, "/tmp/"),
				"has a token in an argument": regexp.MustCompile(
					`curl [^|\n]*-H ["'][^"']*\$|--web-identity-token "?\$`).MatchString(text),
				"names a region that boto3 does not read": anyRegion.MatchString(text) &&
					!strings.Contains(text, "AWS_DEFAULT_REGION"),
				"exchanges a token beside other keys": strings.Contains(text, "assume-role-with-web-identity") &&
					!strings.Contains(text, "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN "+
						"AWS_PROFILE"),
				"does not name the role": !strings.Contains(text, RoleArn),
			} {
				if there {
					t.Errorf("the pipeline %s:\n%s", what, text)
				}
			}
			for _, found := range uses.FindAllStringSubmatch(text, -1) {
				called := strings.Contains(found[1], "/.github/workflows/") // what the user named
				if !called && !version.MatchString(found[1]) {
					t.Errorf("%s is an action without an exact version", found[1])
				}
			}
			variables := tr.PipelineVariables(role)
			if variables["AWS_REGION"] != role.Region || variables["AWS_DEFAULT_REGION"] != role.Region {
				t.Errorf("the variables name no region: %v", variables)
			}
		}
	}
}
