package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var (
	// HostForm is the name of a host, in lower case.
	HostForm = NewExpression(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
	// urlForm is https, a host and perhaps a path. IAM takes neither port nor query.
	urlForm = NewExpression(`^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[A-Za-z0-9_~.%-]+)*/?$`)
)

// ReadHost reads the host of an installation, "" when it is wrong or not known. where says in words which hosts are
// meant, with an example: "app.terraform.io or that of the installation, such as terraform.example.com".
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html (no port)
func ReadHost(v input.Value, where, example string, problems *input.Problems) string {
	text := v.Text()
	switch {
	case !v.HasText():
	case strings.ContainsAny(text, ":/"):
		problems.Add(v, "must be the host alone, without https://, port and path, such as "+example+
			"; IAM takes no issuer with a port", input.Got(v))
	case text != strings.ToLower(text):
		problems.Add(v, "has capital letters; write it in lower case, as the issuer of the tokens", input.Got(v))
	case !HostForm.MatchString(text) || len(text) > 240:
		problems.Add(v, "must be the name of a host: "+where, input.Got(v))
	default:
		return text
	}
	return ""
}

// An IssuerURL is the URL of an installation, as its tokens have it in iss.
type IssuerURL struct {
	System string // whose installation: "GitLab"
	Help   string // what to write instead, behind every reason
	Either bool   // the issuer may end in a slash or not: the user says which
}

// Read reads the URL, "" when it is wrong or not known. Letters are taken as they are: AWS compares them one by one.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
func (u IssuerURL) Read(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text, help := v.Text(), "; "+u.Help
	authority := strings.SplitN(text+"///", "/", 4)[2]
	reason := ""
	switch {
	case !strings.HasPrefix(text, "https://"):
		reason = "must begin with https://, as AWS takes no other issuer"
	case strings.HasSuffix(text, "/") && !u.Either:
		reason = "ends in a slash, which " + u.System + " does not write into iss"
	case strings.Contains(authority, ":"):
		reason = "has a port or a password; IAM takes no issuer with a port"
	case !urlForm.MatchString(text) || len(text) > 255 || strings.Contains(text, "..") ||
		strings.Contains(text+"/", "/./"):
		reason = "is not a URL that AWS could reach: full domain and path alone, without wildcard, query and " +
			"fragment, at most 255 characters"
	default:
		return text
	}
	problems.Add(v, reason+help, input.Got(v))
	return ""
}
