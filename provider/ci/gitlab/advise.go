package gitlab

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Retell are the project's path and its id, of which a subject has one and the claims have both.
func (System) Retell(claims map[string]any) map[string]string {
	texts := map[string]string{}
	if path := ci.TextOf(claims["project_path"]); path != "" {
		texts["project"] = path
	}
	if id := ci.TextOf(claims[idClaim]); id != "" {
		texts["project id"] = id
	}
	return texts
}

// Advise says why a subject of GitLab does not fit.
func (System) Advise(m *ci.Mismatch) string {
	switch {
	case m.Claim == "aud":
		return "the job asks for the audience: id_tokens has aud"
	case m.Claim == protectedClaim:
		return "the ref is not protected: protect it in the project's settings"
	case m.Claim != "sub" || m.Form == nil || m.Job.Form == nil:
	case m.Job.Form == byID && m.Form == byPath:
		return "the project's subjects begin with project_id (ci_id_token_sub_claim_components), and those with the " +
			"path are trusted"
	case m.Job.Form == byPath && m.Form == byID:
		return "the project's subjects begin with project_path, and those with project_id are trusted, which take " +
			"ci_id_token_sub_claim_components"
	}
	return ""
}

// Mend are what may be meant by values that no subject fits: another word for the kind of ref, or none, and the ref by
// its full name.
func (System) Mend(value string) []string {
	project, ref, _ := strings.Cut(value, ":ref:")
	project = ci.UpTo(project, ":ref_type:")
	mends := []string{strings.Replace(value, "project:", "project_path:", 1)}
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		mends = append(mends, project+":ref_type:"+kind.Noun+":ref:"+strings.TrimPrefix(ref, kind.Namespace))
	}
	return mends
}

// Words are sections that trust a job.
func (System) Words(job ci.Job) []map[string]any {
	if job.Demanded {
		return demandedWords(job)
	}
	texts, ok := job.Reads("ref type", "ref")
	if !ok || job.Form == nil {
		return nil
	}
	item := map[string]any{ci.Branches.Word: []string{texts[1]}}
	if texts[0] == ci.Tags.Noun {
		item = map[string]any{ci.Tags.Word: []string{texts[1]}}
	}
	if path, known := job.Texts["project"]; known && job.Form == byPath {
		item["path"] = path
	}
	url := "https://" + job.Issuer
	if id, known := job.Texts["project id"]; known && (job.Form == byID || url == issuer) {
		item["id"] = id
	}
	words := map[string]any{"projects": []map[string]any{item}}
	if url != issuer {
		words["url"] = url
	}
	return []map[string]any{job.ForAudience(words, url)}
}
