package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Advise says what to change so that a token of GitHub Actions fits.
func (System) Advise(m trust.Mismatch, seen string) string {
	switch m.Claim {
	case "aud":
		return "the workflow asks for the audience: aws-actions/configure-aws-credentials has the input audience"
	case "sub":
		return advise(m, seen)
	case "job_workflow_ref":
		return "the job runs another workflow than the trusted ones, or one of them at another ref. Add it to workflows"
	case "actor_id":
		return "another account started the run. Add its id to actors"
	}
	return ""
}

// advise compares a subject with those that are trusted, part by part.
func advise(m trust.Mismatch, seen string) string {
	token, ok := readSubject(seen)
	if !ok {
		if strings.HasPrefix(seen, "repo:") {
			return "the subject is not of GitHub's default form; the repository or organization customises it " +
				"(actions/oidc/customization/sub). Write its template as subjectClaims"
		}
		return ""
	}
	var wanted []subject
	var named []repository // also where the rest is a wildcard
	for _, text := range m.Wanted {
		if s, ok := readSubject(text); ok {
			wanted = append(wanted, s)
		}
		for _, f := range beginnings {
			if texts, ok := f.Parse(text); ok {
				named = append(named, f.subject(texts).repository)
			}
		}
	}
	if len(named) > 0 && !slices.ContainsFunc(named, func(r repository) bool {
		return r.String() == token.repository.String()
	}) {
		return fmt.Sprintf("%s is another repository than the trusted ones", token.repository)
	}
	same := func(s subject) bool { return s.repository.String() == token.repository.String() }
	if !slices.ContainsFunc(wanted, same) {
		return ""
	}
	wanted = slices.DeleteFunc(wanted, func(s subject) bool { return !same(s) })
	if !slices.ContainsFunc(wanted, func(s subject) bool {
		return (s.repository.ownerID == "") == (token.repository.ownerID == "")
	}) {
		if token.repository.ownerID != "" {
			return fmt.Sprintf("the repository sends subjects with ids. Write it as %s@%s/%s@%s",
				token.repository.owner, token.repository.ownerID, token.repository.name, token.repository.id)
		}
		return "the repository sends subjects without ids, and only those with ids are trusted"
	}
	if !slices.ContainsFunc(wanted, func(s subject) bool { return s.repository == token.repository }) {
		return "owner or repository were registered again under the same name: the ids differ"
	}
	return adviseContext(token.context, wanted)
}

func adviseContext(token context, wanted []subject) string {
	n := token.Name.Text
	switch token.Kind {
	case "environment":
		if slices.ContainsFunc(wanted, func(s subject) bool {
			return s.context.Kind == "branch" || s.context.Kind == "tag"
		}) {
			return fmt.Sprintf("a job with `environment:` never carries its branch in sub. Add environments: [%s]", n)
		}
		return fmt.Sprintf("the environment is not trusted. Add environments: [%s]", n)
	case "pull_request":
		return "a pull_request run carries no branch. Add pullRequests: true, if code that nobody has " +
			"reviewed may have this role"
	case "tag":
		return fmt.Sprintf("the run was started by a tag. Add tags: [%s]", n)
	}
	if slices.ContainsFunc(wanted, func(s subject) bool { return s.context.Kind == "environment" }) &&
		!slices.ContainsFunc(wanted, func(s subject) bool { return s.context.Kind == "branch" }) {
		return fmt.Sprintf("the job names no environment, so sub carries its branch. Give the job its environment, "+
			"or add branches: [%s]", n)
	}
	return fmt.Sprintf("the branch is not trusted. Add branches: [%s]", n)
}
