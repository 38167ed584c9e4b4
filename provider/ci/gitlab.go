package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// GitLab is GitLab CI/CD on gitlab.com, on GitLab Dedicated and on a self-managed instance.
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
type GitLab struct{}

const (
	gitlabIssuer    = "https://gitlab.com"
	gitlabDocs      = "https://docs.gitlab.com/ci/secrets/id_token_authentication/"
	gitlabClaim     = "project_id"
	gitlabProtected = "ref_protected"
)

// Section is "gitlab".
func (GitLab) Section() string { return "gitlab" }

// Title is "GitLab CI/CD".
func (GitLab) Title() string { return "GitLab CI/CD" }

var (
	gitlabAnyRef = Rule{
		ID: "gitlab-any-ref", Severity: High,
		Summary:     "whoever may push any branch or tag to the project gets the role, without a review",
		Remediation: "Name the branches or tags that deploy, and protect them.",
		Source:      gitlabDocs,
	}
	// Not high: GitLab gives a project whose path belonged to another one no tokens with the path in the subject.
	gitlabPathSubject = Rule{
		ID: "gitlab-path-subject", Severity: Medium,
		Summary: "the project is known by its path alone, and a path can be given up and taken by somebody else's project; current " +
			"GitLab refuses such a project tokens with the path in sub, older instances do not",
		Remediation: "On gitlab.com with a role in the aws partition, add the project's id. Elsewhere AWS cannot see the id beside a " +
			"path: let the project's ci_id_token_sub_claim_components begin with project_id, and give id without path.",
		Source: gitlabDocs,
	}
)

// Rules are the findings of GitLab.
func (GitLab) Rules() []Rule { return []Rule{gitlabAnyRef, gitlabPathSubject} }

// Issuer is what signs the tokens of GitLab CI/CD.
func (GitLab) Issuer() Issuer {
	return Issuer{
		URL: gitlabIssuer, Shared: true,
		Hosts: []trust.Issuer{tenants("gitlab.com", `^(project_path:[^*?/:]+/|project_id:[^*?:]+:)`, judgeGitLab, "namespace_id", "project_id")},
	}
}

// Forms are the forms of their subjects.
func (GitLab) Forms() []*form { return nil }

// Page is what people read about GitLab.
func (GitLab) Page() Page {
	return Page{
		Names:    "projects; branches, tags, only while protected",
		Beyond:   "gitlab.com and self-managed",
		Audience: "the instance's URL; the job chooses it with `id_tokens: NAME: aud:`",
		Subjects: []string{
			"project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH, the default", "project_path:GROUP/PROJECT:ref_type:tag:ref:TAG",
			"project_id:ID:ref_type:TYPE:ref:REF where `ci_id_token_sub_claim_components` begins with `project_id`",
		},
		Pitfalls: []string{
			"A branch does not cover the pipelines of tags, and a tag not those of branches.",
			"A branch's name says nothing of its protection: protect the branches and tags that are trusted, also by a wildcard such as `v*`, and on " +
				"gitlab.com say `protectedRefs: true`, so that AWS checks it.",
			"The subject does not carry the environment, unless the project's setting adds what protects it; such a customised subject is not admitted.",
			"With `path` alone the project is known by a name that another project may have one day: add `id`, from the project's page.",
			"A self-managed instance that is not patched (https://gitlab.com/gitlab-org/gitlab/-/issues/548165) gives a fork's merge request pipeline the subject of the project it runs in.",
			"A self-managed or Dedicated instance is named by `url`, and is its own issuer. AWS must reach its `/.well-known/openid-configuration` over the internet.",
			"For such an instance, and outside the `aws` partition, AWS sees `aud` and `sub` alone: what is said of `project_id` here is of gitlab.com.",
		},
		Sources: []string{
			gitlabDocs, "https://docs.gitlab.com/ci/cloud_services/aws/", "https://docs.gitlab.com/api/projects/#edit-a-project",
			"https://gitlab.com/gitlab-org/gitlab/-/issues/548165",
		},
		Example: `gitlab:
  projects:
    - path: acme/platform/web
      id: "46573356"
      branches: [main]
      tags: [v*]
      protectedRefs: true
`,
	}
}

// Read understands the section gitlab.
func (g GitLab) Read(section input.Value, account Account, problems *input.Problems) []Trust {
	issuer := gitlabIssuer
	if url := section.Field("url"); url.Present {
		issuer = readGitLabURL(url, problems)
	}
	t := newTrust(issuer, section, account, problems, issuer)
	words, named := gitlabWords{issuer: issuer}, map[string]string{}
	for _, v := range section.Field("projects").List {
		if v.Known {
			g.readProject(v, account, &t, &words, named, problems)
		}
	}
	t.Pipeline = func(roleArn, region string) string { return words.config(roleArn, region, t.Audiences()) }
	return []Trust{t}
}

var gitlabURL = issuerURL{system: "GitLab", help: "write the instance's URL as its tokens have it in iss, such as https://gitlab.example.com, or leave " +
	"url out for gitlab.com"}

// readGitLabURL reads the instance's URL.
func readGitLabURL(v input.Value, problems *input.Problems) string {
	url := gitlabURL.read(v, problems)
	host, _, _ := strings.Cut(strings.ToLower(hostOf(url)), "/")
	if url != gitlabIssuer && (host == "gitlab.com" || host == "www.gitlab.com") {
		problems.Add(v, "is not the issuer of gitlab.com, which is https://gitlab.com; "+gitlabURL.help, input.Got(v))
		return ""
	}
	return url
}

const gitlabPathHelp = "write the path as GitLab shows it in the project's URL behind the host, such as acme/platform/web"

// readGitLabPath reads a project's path. Which characters a path may have is not checked beyond what would change the
// subject's meaning: older instances have paths that newer ones would not create.
func readGitLabPath(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "git@"), strings.HasSuffix(text, ".git"):
		problems.Add(v, "is a URL; "+gitlabPathHelp, input.Got(v))
	case strings.ContainsAny(text, "*?"):
		problems.Add(v, "has a wildcard; a trust names each project, because a wildcard takes in those that anybody may create later: "+gitlabPathHelp, input.Got(v))
	case strings.Contains(text, "${"):
		problems.Add(v, "must not contain ${, which IAM would read as a policy variable; "+gitlabPathHelp, input.Got(v))
	case strings.Contains(text, ":"):
		problems.Add(v, "names more than a project: which refs are trusted is said by branches and tags; "+gitlabPathHelp, input.Got(v))
	case !strings.Contains(text, "/"):
		problems.Add(v, "names no project of a group or user; "+gitlabPathHelp, input.Got(v))
	case !gitlabPath.MatchString(text) || !printable(text):
		problems.Add(v, "is not the path of a project; "+gitlabPathHelp, input.Got(v))
	default:
		return text
	}
	return ""
}

// readGitLabID reads a project's id.
func readGitLabID(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	if !gitlabID.MatchString(v.Text()) {
		problems.Add(v, `must be the number that the project's page shows as Project ID, such as "46573356"`, input.Got(v))
		return ""
	}
	return v.Text()
}

// readProject turns one item of projects into grants. named are the ids that the paths of earlier items were given: an
// item without the id would undo what the other one's id holds to.
func (g GitLab) readProject(v input.Value, account Account, t *Trust, words *gitlabWords, named map[string]string, problems *input.Problems) {
	path, id := v.Field("path"), v.Field("id")
	p := gitlabProject{issuer: t.Issuer(), path: readGitLabPath(path, problems), id: readGitLabID(id, problems)}
	if !path.Present && !id.Present {
		problems.Add(path, "is missing, and so is id; give path, such as acme/platform/web, and on gitlab.com also id. id alone trusts "+
			"projects whose ci_id_token_sub_claim_components begins with project_id")
	}
	idRead := !id.Present || p.id != ""
	if first, again := named[p.path]; again && first != p.id && idRead {
		problems.Add(path, "is the path of an item before it, which gives another id or none; write the same id in both, or one item", input.Got(path))
	} else if p.path != "" && idRead {
		named[p.path] = p.id
	}
	protected, protectable := v.Field("protectedRefs"), t.Issuer() == gitlabIssuer && (account.Partition == "aws" || account.Partition == "")
	if protected.Bool() && !protectable && t.Issuer() != "" {
		problems.Add(protected, "needs the condition key gitlab.com:"+gitlabProtected+", which AWS fills for gitlab.com and in the aws partition only; leave it "+
			"out, and protect what is trusted in the project's settings")
	}
	var refs []gitlabRef
	for _, kind := range []refKind{branches, tags} {
		list := v.Field(kind.word)
		for _, n := range readRefs(list, kind, problems) {
			refs = append(refs, gitlabRef{kind: kind, name: n})
			if n.prefix && n.text == "" && !protected.Bool() {
				t.Findings = append(t.Findings, Finding{Rule: gitlabAnyRef, Path: list.Path, Detail: p.String() + " on any " + kind.noun})
			}
		}
	}
	if !v.Field("branches").Present && !v.Field("tags").Present {
		problems.Add(v.Field("branches"), "is missing, and so is tags; give at least one of them, to say which jobs of the project are "+
			"trusted: a branch does not cover the pipelines of tags, and a tag not those of branches")
	}
	words.add(refs)
	keyed := id.Present && t.Issuer() == gitlabIssuer && (account.Partition == "aws" || account.Partition == "")
	if p.path != "" && t.Issuer() != "" && !keyed {
		t.Findings = append(t.Findings, Finding{Rule: gitlabPathSubject, Path: path.Path, Detail: p.String()})
	}
	if t.Issuer() == "" || path.Present && p.path == "" || !idRead || p.path == "" && p.id == "" || !protected.Known || protected.Bool() && !protectable {
		return
	}
	for _, ref := range refs {
		ref.protected = protected.Bool()
		t.Grants = append(t.Grants, g.grant(v.Path, p, ref, t.Audiences(), keyed))
	}
}

// grant trusts one ref, or a prefix of refs, of one project. keyed says that AWS fills the project's id.
func (g GitLab) grant(path string, p gitlabProject, ref gitlabRef, audiences []string, keyed bool) Grant {
	claims := map[string][]string{"aud": audiences, "sub": p.patterns(ref)}
	if keyed {
		claims[gitlabClaim] = []string{p.id}
	}
	if ref.protected {
		claims[gitlabProtected] = []string{"true"}
	}
	instance := ""
	if p.issuer != gitlabIssuer {
		instance = " at " + hostOf(p.issuer)
	}
	return Grant{
		Path:     path,
		Sentence: fmt.Sprintf("%s%s: %s %s", g.Title(), instance, p, ref.phrase()),
		Claims:   claims,
		Admits: func(token map[string]any) bool {
			s, ok := parseGitLabSubject(textOf(token["sub"]))
			return ok && slices.Contains(audiences, audienceOf(token)) && p.admits(s) && ref.admits(s) &&
				(!keyed || textOf(token[gitlabClaim]) == p.id) && (!ref.protected || textOf(token[gitlabProtected]) == "true")
		},
		Tokens: func() []Token { return gitlabTokens(p, ref, audiences, keyed) },
	}
}
