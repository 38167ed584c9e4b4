package custom

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust what a policy demands. Of a token nothing is said: what in its subject differs from run
// to run is not known.
func (c System) Words(job ci.Job) []map[string]any {
	if !job.Demanded {
		return nil
	}
	item := map[string]any{"issuer": "https://" + job.Issuer, "subjects": []string{ci.TextOf(job.Claims["sub"])}}
	claims := map[string]any{}
	for claim, text := range job.Claims {
		if claim != "sub" && claim != "aud" {
			claims[claim] = []string{ci.TextOf(text)}
		}
	}
	if len(claims) > 0 {
		item["claims"] = claims
	}
	return []map[string]any{{c.nameOf(job.Issuer): item}}
}

// nameOf is a name for an issuer: its host, as far as a name may be that long.
func (c System) nameOf(issuer string) string {
	const longest = 32
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, issuer), "-")
	if name == "" || c.nameProblem(name[:min(len(name), longest)]) != "" {
		name = "issuer-" + name
	}
	return strings.TrimRight(name[:min(len(name), longest)], "-")
}
