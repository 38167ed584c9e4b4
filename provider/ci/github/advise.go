package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Advise says why a token of GitHub Actions does not fit.
func (System) Advise(m *ci.Mismatch) string {
	switch m.Claim {
	case "aud":
		return "the workflow asks for the audience: aws-actions/configure-aws-credentials has the input audience"
	case "sub":
		return advise(m)
	case "job_workflow_ref":
		return "the job runs another workflow than the trusted ones, or one of them at another ref. Add it to workflows"
	case "actor_id":
		return "another account started the run. Add its id to actors"
	case "environment":
		if slices.Contains(m.Wanted, encode(m.Seen)) {
			return "%3A stands for : in sub alone; the key environment holds the name itself"
		}
	}
	return ""
}

// advise says why a subject does not fit.
func advise(m *ci.Mismatch) string {
	if m.Job.Form == nil {
		if m.Seen == "" {
			return ""
		}
		return "the subject is not of GitHub's default form; the repository or organization customises it " +
			"(actions/oidc/customization/sub). Write its template as subjectClaims"
	}
	_, ids := m.Job.Texts[ownerID.Name]
	inSubject := slices.ContainsFunc(m.Job.Form.Fields, func(f ci.Field) bool { return f.Name == ownerID.Name })
	wantsIDs := m.Form != nil && slices.ContainsFunc(m.Form.Fields, func(f ci.Field) bool {
		return f.Name == ownerID.Name
	})
	var said []string
	switch names, id := m.Differs(owner.Name), m.Differs(ownerID.Name); {
	case m.Form == nil:
	case inSubject && !wantsIDs && names == nil && m.Differs(name.Name) == nil:
		said = append(said, "the subject carries ids; write them, if they are the repository's own")
	case !inSubject && wantsIDs && names == nil && m.Differs(name.Name) == nil:
		said = append(said, "the repository sends subjects without ids, and only those with ids are trusted")
	case names == nil && id != nil && len(id.Wanted) > 0 && id.Seen != "":
		return "the owner's name was registered again by somebody else, or the id is wrong: the ids differ"
	case names != nil && ids && id == nil && wantsIDs:
		said = append(said, "the owner was renamed: the id is the same")
	}
	switch names, id := m.Differs(name.Name), m.Differs(repositoryID.Name); {
	case m.Form == nil || m.Differs(owner.Name) != nil && m.Differs(ownerID.Name) != nil:
	case names == nil && id != nil && len(id.Wanted) > 0 && id.Seen != "":
		said = append(said, "the repository's name was registered again: the ids differ")
	case names != nil && wantsIDs && id == nil && inSubject:
		said = append(said, "the repository was renamed: the id is the same")
	case names != nil:
		said = append(said, "it is another repository than the trusted ones")
	}
	if encoded(m, m.Job.Texts[environment.Name]) {
		said = append(said, "GitHub writes : in an environment's name as %3A in sub")
	} else if text := adviseContext(m); text != "" && m.Differs(name.Name) == nil {
		said = append(said, text)
	}
	return strings.Join(said, "; ")
}

// Retell are the names of owner and repository, which a customised subject may lack.
func (System) Retell(claims map[string]any) map[string]string {
	names := map[string]string{}
	if before, after, found := strings.Cut(ci.TextOf(claims["repository"]), "/"); found {
		names[owner.Name], names[name.Name] = before, after
	}
	return names
}

// Mend are what may be meant by values that no subject of the default template fits.
func (System) Mend(value string) []string {
	mends := []string{"repo:" + value, strings.Replace(value, "repository:", "repo:", 1)}
	for _, pair := range [][2]string{
		{":ref:", ":ref:" + ci.Branches.Namespace}, {":refs/heads/", ":ref:" + ci.Branches.Namespace},
		{":branch:", ":ref:" + ci.Branches.Namespace}, {":tag:", ":ref:" + ci.Tags.Namespace},
		{":branches:", ":ref:" + ci.Branches.Namespace}, {":heads/", ":ref:" + ci.Branches.Namespace},
		{":env:", ":environment:"}, {":pull-request", ":pull_request"}, {":pull_requests", ":pull_request"},
		{"%3a", "%3A"},
	} {
		mends = append(mends, strings.Replace(value, pair[0], pair[1], 1))
	}
	if before, named, found := strings.Cut(value, ":environment:"); found {
		mends = append(mends, before+":environment:"+encode(named))
	}
	return mends
}

// encoded reports that a value has an environment's name with ":" where the token has %3A, or the other way round.
func encoded(m *ci.Mismatch, seen string) bool {
	if seen == "" || decode(seen) == seen && encode(seen) == seen {
		return false
	}
	return slices.ContainsFunc(m.Wanted, func(wanted string) bool {
		return strings.HasSuffix(wanted, ":environment:"+decode(seen)) ||
			strings.HasSuffix(wanted, ":environment:"+seen) ||
			strings.HasSuffix(wanted, ":environment:"+encode(seen))
	})
}

func adviseContext(m *ci.Mismatch) string {
	wants := func(field string) bool {
		d := m.Differs(field)
		return d != nil && len(d.Wanted) > 0
	}
	kind := readKind(m.Job.Form)
	switch {
	case strings.HasPrefix(m.Job.Texts[branch.Name], "gh-readonly-queue/"):
		return "the run is one of a merge queue, whose branch GitHub makes for each; whoever may write to the " +
			"repository can push a branch of such a name"
	case kind == "environment" && (wants(branch.Name) || wants(tag.Name)):
		return "a job with `environment:` never carries its branch in sub"
	case kind == "pull_request" && len(m.Fields) > 0:
		return "a pull_request run carries no branch, and its code may be of anybody: let it in only if code that " +
			"nobody has reviewed may have this role"
	case kind == "tag" && wants(branch.Name):
		return "the run was started by a tag"
	case wants(environment.Name) && kind != "environment":
		return "the job names no environment, so sub carries its ref: give the job its `environment:`"
	}
	return ""
}

// readKind is the kind of context that the subjects of a form have.
func readKind(form *ci.Form) string {
	for _, f := range defaultForms {
		if f.Form == form {
			return f.kind
		}
	}
	return ""
}
