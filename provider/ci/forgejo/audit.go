package forgejo

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// pulls are the subjects of jobs that a reusable workflow runs for a pull request: they have its ref.
var pulls = newForms(":ref:refs/pull/{pull request}",
	ci.Field{Name: "pull request", Sample: "1/head", Decides: ci.RefOf})

// audited are the forms that an audit meets.
var audited = func() []*ci.Form {
	forms := System{}.Forms()
	return append(forms, pulls.withIDs, pulls.withoutIDs)
}()

// reads judges a reading of Codeberg, or of another instance.
func reads(r *ci.Reading) []ci.Verdict {
	exact := func(place string) bool { return r.Span(place).Kind == ci.Exact || r.Folded() }
	if r.Host.Shared && !exact("owner") {
		rule := ci.TenantNotPinned
		switch {
		case !r.Tested:
			rule = ci.NoSubject
		case r.Span("owner").Kind == ci.Prefix:
			rule = ci.PrefixCollision
		}
		return []ci.Verdict{{Rule: rule, Other: []string{"owner"}}}
	}
	withIDs := slices.ContainsFunc(r.Form.Fields, func(f ci.Field) bool { return f.Name == "owner id" })
	if !withIDs && exact("owner") && exact("repository") &&
		likeIDs.MatchString(r.Span("owner").Text+"/"+r.Span("repository").Text) {
		return nil // read as a subject with ids, which says that it may be another repository's
	}
	return slices.Concat(projects(r), identity(r, withIDs), jobs(r))
}

// projects judges which repositories get in.
func projects(r *ci.Reading) []ci.Verdict {
	for _, place := range []string{"owner", "repository"} {
		switch span := r.Span(place); {
		case span.Kind == ci.Exact, r.Folded():
		case span.Kind == ci.Prefix, !r.Admits(map[string]string{place: ci.UnheardOf}):
			return []ci.Verdict{{Rule: ci.ProjectPrefix, Other: []string{place}}}
		default:
			return []ci.Verdict{{Rule: ci.OrganizationWide, Other: []string{place}}}
		}
	}
	return nil
}

// identity says how well the subject tells the repository from others.
func identity(r *ci.Reading, withIDs bool) []ci.Verdict {
	switch {
	case ci.SameHost(r.Issuer) == ci.HostOf(codeberg):
		return []ci.Verdict{{Rule: openInstance}}
	case withIDs && (r.Folded() || r.Exactly("owner id", "repository id")):
		return []ci.Verdict{{Rule: lookalike}}
	case r.Folded(), r.Exactly("owner", "repository"):
		return []ci.Verdict{{Rule: nameSubject}}
	}
	return nil
}

// jobs judges which jobs of the repository get in.
func jobs(r *ci.Reading) []ci.Verdict {
	for _, word := range []string{"branch", "tag"} {
		if !slices.ContainsFunc(r.Form.Fields, func(f ci.Field) bool { return f.Name == word }) {
			continue
		}
		verdicts := refs(r, word)
		if word == "branch" {
			verdicts = append(verdicts, ci.Verdict{Rule: pullRequestTarget})
		}
		return verdicts
	}
	return []ci.Verdict{{Rule: pullRequests}}
}

// refs judges which branches or tags get in.
func refs(r *ci.Reading, word string) []ci.Verdict {
	switch span := r.Span(word); {
	case span.Kind == ci.Exact:
		return nil
	case r.Folded():
		return []ci.Verdict{ci.OtherCase(word)}
	case span.Kind == ci.Prefix:
		return []ci.Verdict{{Rule: ci.RefPrefix(span.Text), Other: []string{word}}}
	case r.Admits(map[string]string{word: ci.UnheardOf}):
		return []ci.Verdict{{Rule: anyRef, Other: []string{word}}}
	}
	return []ci.Verdict{{Rule: ci.WildcardBeforeDecision, Other: []string{word}}}
}
