package github

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var compactForm = ci.Rule{
	ID: "github-compact-form", Severity: ci.Low,
	Summary: "the trust policy names repositories by their ids and not by name, because by name it would not fit the " +
		"quota. It admits the same jobs; a repository stays trusted after it is renamed",
	Remediation: "Nothing has to be done. Fewer repositories on one role, or a higher quota, bring the " +
		"readable form back; identify: ids keeps this one, however few the repositories are.",
	Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
}

// What no subject of GitHub's own template is: one of five or more parts, and one of four that ends like a pull
// request's, which has three. A "*" in the place of a name would take in both, because a repository chooses its
// template: repo:acme/evil:pull_request:ref:refs/heads/main is a closed pull request, and
// repo:acme/web:event_name:pull_request or repo:acme/web:actor:pull_request any job that likes.
const (
	fiveParts       = "*:*:*:*:*"
	endsLikeRequest = "*:*:*:" + pullRequest
	pullRequest     = "pull_request"
)

// A refusal is the Deny beside an Allow that has a "*" in the place of a repository's name. It tests only keys that the
// Allow demands, and sub.
type refusal struct {
	audiences []string
	ownerID   string   // "" where AWS fills no key
	subjects  []string // fiveParts, endsLikeRequest
}

// claims are what the Deny tests.
func (r refusal) claims() map[string][]string {
	claims := map[string][]string{"aud": r.audiences, "sub": r.subjects}
	if r.ownerID != "" {
		claims["repository_owner_id"] = []string{r.ownerID}
	}
	return claims
}

// refuses judges a token by the parts of its subject.
func (r refusal) refuses(token map[string]any) bool {
	if !slices.Contains(r.audiences, ci.AudienceOf(token)) ||
		r.ownerID != "" && ci.TextOf(token["repository_owner_id"]) != r.ownerID {
		return false
	}
	parts := strings.Split(ci.TextOf(token["sub"]), ":")
	return len(parts) >= 5 || len(parts) == 4 && parts[3] == pullRequest && slices.Contains(r.subjects, endsLikeRequest)
}

// An openSubject is a subject of GitHub's own template in which something of the repository is open: what stands there
// is the issuer's to write, and holds no ":".
type openSubject struct {
	before, after string // of the repository: "acme@1234567/" and "@89012345"
	context       context
}

// pattern is the subject as StringLike takes it.
func (o openSubject) pattern() string {
	return "repo:" + o.before + "*" + o.after + ":" + o.context.pattern()
}

// admits judges a subject part by part.
func (o openSubject) admits(sub string) bool {
	rest, isRepository := strings.CutPrefix(sub, "repo:")
	named, context, _ := strings.Cut(rest, ":")
	if !isRepository || len(named) < len(o.before)+len(o.after) || !strings.HasPrefix(named, o.before) ||
		!strings.HasSuffix(named, o.after) {
		return false
	}
	wanted := strings.TrimSuffix(o.context.pattern(), "*")
	return context == wanted || o.context.Name.Prefix && strings.HasPrefix(context, wanted) &&
		strings.Count(context, ":") == strings.Count(wanted, ":")
}

// An openSubjects is what a grant wants of sub: one of several.
type openSubjects []openSubject

func (all openSubjects) patterns() []string {
	patterns := make([]string, len(all))
	for i, o := range all {
		patterns[i] = o.pattern()
	}
	return patterns
}

func (all openSubjects) admit(sub string) bool {
	return slices.ContainsFunc(all, func(o openSubject) bool { return o.admits(sub) })
}

// compact names the repository by its ids alone. The "*" in sub stands where its name is, and the id pins what that is:
// in the key repository_id, or, where AWS fills none, in the subject itself, behind the owner's exact name and id.
// Neither a name nor a context can contain ":", so what the "*" could take in beyond a name is a customised subject,
// and the Deny refuses those. There is no exact form where subjects with more parts are trusted, nor without ids.
func (i item) compact(c context) *ci.Compact {
	r := i.repository
	if r.ownerID == "" || i.instance.server() || i.template.customised() {
		return nil
	}
	refused := refusal{audiences: i.audiences, subjects: []string{fiveParts}}
	if c.Kind == pullRequest {
		refused.subjects = append(refused.subjects, endsLikeRequest)
	}
	var subjects openSubjects
	switch withIDs := r.owner + "@" + r.ownerID + "/"; {
	case !i.keyed:
		subjects = openSubjects{{withIDs, "@" + r.id, c}}
	case i.byIDs: // the keys say who it is, whatever owner and repository are called
		subjects = openSubjects{{"", "", c}}
	default:
		subjects = openSubjects{{withIDs, "", c}, {r.owner + "/", "", c}}
	}
	claims := map[string][]string{"aud": i.audiences, "sub": subjects.patterns()}
	if i.keyed {
		refused.ownerID = r.ownerID
		claims["repository_owner_id"], claims["repository_id"] = []string{r.ownerID}, []string{r.id}
	}
	maps.Copy(claims, i.howKeys())
	return &ci.Compact{
		Rule:     compactForm,
		Sentence: i.sentence(", by its ids alone,", c),
		Claims:   claims,
		Refuse:   refused.claims(),
		Refuses:  refused.refuses,
		// The repository is the one with the ids, whatever it is called today.
		Admits: func(token map[string]any) bool {
			if !subjects.admit(ci.TextOf(token["sub"])) || !slices.Contains(i.audiences, ci.AudienceOf(token)) {
				return false
			}
			return !i.keyed ||
				ci.TextOf(token["repository_id"]) == r.id && ci.TextOf(token["repository_owner_id"]) == r.ownerID &&
					i.how.admits("job_workflow_ref", ci.TextOf(token["job_workflow_ref"])) &&
					i.how.admits("actor_id", ci.TextOf(token["actor_id"]))
		},
	}
}

// exact takes away the compact forms that the section's other words do not bear: what the Deny refuses would be
// trusted.
func (s *shared) exact(grants []ci.Grant) {
	environment := slices.ContainsFunc(s.contexts, func(c context) bool {
		return c.Kind == "environment" && c.Name.Admits(pullRequest)
	})
	for i := range grants {
		compact := grants[i].Compact
		if compact != nil && (s.customised || environment && slices.Contains(compact.Refuse["sub"], endsLikeRequest)) {
			grants[i].Compact = nil
		}
	}
}

// readIdentify reads by what repositories are known: by their ids, whatever they are called, or by their names as well.
func readIdentify(v input.Value, s *shared, problems *input.Problems) bool {
	switch {
	case !v.HasText() || v.Text() == "names":
		return false
	case v.Text() != "ids":
		problems.Add(v, "must be names or ids", input.Got(v))
		return false
	case s.readable && s.instance.server():
		problems.Add(v, "cannot be ids on a GitHub Enterprise Server: its subjects have no ids, and AWS fills no key "+
			"beside aud and sub for it. Leave identify out; or let the repository's subject template name "+
			"repository_id instead of repo, and write the template as subjectClaims")
		return false
	}
	return true
}

// requireIDs reports that a grant of a repository has no form by ids alone, and identify is ids.
func (s *shared) requireIDs(section input.Value, grants []ci.Grant, problems *input.Problems) {
	at := slices.IndexFunc(grants, func(g ci.Grant) bool { return g.Compact == nil })
	if !s.byIDs || at < 0 {
		return
	}
	identify := section.Field("identify")
	identify.Secret = section.HasSecret() // the detail shows a repository
	problems.Add(identify, "cannot be ids where pull requests are trusted beside an environment that is called "+
		"pull_request or whose * takes in that name: by ids alone a job in that environment cannot be told from a "+
		"pull request. List the environments one by one, or give pull requests a role of their own",
		"("+grants[at].Sentence+")")
}

// checkIDs says of an item why it cannot be known by its ids alone.
func (i item) checkIDs(v input.Value, problems *input.Problems) bool {
	switch {
	case i.repository.ownerID == "":
		problems.Add(v.Field("repository"), "has no ids, and identify is ids; "+i.instance.at(repositoryHelp))
	case i.template.customised():
		problems.Add(v.Field("subjectClaims"),
			"cannot stand beside identify: ids, which refuses every subject of five "+
				"or more parts: a * stands for the repository's name, and another repository's template could fill it "+
				"with anything. Give this repository a role of its own; with repository_id in the place of repo its "+
				"subject has no name either")
	default:
		return true
	}
	return false
}
