package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// fingerprint gives every finding a name of its own that stays the same as long as it is about the same: the role, the
// rule, the condition's key and all values that have it. Lines, the order of statements and words do not count. A value
// that is added makes another finding of it.
func fingerprint(roles []verb.RoleAudit) {
	seen := map[string]int{}
	for i := range roles {
		for j := range roles[i].Findings {
			f := &roles[i].Findings[j]
			values := slices.Clone(f.Values)
			if len(values) == 0 {
				values = []string{f.Value}
			}
			slices.Sort(values)
			parts := append([]string{"1", identity(&roles[i]), f.ID, f.Key}, slices.Compact(values)...)
			key := strings.Join(parts, "\x00")
			if seen[key]++; seen[key] > 1 {
				key = fmt.Sprint(key, "\x00again ", seen[key])
			}
			sum := sha256.Sum256([]byte(key))
			f.Fingerprint = hex.EncodeToString(sum[:16])
		}
	}
}

// identity is what tells a role from all others: its ARN, else where it is found.
func identity(a *verb.RoleAudit) string {
	switch {
	case a.Arn != "":
		return a.Arn
	case a.Address != "":
		return a.File + "\x00" + a.Address
	}
	return a.File + "\x00" + a.Role
}
