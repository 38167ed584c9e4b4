package gitlab

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// A project is a project of an instance, by path, by id or by both.
type project struct{ issuer, path, id string }

func (p project) String() string {
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
func (p project) patterns(ref ref) []string {
	var patterns []string
	if p.path != "" {
		patterns = append(patterns, subject{path: p.path, refType: ref.kind.Noun, ref: ref.name.Pattern()}.String())
	}
	if p.id != "" {
		patterns = append(patterns, subject{id: p.id, refType: ref.kind.Noun, ref: ref.name.Pattern()}.String())
	}
	return patterns
}

// admits compares the project of a subject with this one.
func (p project) admits(s subject) bool {
	if s.id != "" {
		return s.id == p.id
	}
	return p.path != "" && s.path == p.path
}

// A ref is the refs of one word.
type ref struct {
	kind      ci.RefKind
	name      ci.Name
	protected bool // only while GitLab protects the ref
}

func (r ref) phrase() string {
	phrase := r.name.Phrase("on", r.kind.Noun, r.kind.Word)
	if r.protected {
		phrase += ", only while it is protected"
	}
	return phrase
}

// admits compares the ref of a subject with the grant's. A customised subject may go on behind the ref, which the "*" of
// a prefix takes in: it says more of the same ref.
func (r ref) admits(s subject) bool {
	return s.refType == r.kind.Noun && r.name.Admits(s.ref) && (s.further == "" || r.name.Prefix)
}

// A subject is a sub, parsed: of a path or of an id.
type subject struct {
	path, id     string
	refType, ref string // "branch" or "tag", and the name without refs/heads/
	further      string // what a customised subject says behind the ref: ":ref_protected:true"
}

// The parts that ci_id_token_sub_claim_components takes beside project, ref_type and ref have values of GitLab's own: true,
// false, and the tiers of environments. Neither a path nor a ref has a ":", so no name can be crafted to look like a part.
// Sources: https://docs.gitlab.com/api/projects/#edit-a-project, https://docs.gitlab.com/ci/environments/#deployment-tier-of-environments
var form = ci.NewExpression(`^(project_path|project_id):([^:]+):ref_type:(branch|tag):ref:([^:]+)` +
	`((?::(?:ref_protected|environment_protected|deployment_tier):[a-z]*)*)$`)

var (
	path = ci.NewExpression(`^[^\s:/]+(/[^\s:/]+)+$`)
	id   = ci.NewExpression(`^[1-9][0-9]{0,18}$`)
)

// parseSubject reads a subject that begins with project, ref_type and ref.
func parseSubject(sub string) (subject, bool) {
	parts := form.FindStringSubmatch(sub)
	if parts == nil {
		return subject{}, false
	}
	s := subject{refType: parts[3], ref: parts[4], further: parts[5]}
	if parts[1] == "project_id" {
		s.id = parts[2]
		return s, id.MatchString(s.id)
	}
	s.path = parts[2]
	return s, path.MatchString(s.path)
}

// String builds the subject as GitLab does.
func (s subject) String() string {
	project := "project_path:" + s.path
	if s.id != "" {
		project = "project_id:" + s.id
	}
	return strings.Join([]string{project, "ref_type", s.refType, "ref", s.ref}, ":") + s.further
}
