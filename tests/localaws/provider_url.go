package localaws

import (
	"net/url"
	"strings"
)

// providerURL checks an issuer's URL and returns it without https://.
//
// "The URL must begin with https:// [...] path components are allowed but query parameters are not. [...] should not
// contain a port number": https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html AWS
// was seen to take :443 and drop it, and to keep a trailing slash and the host's case: https://host and https://host/
// are two providers.
func providerURL(text string) (string, error) {
	if text == "" {
		return "", constraint("url", "Member must not be null")
	}
	if len(text) > 255 {
		return "", tooLong("url", 255)
	}
	if !strings.Contains(text, "://") {
		return "", validation("Invalid Open ID Connect Provider URL")
	}
	if !strings.HasPrefix(text, "https://") {
		return "", invalidInput("Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return "", validation("Invalid Open ID Connect Provider URL")
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(text, "#") {
		return "", invalidInput("Unknown")
	}
	if u.User != nil || u.Port() != "" && u.Port() != "443" {
		return "", invalidInput("Invalid Open ID Connect Provider URL.")
	}
	rest := strings.TrimPrefix(text, "https://")
	return strings.Replace(rest, u.Host, u.Hostname(), 1), nil
}
