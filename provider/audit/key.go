package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// isAWS reports that a key is one of AWS's own.
func isAWS(key string) bool {
	lower := strings.ToLower(key)
	return strings.HasPrefix(lower, "aws:") || strings.HasPrefix(lower, "sts:") || strings.HasPrefix(lower, "iam:") ||
		strings.HasPrefix(lower, "saml:")
}

// aboutKey says what is wrong with a key that AWS does not fill for an issuer, and which one to write.
func (a *auditor) aboutKey(i *issuer, c *trust.Clause) string {
	key := c.Key
	filled := trust.ClaimKeys(i.host, i.partition)
	write := func(claim string) string { return "write " + i.host + ":" + claim }
	if isAWS(key) {
		return "AWS fills no such key for web identities"
	}
	if without, found := strings.CutPrefix(strings.ToLower(key), "https://"); found {
		if claim, ok := claimOf(key[len("https://"):], i.host, filled); ok && without != "" {
			return "condition keys have no https://; " + write(claim)
		}
		return "condition keys have no https://: they begin with the issuer's host, as in " + i.host + ":sub"
	}
	lower := strings.ToLower(key)
	if slices.Contains(filled, lower) { // the claim alone
		return "the key lacks the issuer before it; " + write(lower)
	}
	if claim, ok := claimOf(key, i.host, filled); ok {
		return "the key is not prefixed as the issuer is written; " + write(claim)
	}
	claim := c.Name
	if claim == "" {
		claim = lower[strings.LastIndexByte(lower, ':')+1:]
	}
	if c.Issuer == "" && slices.Contains(filled, claim) {
		return "the key begins with something other than the issuer; " + write(claim)
	}
	if c.Issuer == "" || strings.EqualFold(c.Issuer, i.host) {
		if strings.EqualFold(c.Issuer, i.host) && slices.Contains(trust.ClaimKeys(i.host, "aws"), claim) {
			return "AWS fills this key in the partition aws only, and not in " + i.partition
		}
		if c.Issuer == "" && !strings.Contains(key, ":") {
			return fmt.Sprintf("the key lacks the issuer before it, and AWS fills no claim %s for %s%s", claim, i.host,
				meant(claim, i.host, filled))
		}
		return fmt.Sprintf("AWS fills no claim %s for %s%s", claim, i.host, meant(claim, i.host, filled))
	}
	if near := spelling.Nearest(strings.ToLower(c.Issuer), []string{i.host}); near != "" &&
		slices.Contains(filled, claim) {
		return "the issuer of the key is misspelt; " + write(claim)
	}
	return fmt.Sprintf("this is a key of the issuer %s, and the provider is that of %s", c.Issuer, i.host)
}

// meant names the key that may be meant, and those that there are.
func meant(claim, host string, filled []string) string {
	if near := spelling.Nearest(claim, filled); near != "" {
		return "; meant may be " + host + ":" + near
	}
	for _, known := range filled {
		if known != "sub" && (strings.HasPrefix(known, claim) || strings.HasPrefix(claim, known)) {
			return "; meant may be " + host + ":" + known
		}
	}
	return "; it fills " + strings.Join(filled, ", ")
}

// claimOf takes the claim out of a key whose issuer differs from a host in nothing that people see: a slash at the end,
// letter case.
func claimOf(key, host string, filled []string) (string, bool) {
	lower := strings.ToLower(key)
	for _, claim := range filled {
		if before, found := strings.CutSuffix(lower, ":"+claim); found && sameHost(before, host) {
			return claim, true
		}
	}
	return "", false
}
