package gitlab

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A reading is a section gitlab that is being read.
type reading struct {
	trust    *ci.Trust
	problems *input.Problems
	words    pasted
	projects listed
	groups   listed
	named    map[unit]string // the ids that the paths of earlier items were given
	keyed    bool            // AWS fills GitLab's keys
	byIDs    bool            // identify: ids
	unclear  bool            // identify is not known yet, or wrong
}

// What identify may say.
const (
	byNames = "names"
	byIDs   = "ids"
)

// readIdentify reads by what projects and groups are known.
func (r *reading) readIdentify(v input.Value) {
	switch {
	case !v.Present:
	case !v.HasText():
		r.unclear = true
	case v.Text() == byIDs:
		r.byIDs = true
	case v.Text() != byNames:
		r.unclear = true
		r.problems.Add(v, "must be names or ids", input.Got(v))
	}
}

// found adds a finding.
func (r *reading) found(rule ci.Rule, path, detail string) {
	r.trust.Findings = append(r.trust.Findings, ci.Finding{Rule: rule, Path: path, Detail: detail})
}

// onlyKeyed ends the reason why a word has no meaning where AWS fills no key of GitLab's.
const onlyKeyed = ", which AWS fills for gitlab.com and in the aws partition only"

// readProject turns one item of projects into grants.
func (r *reading) readProject(v input.Value) {
	path, id := v.Field("path"), v.Field("id")
	u := unit{path: readPath(path, r.problems), id: readID(id, projectIDHelp, r.problems)}
	if !path.Present && !id.Present {
		r.problems.Add(path, "is missing, and so is id; give path, such as acme/platform/web, and on gitlab.com also "+
			"id. id alone trusts projects whose ci_id_token_sub_claim_components begins with project_id")
	}
	if r.byIDs && path.Present && !id.Present {
		r.problems.Add(id, "is missing: identify is ids, so that the project is known by its number alone; write the "+
			"one that the project's page shows as Project ID")
	}
	once := r.readOnce(path, id, u)
	refs, known := r.readRefs(v, u)
	refs = r.readMergeRequests(v, u, refs)
	if words := []string{"branches", "tags", "mergeRequests"}; !ci.AnyPresent(v, words) {
		r.problems.Add(v.Field("branches"),
			"is missing, and so are tags and mergeRequests: true; give at least one of them, to say which jobs of the "+
				"project are trusted: a branch does not cover the pipelines of tags, and a tag not those of branches")
	}
	r.words.add(u, refs)
	keyed := id.Present && r.keyed
	idMissing := r.byIDs || r.keyed && v.Field("mergeRequests").Bool() // which is an error of its own
	if u.path != "" && r.trust.Issuer() != "" && !keyed && !idMissing {
		rule := pathSubject
		rule.Refused = r.keyed // elsewhere the id beside the path would not be tested, or people say who takes a path
		r.found(rule, path.Path, u.String())
	}
	r.add(u, refs, v, keyed, known && once && !(path.Present && u.path == ""))
}

// readGroup turns one item of groups into grants.
func (r *reading) readGroup(v input.Value) {
	path, id := v.Field("path"), v.Field("id")
	u := unit{group: true, path: readGroupPath(path, r.problems), id: readID(id, groupIDHelp, r.problems)}
	good := u.path != "" && r.readOnce(path, id, u)
	switch {
	case r.trust.Issuer() == "":
	case r.keyed && !id.Present:
		r.problems.Add(id, "is missing: a group's path can be given up and taken by somebody else, and only the id "+
			"tells its projects from those of its subgroups; write the number that the group's page shows as Group ID")
		good = false
	case !r.keyed && r.byIDs:
		r.problems.Add(path, "cannot be known by its id: that needs the condition key gitlab.com:"+groupClaim+onlyKeyed+
			"; leave identify out, or name the projects")
		good = false
	case r.keyed:
		r.found(wholeGroup, v.Path, u.String())
	default:
		r.found(groupPathAlone, path.Path, u.String())
	}
	refs, known := r.readRefs(v, u)
	if !ci.AnyPresent(v, []string{"branches", "tags"}) {
		r.problems.Add(v.Field("branches"), "is missing, and so is tags; give at least one of them, to say which jobs "+
			"of the group's projects are trusted")
	}
	r.words.add(u, refs)
	r.add(u, refs, v, r.keyed, good && known)
}

// add adds an item, as far as it is known and right.
func (r *reading) add(u unit, refs []reference, v input.Value, keyed, good bool) {
	if !good || r.unclear || r.trust.Issuer() == "" || keyed && u.id == "" || u.path == "" && u.id == "" ||
		r.byIDs && u.id == "" {
		return
	}
	list := &r.projects
	if u.group {
		list = &r.groups
	}
	list.add(&item{
		unit: u, path: v.Path, issuer: r.trust.Issuer(), audiences: r.trust.Audiences(), keyed: keyed, byIDs: r.byIDs,
		refs: refs,
	})
}

// readOnce reports whether a path is given the id that it was given before: an item without the id would undo what the
// other one's id holds to. It is false, too, while the id is not known.
func (r *reading) readOnce(path, id input.Value, u unit) bool {
	if id.Present && u.id == "" {
		return false
	}
	if u.path == "" {
		return true
	}
	at := unit{group: u.group, path: u.path}
	if first, again := r.named[at]; again && first != u.id {
		r.problems.Add(path, "is the path of an item before it, which gives another id or none; write the same id "+
			"in both, or one item", input.Got(path))
		return true
	}
	r.named[at] = u.id
	return true
}

// readRefs reads branches and tags. known is false while it is not known whether they must be protected, or where that
// cannot be tested.
func (r *reading) readRefs(v input.Value, u unit) (refs []reference, known bool) {
	protected := v.Field("protectedRefs")
	known = protected.Known
	if protected.Bool() && !r.keyed && r.trust.Issuer() != "" {
		known = false
		r.problems.Add(protected, "needs the condition key gitlab.com:"+protectedClaim+onlyKeyed+
			"; leave it out, and protect what is trusted in the project's settings")
	}
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		list := v.Field(kind.Word)
		names := ci.ReadRefs(list, kind, r.problems)
		for _, n := range names {
			refs = append(refs, reference{kind: kind, name: n, protected: protected.Bool()})
		}
		if !protected.Bool() {
			r.trust.Findings = append(r.trust.Findings, ci.RefFindings(names, kind, anyRef, list.Path, u.String())...)
		}
	}
	return refs, known
}

// readMergeRequests adds the jobs of merge requests, if they are trusted.
func (r *reading) readMergeRequests(v input.Value, u unit, refs []reference) []reference {
	merge := v.Field("mergeRequests")
	if !merge.Bool() {
		return refs
	}
	r.found(mergeRequests, merge.Path, u.String())
	switch {
	case r.trust.Issuer() == "":
		return refs
	case !r.keyed:
		r.problems.Add(merge, "needs the condition keys gitlab.com:"+sourceClaim+" and gitlab.com:"+idClaim+onlyKeyed+
			"; leave it out: here a merge request's job looks like one of its branch")
		return refs
	case !v.Field("id").Present:
		r.problems.Add(v.Field("id"), "is missing; mergeRequests needs it, because only the id tells the project from "+
			"another one that takes its path; write the number that the project's page shows as Project ID")
		return refs
	case v.Field("protectedRefs").Bool():
		r.problems.Add(merge, "cannot stand beside protectedRefs: GitLab writes ref_protected false into the tokens "+
			"of merge requests, whatever their branch (https://gitlab.com/gitlab-org/gitlab/-/issues/420463), so that "+
			"nobody would get in; write a second item with the same path and id")
		return refs
	}
	return append(refs, ofMergeRequests())
}
