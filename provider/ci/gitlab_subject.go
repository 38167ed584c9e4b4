package ci

import (
	"strings"
)

// A gitlabProject is a project of an instance, by path, by id or by both.
type gitlabProject struct{ issuer, path, id string }

func (p gitlabProject) String() string {
	switch {
	case p.path != "" && p.id != "":
		return p.path + " (project " + p.id + ")"
	case p.path != "":
		return p.path
	case p.id != "":
		return "project " + p.id
	}
	return "the project"
}

// patterns are the subjects of a project's jobs on a ref: in the default form where the path was given, and in the form
// with the id where that was.
func (p gitlabProject) patterns(ref gitlabRef) []string {
	var patterns []string
	if p.path != "" {
		patterns = append(patterns, gitlabSubject{path: p.path, refType: ref.kind.noun, ref: ref.name.pattern()}.String())
	}
	if p.id != "" {
		patterns = append(patterns, gitlabSubject{id: p.id, refType: ref.kind.noun, ref: ref.name.pattern()}.String())
	}
	return patterns
}

// admits compares the project of a subject with this one.
func (p gitlabProject) admits(s gitlabSubject) bool {
	if s.id != "" {
		return s.id == p.id
	}
	return p.path != "" && s.path == p.path
}

// A gitlabRef is the refs of one word.
type gitlabRef struct {
	kind      refKind
	name      name
	protected bool // only while GitLab protects the ref
}

func (r gitlabRef) phrase() string {
	phrase := r.name.phrase("on", r.kind.noun, r.kind.word)
	if r.protected {
		phrase += ", only while it is protected"
	}
	return phrase
}

// admits compares the ref of a subject with the grant's. A customised subject may go on behind the ref, which the "*" of
// a prefix takes in: it says more of the same ref.
func (r gitlabRef) admits(s gitlabSubject) bool {
	return s.refType == r.kind.noun && r.name.admits(s.ref) && (s.further == "" || r.name.prefix)
}

// A gitlabSubject is a sub, parsed: of a path or of an id.
type gitlabSubject struct {
	path, id     string
	refType, ref string // "branch" or "tag", and the name without refs/heads/
	further      string // what a customised subject says behind the ref: ":ref_protected:true"
}

// The parts that ci_id_token_sub_claim_components takes beside project, ref_type and ref have values of GitLab's own: true,
// false, and the tiers of environments. Neither a path nor a ref has a ":", so no name can be crafted to look like a part.
// Sources: https://docs.gitlab.com/api/projects/#edit-a-project, https://docs.gitlab.com/ci/environments/#deployment-tier-of-environments
var gitlabForm = newExpression(`^(project_path|project_id):([^:]+):ref_type:(branch|tag):ref:([^:]+)` +
	`((?::(?:ref_protected|environment_protected|deployment_tier):[a-z]*)*)$`)

var (
	gitlabPath = newExpression(`^[^\s:/]+(/[^\s:/]+)+$`)
	gitlabID   = newExpression(`^[1-9][0-9]{0,18}$`)
)

// parseGitLabSubject reads a subject that begins with project, ref_type and ref.
func parseGitLabSubject(sub string) (gitlabSubject, bool) {
	parts := gitlabForm.FindStringSubmatch(sub)
	if parts == nil {
		return gitlabSubject{}, false
	}
	s := gitlabSubject{refType: parts[3], ref: parts[4], further: parts[5]}
	if parts[1] == "project_id" {
		s.id = parts[2]
		return s, gitlabID.MatchString(s.id)
	}
	s.path = parts[2]
	return s, gitlabPath.MatchString(s.path)
}

// String builds the subject as GitLab does.
func (s gitlabSubject) String() string {
	project := "project_path:" + s.path
	if s.id != "" {
		project = "project_id:" + s.id
	}
	return strings.Join([]string{project, "ref_type", s.refType, "ref", s.ref}, ":") + s.further
}
