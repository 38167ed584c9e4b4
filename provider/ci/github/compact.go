package github

import (
	"maps"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

var compactForm = ci.Rule{
	ID: "github-compact-form", Severity: ci.Low,
	Summary: "the trust policy names repositories by their ids in repository_id and not by name in sub, because by " +
		"name it would not fit the quota. It admits the same jobs; a repository stays trusted after it is renamed",
	Remediation: "Nothing has to be done. Fewer repositories on one role, or a higher quota, bring the " +
		"readable form back.",
	Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
}

// compact names the repository by its id alone. The "*" in sub stands where its name is, and the id pins what that
// is: neither a name nor a context can contain ":". Only a customised subject can have more parts, and put
// "pull_request" where the name's "*" would take it in; so subjects with more parts than GitHub's own are refused. A
// pull request's context has one part less, so there is no exact form of it; nor is there one where AWS fills no id, or
// where subjects with more parts are trusted.
func (i item) compact(c context) *ci.Compact {
	r := i.repository
	if c.Kind == "pull_request" || !i.keyed || r.ownerID == "" || i.template.customised() {
		return nil
	}
	subjects := i.wanted(c, false)
	for _, w := range subjects {
		for at, field := range w.form.Fields {
			if field.Name == name.Name {
				w.terms[at] = ci.Term{Name: anything}
			}
		}
	}
	claims := map[string][]string{
		"aud": i.audiences, "repository_owner_id": {r.ownerID}, "repository_id": {r.id},
		"sub": {
			"repo:" + r.owner + "@" + r.ownerID + "/*:" + c.pattern(),
			"repo:" + r.owner + "/*:" + c.pattern(),
		},
	}
	maps.Copy(claims, i.howKeys())
	return &ci.Compact{
		Rule:   compactForm,
		Claims: claims,
		Refuse: map[string][]string{"aud": i.audiences, "repository_owner_id": {r.ownerID}, "sub": {"*:*:*:*:*"}},
		// The repository is the one with the id, whatever it is called today.
		Admits: func(token map[string]any) bool {
			sub := ci.TextOf(token["sub"])
			return slices.ContainsFunc(subjects, func(w wanted) bool { return w.admits(sub) }) &&
				slices.Contains(i.audiences, ci.AudienceOf(token)) &&
				ci.TextOf(token["repository_id"]) == r.id && ci.TextOf(token["repository_owner_id"]) == r.ownerID &&
				i.how.admits("job_workflow_ref", ci.TextOf(token["job_workflow_ref"])) &&
				i.how.admits("actor_id", ci.TextOf(token["actor_id"]))
		},
	}
}
