package principal

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// callerKeys name the AWS principal that calls, its account or its organization.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var callerKeys = []string{
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceAccount",
	"aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:userid",
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	orgID     = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	orgPath   = regexp.MustCompile(`^o-[a-z0-9]{10,32}/`)
	uniqueID  = regexp.MustCompile(`^[A-Z0-9]{16,}(:|$)`)
	nameOfARN = regexp.MustCompile(`^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):(.+)$`)
)

// A narrowing is what is demanded of callers, and which keys are demanded so that they name who is meant.
type narrowing struct {
	demands trust.Demands
	pins    map[string]bool
}

func newNarrowing(demands trust.Demands) narrowing {
	n := narrowing{demands, map[string]bool{}}
	for _, key := range append([]string{"sts:ExternalId"}, callerKeys...) {
		n.pins[key] = slices.ContainsFunc(demands[strings.ToLower(key)], func(values []trust.Value) bool {
			return !slices.ContainsFunc(values, func(v trust.Value) bool { return !pins(key, v) })
		})
	}
	return n
}

// pins reports that a value of a key fits the principals of one account or organization alone. A wildcard or a policy
// variable may stand behind what says which: before it, anybody can choose a text that fits.
func pins(key string, v trust.Value) bool {
	begins := v.Literal()
	switch key {
	case "sts:ExternalId":
		return v.Exact() && v.Text != ""
	case "aws:PrincipalOrgID", "aws:SourceOrgID":
		return v.Exact() && orgID.MatchString(v.Text)
	case "aws:PrincipalOrgPaths", "aws:SourceOrgPaths":
		return orgPath.MatchString(begins)
	case "aws:PrincipalAccount", "aws:SourceAccount":
		return v.Exact() && accountID.MatchString(v.Text)
	case "aws:userid":
		return uniqueID.MatchString(begins) && (v.Exact() || strings.Contains(begins, ":"))
	case "aws:PrincipalArn":
		return nameOfARN.MatchString(begins)
	}
	// aws:SourceArn: a bucket's ARN has no account, and names the bucket alone.
	parts := strings.SplitN(begins, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && (accountID.MatchString(parts[4]) || parts[4] == "" && v.Exact())
}

// AccountOf is the account of a principal, or of another ARN, or what stands for a whole account; "" where there is
// none.
func AccountOf(principal string) string {
	if accountID.MatchString(principal) {
		return principal
	}
	parts := strings.SplitN(principal, ":", 6)
	if len(parts) == 6 && accountID.MatchString(parts[4]) {
		return parts[4]
	}
	return ""
}

// roleOf is the ARN of the role, without its path, that an ARN is about: its own, or that of one of its sessions.
func roleOf(arn string) string {
	before, session, found := strings.Cut(arn, ":assumed-role/")
	if !found {
		return sessionless(arn)
	}
	name, _, _ := strings.Cut(session, "/")
	return strings.Replace(before, ":sts:", ":iam:", 1) + ":role/" + name
}

// sessionless is a role's ARN without its path, as the ARNs of its sessions have none.
func sessionless(arn string) string {
	before, name, found := strings.Cut(arn, ":role/")
	if !found {
		return arn
	}
	return before + ":role/" + name[strings.LastIndexByte(name, '/')+1:]
}
