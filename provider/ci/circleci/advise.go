package circleci

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Advise says why a subject of CircleCI does not fit.
func (System) Advise(m *ci.Mismatch) string {
	if m.Claim != "sub" || m.Form == nil || m.Job.Form == nil {
		return ""
	}
	switch {
	case m.Differs("project") != nil:
		return "the project is not trusted"
	case m.Job.Form == short && m.Form != short:
		return "the token has the short form. Use CIRCLE_OIDC_TOKEN_V2; jobs that a webhook started have the short " +
			"form there too"
	case m.Job.Form != short && m.Form == short:
		return "the subject has origin and ref, and only the short form is trusted: use " +
			"CIRCLE_OIDC_TOKEN, or trust branches"
	case m.Differs("origin") != nil:
		return "the job was built from a fork or another repository"
	}
	return ""
}

// Foreign reports a build of a repository whose owner is none of those that are trusted: a fork is built in the project
// that it was forked from.
func (System) Foreign(m *ci.Mismatch) string {
	d := m.Differs("origin")
	if d == nil || d.Seen == "" || len(d.Wanted) == 0 {
		return ""
	}
	owner := func(origin string) string { return origin[:strings.LastIndex(origin, "/")+1] }
	if slices.ContainsFunc(d.Wanted, func(s ci.Span) bool { return strings.HasPrefix(s.Text, owner(d.Seen)) }) {
		return ""
	}
	return "it was built from a repository of somebody else's, as a fork is"
}

// Words are sections that trust a job. None is for one with the short form, which does not say from which branch it was
// built; a policy that demands nothing of origin and ref trusts it, too.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("organization", "project", "origin", "ref")
	if !job.Demanded && (!ok || job.Form != long) {
		return nil
	}
	if len(texts) == 0 || texts[2] == ci.Any { // of any origin, which the policy can demand of one project alone
		texts = []string{job.Texts["organization"], job.Texts["project"], "", ""}
	}
	item := ci.RefWords(texts[3])
	if item == nil {
		if !job.Demanded || texts[3] != "" && texts[3] != ci.Any {
			return nil
		}
		item = map[string]any{}
	}
	if texts[2] != "" {
		item["vcsOrigin"] = texts[2]
	}
	item["id"] = texts[1]
	words := map[string]any{"organizationId": texts[0], "projects": []map[string]any{item}}
	if server, _, found := strings.Cut(job.Issuer, "/org/"); found && server+"/org/" != host {
		words["hostname"] = server
	}
	return []map[string]any{job.ForAudience(words, texts[0])}
}
