package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Advise says what to change so that a token fits, in the words of its CI system, or "" when nothing is known.
func Advise(m trust.Mismatch) string {
	seen := ""
	if len(m.Seen) > 0 {
		seen = m.Seen[0]
	}
	for _, wanted := range m.Wanted {
		if seen != "" && (strings.EqualFold(wanted, seen) || m.Like && trust.Match(strings.ToLower(wanted), strings.ToLower(seen))) {
			return "they differ in letter case alone, and AWS compares letter by letter"
		}
	}
	switch {
	case m.Claim == "aud" && isGitHub(m.Issuer):
		return "the workflow asks for the audience: aws-actions/configure-aws-credentials has the input audience"
	case m.Claim == "sub" && isGitHub(m.Issuer):
		return adviseGitHub(m, seen)
	case m.Claim == "job_workflow_ref" && isGitHub(m.Issuer):
		return "the job runs another workflow than the trusted ones, or one of them at another ref. Add it to workflows"
	case m.Claim == "actor_id" && isGitHub(m.Issuer):
		return "another account started the run. Add its id to actors"
	case m.Claim == "sub" && isCircleCI(m.Issuer):
		return adviseCircleCI(m, seen)
	case m.Claim == "sub":
		return adviseForm(m.Issuer, m.Wanted, seen)
	}
	return ""
}

// adviseGitHub compares a subject with those that are trusted, part by part.
func adviseGitHub(m trust.Mismatch, seen string) string {
	token, ok := parseGitHubSubject(seen)
	if !ok {
		if strings.HasPrefix(seen, "repo:") {
			return "the subject is not of GitHub's default form; the repository or organization customises it (actions/oidc/customization/sub). Write its template as subjectClaims"
		}
		return ""
	}
	var wanted []githubSubject
	var named []githubRepository // also where the rest is a wildcard
	for _, text := range m.Wanted {
		if s, ok := parseGitHubSubject(text); ok {
			wanted = append(wanted, s)
		}
		repository, rule := parseGitHubRepository(upTo(strings.TrimPrefix(text, "repo:"), ":"))
		if rule == "" {
			named = append(named, repository)
		}
	}
	if len(named) > 0 && !slices.ContainsFunc(named, func(r githubRepository) bool { return r.String() == token.repository.String() }) {
		return fmt.Sprintf("%s is another repository than the trusted ones", token.repository)
	}
	same := func(s githubSubject) bool { return s.repository.String() == token.repository.String() }
	if !slices.ContainsFunc(wanted, same) {
		return ""
	}
	wanted = slices.DeleteFunc(wanted, func(s githubSubject) bool { return !same(s) })
	if !slices.ContainsFunc(wanted, func(s githubSubject) bool { return (s.repository.ownerID == "") == (token.repository.ownerID == "") }) {
		if token.repository.ownerID != "" {
			return fmt.Sprintf("the repository sends subjects with ids. Write it as %s@%s/%s@%s",
				token.repository.owner, token.repository.ownerID, token.repository.name, token.repository.id)
		}
		return "the repository sends subjects without ids, and only those with ids are trusted"
	}
	if !slices.ContainsFunc(wanted, func(s githubSubject) bool { return s.repository == token.repository }) {
		return "owner or repository were registered again under the same name: the ids differ"
	}
	return adviseGitHubContext(token.context, wanted)
}

func adviseGitHubContext(token githubContext, wanted []githubSubject) string {
	n := token.name.text
	switch token.kind {
	case "environment":
		if slices.ContainsFunc(wanted, func(s githubSubject) bool { return s.context.kind == "branch" || s.context.kind == "tag" }) {
			return fmt.Sprintf("a job with `environment:` never carries its branch in sub. Add environments: [%s]", n)
		}
		return fmt.Sprintf("the environment is not trusted. Add environments: [%s]", n)
	case "pull_request":
		return "a pull_request run carries no branch. Add pullRequests: true, if code that nobody has reviewed may have this role"
	case "tag":
		return fmt.Sprintf("the run was started by a tag. Add tags: [%s]", n)
	}
	if slices.ContainsFunc(wanted, func(s githubSubject) bool { return s.context.kind == "environment" }) &&
		!slices.ContainsFunc(wanted, func(s githubSubject) bool { return s.context.kind == "branch" }) {
		return fmt.Sprintf("the job names no environment, so sub carries its branch. Give the job its environment, or add branches: [%s]", n)
	}
	return fmt.Sprintf("the branch is not trusted. Add branches: [%s]", n)
}

// adviseCircleCI compares a subject with those that are trusted.
func adviseCircleCI(m trust.Mismatch, seen string) string {
	token, ok := parseCircleCISubject(seen)
	if !ok {
		return ""
	}
	for _, wanted := range m.Wanted {
		before, rest, long := strings.Cut(wanted, "/vcs-origin/")
		if !trust.Match(before, circleciSubject{organization: token.organization, project: token.project, user: token.user}.String()) {
			continue
		}
		origin, _, _ := strings.Cut(rest, "/vcs-ref/")
		switch {
		case !long:
			return "the subject has origin and ref, and only the short form is trusted: use CIRCLE_OIDC_TOKEN, or trust branches"
		case !token.long:
			return "the token has the short form. Use CIRCLE_OIDC_TOKEN_V2; jobs that a webhook started have the short form there too"
		case origin != token.origin:
			return fmt.Sprintf("the job was built from %s, a fork or another repository. If it is meant, set vcsOrigin: %s", token.origin, token.origin)
		}
		if tag, found := strings.CutPrefix(token.ref, tags.namespace); found {
			return fmt.Sprintf("the job was built from a tag. Add tags: [%s]", tag)
		}
		return fmt.Sprintf("the branch is not trusted. Add branches: [%s]", strings.TrimPrefix(token.ref, branches.namespace))
	}
	return "the project is not trusted"
}
