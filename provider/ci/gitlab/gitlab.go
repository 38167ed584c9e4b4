// Package gitlab is GitLab CI/CD: its issuer, its tokens, and the words in which its jobs are trusted.
package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is GitLab CI/CD on gitlab.com, on GitLab Dedicated and on a self-managed instance.
//
// Issuer: the instance's URL. Audience: what the job asks for; the documentation's convention is the instance's URL.
// Subject: project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF, or project_id:ID:ref_type:TYPE:ref:REF where the project's
// setting ci_id_token_sub_claim_components begins with project_id. A project whose path belonged to another one before
// gets tokens in the second form only. In merge request pipelines the project is the source project.
//
// AWS fills project_id for gitlab.com alone, and in the aws partition alone: elsewhere the subject decides by itself.
//
// Sources:
// https://docs.gitlab.com/ci/secrets/id_token_authentication/
// https://docs.gitlab.com/ci/cloud_services/aws/
type System struct{}

const (
	issuer         = "https://gitlab.com"
	docs           = "https://docs.gitlab.com/ci/secrets/id_token_authentication/"
	idClaim        = "project_id"
	protectedClaim = "ref_protected"
)

// Section is "gitlab".
func (System) Section() string { return "gitlab" }

// Title is "GitLab CI/CD".
func (System) Title() string { return "GitLab CI/CD" }

var (
	anyRef = ci.Rule{
		ID: "gitlab-any-ref", Severity: ci.High,
		Summary:     "whoever may push any branch or tag to the project gets the role, without a review",
		Remediation: "Name the branches or tags that deploy, and protect them.",
		Source:      docs,
	}
	// Not high: GitLab gives a project whose path belonged to another one no tokens with the path in the subject. It is
	// refused on gitlab.com, where everybody may have a group and writing the id avoids it.
	pathSubject = ci.Rule{
		ID: "gitlab-path-subject", Severity: ci.Medium, Refused: true,
		Summary: "the project is known by its path alone, and a path can be given up and taken by somebody else's " +
			"project; current GitLab refuses such a project tokens with the path in sub, older instances do not",
		Remediation: "On gitlab.com with a role in the aws partition, add the project's id. Elsewhere AWS cannot see " +
			"the id beside a path: let the project's ci_id_token_sub_claim_components begin with project_id, and " +
			"give id without path.",
		Source: docs,
	}
)

// Rules are the findings of GitLab.
func (System) Rules() []ci.Rule {
	return []ci.Rule{anyRef, ci.RefPrefix("main"), ci.RefPrefix("release/"), pathSubject}
}

// Issuer is what signs the tokens of GitLab CI/CD.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true,
		Hosts: []ci.Host{{
			Host: "gitlab.com", Shared: true, Control: trust.Control{Claims: []string{"sub"}}, Forms: audited,
			Claims: keys, Reads: reads,
		}},
		Installed: &ci.Host{Title: "GitLab CI/CD on an instance", Forms: audited, Reads: reads},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{byPath, byID} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Chosen: true, Condition: "a variable that the job names under id_tokens", Source: docs,
	}
}

// Read understands the section gitlab.
func (g System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := issuer
	if url := section.Field("url"); url.Present {
		issuer = readURL(url, problems)
	}
	t := ci.NewTrust(issuer, section, account, problems, issuer)
	words, named := pasted{issuer: issuer}, map[string]string{}
	for _, v := range section.Field("projects").List {
		if v.Known {
			g.readProject(v, account, &t, &words, named, problems)
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []ci.Trust{t}
}

var issuerURL = ci.IssuerURL{System: "GitLab",
	Help: "write the instance's URL as its tokens have it in iss, such as https://gitlab.example.com, or leave " +
		"url out for gitlab.com"}

// readURL reads the instance's URL.
func readURL(v input.Value, problems *input.Problems) string {
	url := issuerURL.Read(v, problems)
	host, _, _ := strings.Cut(strings.ToLower(ci.HostOf(url)), "/")
	if url != issuer && (host == "gitlab.com" || host == "www.gitlab.com") {
		problems.Add(v, "is not the issuer of gitlab.com, which is https://gitlab.com; "+issuerURL.Help, input.Got(v))
		return ""
	}
	return url
}

const pathHelp = "write the path as GitLab shows it in the project's URL behind the host, such as acme/platform/web"

// readPath reads a project's path. Which characters a path may have is not checked beyond what would change the
// subject's meaning: older instances have paths that newer ones would not create.
func readPath(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "git@"), strings.HasSuffix(text, ".git"):
		problems.Add(v, "is a URL; "+pathHelp, input.Got(v))
	case strings.ContainsAny(text, "*?"):
		problems.Add(v, "has a wildcard; a trust names each project, because a wildcard takes in those that "+
			"anybody may create later: "+pathHelp, input.Got(v))
	case strings.Contains(text, "${"):
		problems.Add(v, "must not contain ${, which IAM would read as a policy variable; "+pathHelp, input.Got(v))
	case strings.Contains(text, ":"):
		problems.Add(v, "names more than a project: which refs are trusted is said by branches and tags; "+pathHelp,
			input.Got(v))
	case !strings.Contains(text, "/"):
		problems.Add(v, "names no project of a group or user; "+pathHelp, input.Got(v))
	case !path.MatchString(text) || !ci.Printable(text):
		problems.Add(v, "is not the path of a project; "+pathHelp, input.Got(v))
	default:
		return text
	}
	return ""
}

// readID reads a project's id.
func readID(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	if !id.MatchString(v.Text()) {
		problems.Add(v, `must be the number that the project's page shows as Project ID, such as "46573356"`,
			input.Got(v))
		return ""
	}
	return v.Text()
}

// readProject turns one item of projects into grants. named are the ids that the paths of earlier items were given: an
// item without the id would undo what the other one's id holds to.
func (g System) readProject(
	v input.Value, account ci.Account, t *ci.Trust, words *pasted, named map[string]string, problems *input.Problems,
) {
	path, id := v.Field("path"), v.Field("id")
	p := project{issuer: t.Issuer(), path: readPath(path, problems), id: readID(id, problems)}
	if !path.Present && !id.Present {
		problems.Add(path, "is missing, and so is id; give path, such as acme/platform/web, and on gitlab.com also "+
			"id. id alone trusts projects whose ci_id_token_sub_claim_components begins with project_id")
	}
	idRead := !id.Present || p.id != ""
	if first, again := named[p.path]; again && first != p.id && idRead {
		problems.Add(path, "is the path of an item before it, which gives another id or none; write the same id "+
			"in both, or one item", input.Got(path))
	} else if p.path != "" && idRead {
		named[p.path] = p.id
	}
	protected, protectable := v.Field("protectedRefs"),
		t.Issuer() == issuer && (account.Partition == "aws" || account.Partition == "")
	if protected.Bool() && !protectable && t.Issuer() != "" {
		problems.Add(protected, "needs the condition key gitlab.com:"+protectedClaim+
			", which AWS fills for gitlab.com and in the aws partition only; leave it "+
			"out, and protect what is trusted in the project's settings")
	}
	var refs []reference
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		list := v.Field(kind.Word)
		names := ci.ReadRefs(list, kind, problems)
		for _, n := range names {
			refs = append(refs, reference{kind: kind, name: n})
		}
		if !protected.Bool() {
			t.Findings = append(t.Findings, ci.RefFindings(names, kind, anyRef, list.Path, p.String())...)
		}
	}
	if !v.Field("branches").Present && !v.Field("tags").Present {
		problems.Add(v.Field("branches"),
			"is missing, and so is tags; give at least one of them, to say which jobs of the project are "+
				"trusted: a branch does not cover the pipelines of tags, and a tag not those of branches")
	}
	words.add(refs)
	keyed := id.Present && t.Issuer() == issuer && (account.Partition == "aws" || account.Partition == "")
	if p.path != "" && t.Issuer() != "" && !keyed {
		rule := pathSubject
		// Elsewhere the id beside the path would not be tested, or people themselves say who may take a path.
		rule.Refused = t.Issuer() == issuer && (account.Partition == "aws" || account.Partition == "")
		t.Findings = append(t.Findings, ci.Finding{Rule: rule, Path: path.Path, Detail: p.String()})
	}
	if t.Issuer() == "" || path.Present && p.path == "" || !idRead || p.path == "" && p.id == "" || !protected.Known ||
		protected.Bool() && !protectable {
		return
	}
	for _, ref := range refs {
		ref.protected = protected.Bool()
		t.Grants = append(t.Grants, g.grant(v.Path, p, ref, t.Audiences(), keyed))
	}
}

// grant trusts one ref, or a prefix of refs, of one project. keyed says that AWS fills the project's id.
func (g System) grant(path string, p project, ref reference, audiences []string, keyed bool) ci.Grant {
	claims := map[string][]string{"aud": audiences, "sub": p.patterns(ref)}
	if keyed {
		claims[idClaim] = []string{p.id}
	}
	if ref.protected {
		claims[protectedClaim] = []string{"true"}
	}
	instance := ""
	if p.issuer != issuer {
		instance = " at " + ci.HostOf(p.issuer)
	}
	return ci.Grant{
		Path:     path,
		Sentence: fmt.Sprintf("%s%s: %s %s", g.Title(), instance, p, ref.phrase()),
		Claims:   claims,
		Admits: func(token map[string]any) bool {
			return slices.Contains(audiences, ci.AudienceOf(token)) && p.admits(ci.TextOf(token["sub"]), ref) &&
				(!keyed || ci.TextOf(token[idClaim]) == p.id) &&
				(!ref.protected || ci.TextOf(token[protectedClaim]) == "true")
		},
		Tokens: func() []ci.Token { return tokens(p, ref, audiences, keyed) },
	}
}
