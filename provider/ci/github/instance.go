package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// An instance is where the repositories live: github.com, a tenant of GHE.com or a GitHub Enterprise Server. An
// enterprise on the first two can have an issuer of its own, whose URL ends in the enterprise's slug.
//
// Sources:
// https://docs.github.com/en/enterprise-cloud@latest/actions/reference/security/oidc#customizing-the-issuer-value-for-an-enterprise
// https://docs.github.com/en/enterprise-cloud@latest/actions/reference/security/oidc#substituted-values-on-ghecom
// https://docs.github.com/en/enterprise-server@latest/actions/reference/security/oidc
type instance struct {
	hostname   string // "" for github.com
	enterprise string // "" where the issuer is not the enterprise's own
}

// ghe is the domain of GitHub Enterprise Cloud with data residency.
const ghe = "ghe.com"

// server reports a GitHub Enterprise Server. It knows no subject with ids, and AWS fills none of its further claims.
func (i instance) server() bool {
	return i.hostname != "" && !strings.HasSuffix(i.hostname, "."+ghe)
}

func (i instance) issuer() string {
	issuer := issuer
	switch {
	case i.server():
		return "https://" + i.hostname + "/_services/token"
	case i.hostname != "":
		issuer = "https://token.actions." + i.hostname
	}
	if i.enterprise != "" {
		issuer += "/" + i.enterprise
	}
	return issuer
}

// keyed reports that AWS turns the claims of GitHub's own into condition keys. What is not known yet counts as the aws
// partition; at up everything is known. An enterprise's own issuer on GHE.com is not among those that AWS lists.
func (i instance) keyed(account ci.Account) bool {
	partition := account.Partition
	if partition == "" {
		partition = "aws"
	}
	return slices.Contains(trust.ClaimKeys(ci.HostOf(i.issuer()), partition), "repository_owner_id")
}

// title begins the sentences of the grants.
func (i instance) title() string {
	title := "GitHub Actions"
	if i.enterprise != "" {
		title += " of enterprise " + i.enterprise
	}
	if i.hostname != "" {
		title += " at " + i.hostname
	}
	return title
}

// at makes the commands in a text ask the instance: gh asks github.com unless it is told another host. The host stays a
// word in capitals, because a message quotes no value of another property.
// Source: https://cli.github.com/manual/gh_api
func (i instance) at(text string) string {
	if i.hostname == "" {
		return text
	}
	return strings.ReplaceAll(text, "gh api ", "gh api --hostname HOST ")
}

// enterprise is a slug. GitHub documents no rule for its characters; these are those of its examples, and none that
// would mean something in a URL or a policy.
var enterprise = ci.NewExpression(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)

// readInstance reads which issuer signs; false while that is not known, or wrong.
func readInstance(section input.Value, problems *input.Problems) (instance, bool) {
	host, slug := section.Field("hostname"), section.Field("enterprise")
	i := instance{hostname: readHostname(host, problems)}
	if host.Present && i.hostname == "" {
		return i, false
	}
	if !slug.Present {
		return i, true
	}
	if !slug.HasText() {
		return i, false
	}
	text := slug.Text()
	subdomain, _, _ := strings.Cut(i.hostname, ".")
	switch {
	case i.server():
		problems.Add(slug, "has no meaning beside the hostname of a GitHub Enterprise Server, whose issuer is one "+
			"for the whole server; leave it out", input.Got(slug))
	case !enterprise.MatchString(text):
		problems.Add(slug, "must be the enterprise's slug, as its URL ends: acme-inc for "+
			"https://github.com/enterprises/acme-inc", input.Got(slug))
	case i.hostname != "" && text != subdomain:
		problems.Add(slug, "must be the subdomain of hostname: on GHE.com that is the enterprise's slug in the "+
			"issuer. Leave enterprise out unless the enterprise has turned its own issuer on", input.Got(slug))
	default:
		i.enterprise = text
		return i, true
	}
	return i, false
}

func readHostname(v input.Value, problems *input.Problems) string {
	text := v.Text()
	label, tenant := strings.CutSuffix(text, "."+ghe)
	switch {
	case !v.HasText():
	case strings.ContainsAny(text, ":/"):
		problems.Add(v, "must be the host alone, without https://, port and path, such as acme.ghe.com or "+
			"github.example.com; IAM takes no issuer with a port", input.Got(v))
	case text != strings.ToLower(text):
		problems.Add(v, "has capital letters; write it in lower case, as the issuer of the tokens", input.Got(v))
	case text == "github.com", strings.HasSuffix(text, ".github.com"), strings.HasSuffix(text, "githubusercontent.com"):
		problems.Add(v, "is github.com, which is meant without hostname; leave it out", input.Got(v))
	case text == ghe, tenant && strings.Contains(label, "."):
		problems.Add(v, "must be SUBDOMAIN.ghe.com, such as acme.ghe.com: the host at which people use it, and not "+
			"that of its tokens or its API", input.Got(v))
	case !ci.HostForm.MatchString(text):
		problems.Add(v, "must be the name of a host: SUBDOMAIN.ghe.com, or that of the GitHub Enterprise Server",
			input.Got(v))
	default:
		return text
	}
	return ""
}

// Recognises reports that an issuer, without its scheme, is one of GitHub Actions.
func (System) Recognises(issuer string) bool {
	host, _, _ := strings.Cut(issuer, "/")
	return host == Host || strings.HasPrefix(host, "token.actions.") && strings.HasSuffix(host, "."+ghe) ||
		strings.HasSuffix(issuer, "/_services/token")
}
