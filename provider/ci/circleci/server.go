package circleci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// readHost reads the host of the issuer: circleci.com's, or a server's.
// Source: https://support.circleci.com/hc/en-us/articles/13832176226203-Troubleshooting-OIDC-in-CircleCI
func readHost(v input.Value, problems *input.Problems) string {
	text := v.Text()
	switch {
	case !v.Present:
		return cloud
	case !v.HasText():
	case strings.ContainsAny(text, ":/"):
		problems.Add(v, "must be the host alone, without https://, port and path, such as circleci.example.com; IAM "+
			"takes no issuer with a port", input.Got(v))
	case text != strings.ToLower(text):
		problems.Add(v, "has capital letters; write it in lower case, as the issuer of the tokens", input.Got(v))
	case text == "circleci.com", strings.HasSuffix(text, ".circleci.com"):
		problems.Add(v, "is circleci.com, which is meant without hostname; leave it out", input.Got(v))
	case !ci.HostForm.MatchString(text):
		problems.Add(v, "must be the name of a host: global.domainName of the CircleCI server, or the host of "+
			"oidc_service.base_url where that is set; look at iss in a token", input.Got(v))
	default:
		return text
	}
	return ""
}

// server says on which server the project is, as a part of a sentence.
func (p project) server() string {
	if p.host == cloud {
		return ""
	}
	return " at " + p.host
}

var server = ci.NewExpression(`^[^/]+/org/[0-9a-f-]{36}$`)

// Recognises reports that an issuer, without its scheme, has the form of CircleCI's.
func (System) Recognises(issuer string) bool {
	return strings.HasPrefix(issuer, host) || server.MatchString(issuer)
}
