package circleci

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Advise says what to change so that a token of CircleCI fits.
func (System) Advise(m trust.Mismatch, seen string) string {
	if m.Claim != "sub" {
		return ""
	}
	return advise(m, seen)
}

// advise compares a subject with those that are trusted.
func advise(m trust.Mismatch, seen string) string {
	job, from, ref, ok := read(seen)
	if !ok {
		return ""
	}
	for _, wanted := range m.Wanted {
		before, rest, long := strings.Cut(wanted, "/vcs-origin/")
		if !trust.Match(before, short.Build(job...)) {
			continue
		}
		origin, _, _ := strings.Cut(rest, "/vcs-ref/")
		switch {
		case !long:
			return "the subject has origin and ref, and only the short form is trusted: use " +
				"CIRCLE_OIDC_TOKEN, or trust branches"
		case from == "":
			return "the token has the short form. Use CIRCLE_OIDC_TOKEN_V2; jobs that a webhook started have the " +
				"short form there too"
		case origin != from:
			return fmt.Sprintf("the job was built from %s, a fork or another repository. If it is "+
				"meant, set vcsOrigin: %s", from, from)
		}
		if tag, found := strings.CutPrefix(ref, ci.Tags.Namespace); found {
			return fmt.Sprintf("the job was built from a tag. Add tags: [%s]", tag)
		}
		return fmt.Sprintf("the branch is not trusted. Add branches: [%s]",
			strings.TrimPrefix(ref, ci.Branches.Namespace))
	}
	return "the project is not trusted"
}
