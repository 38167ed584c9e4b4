// Package circleci is CircleCI: its issuer, its tokens, and the words in which its jobs are trusted.
package circleci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// System is CircleCI: circleci.com, or a self-hosted CircleCI server.
//
// Each organization has its own issuer, on a server too. The audience is the organization's id, unless the job asks for
// another. A subject has one of two forms: the short one in CIRCLE_OIDC_TOKEN (V1), and the same followed by origin and
// ref in CIRCLE_OIDC_TOKEN_V2. Jobs that an inbound webhook started have the short form in both. A trust that names
// refs therefore admits V2 tokens alone. For a server AWS fills no key other than aud and sub.
//
// Sources:
// https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
// https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/
// https://support.circleci.com/hc/en-us/articles/13832176226203-Troubleshooting-OIDC-in-CircleCI
type System struct{}

const (
	cloud = "oidc.circleci.com"
	host  = cloud + "/org/"
	docs  = "https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/"
	claim = "oidc.circleci.com/project-id"

	customClaims = "https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/"
)

// Section is "circleci".
func (System) Section() string { return "circleci" }

// Title is "CircleCI".
func (System) Title() string { return "CircleCI" }

// AnyRef is the finding about jobs of any branch or tag.
var AnyRef = ci.Rule{
	ID: "circleci-any-ref", Severity: ci.High, Unreviewed: true,
	Summary: "every job of the project gets the role, whatever its branch or tag: whoever may push a branch, and " +
		"builds of forks where the project passes secrets to them and vcsOrigin is not given",
	Remediation: "Give vcsOrigin and the branches or tags that deploy.",
	Source:      docs,
}

// Rules are the findings of CircleCI.
func (System) Rules() []ci.Rule {
	return []ci.Rule{AnyRef, ci.RefPrefix("main"), ci.RefPrefix("release/")}
}

// readUUID reads an identifier; where says on which page of CircleCI it stands.
func readUUID(v input.Value, where string, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case ci.UUID.MatchString(text):
		return text
	case ci.UUID.MatchString(strings.ToLower(text)):
		problems.Add(v, "has capital letters; CircleCI writes it in lower case, and AWS compares letter by letter",
			input.Got(v))
	default:
		problems.Add(v, "must be the UUID from "+where+", such as 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11", input.Got(v))
	}
	return ""
}

// Issuer is what signs the tokens of CircleCI.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host + "ORGANIZATION_ID",
		Hosts: []ci.Host{
			// A job can ask for another audience, and for nothing else: its subject is CircleCI's.
			{
				Host: cloud + "/*", Forms: audited, Fixes: named, Judge: reads,
				Implied: map[string]string{claim: customClaims},
			},
			// `circleci run oidc get --root-issuer` asks for tokens of this one.
			{Host: cloud, Title: "CircleCI (root issuer)", Shared: true, Forms: audited, Judge: reads},
		},
		Installed: &ci.Host{Title: "CircleCI server", Forms: audited, Fixes: named, Judge: reads},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form { return []*ci.Form{short, long, built} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"CIRCLECI"}, Variable: "CIRCLE_OIDC_TOKEN_V2",
		Command: []string{"circleci", "run", "oidc", "get", "--claims", `{"aud":"` + ci.AudienceWord + `"}`},
		Condition: "on circleci.com nothing; on a CircleCI server oidc_service.isEnabled; in builds of forks, that " +
			"the project passes secrets to them",
		Source: docs,
	}
}

// Read understands the section circleci.
func (c System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	issuer := ""
	organization := readUUID(section.Field("organizationId"), "Organization Settings > Overview", problems)
	host := readHost(section.Field("hostname"), problems)
	if organization != "" && host != "" {
		issuer = "https://" + host + "/org/" + organization
	}
	t := ci.NewTrust(issuer, section, account, problems, organization)
	words := words{organization: organization}
	everything := map[string]bool{} // projects of which an item names neither origin nor refs: it covers the others
	for _, v := range section.Field("projects").List {
		if v.Known && !v.Field("vcsOrigin").Present && !v.Field("branches").Present && !v.Field("tags").Present {
			everything[v.Field("id").Text()] = true
		}
	}
	for _, v := range section.Field("projects").List {
		if v.Known {
			c.readProject(v, account, project{host: host, organization: organization}, everything, &t, &words,
				problems)
		}
	}
	t.Pipeline = func(role ci.Role) string { return words.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readProject turns one item of projects into grants. p is the project as far as the section says it.
func (c System) readProject(
	v input.Value, account ci.Account, p project, everything map[string]bool, t *ci.Trust, words *words,
	problems *input.Problems,
) {
	p.id, p.origin = readUUID(v.Field("id"), "Project Settings > Overview", problems),
		readOrigin(v.Field("vcsOrigin"), problems)
	var refs []ref
	var named []string
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		list := v.Field(kind.Word)
		if list.Present {
			named = append(named, kind.Word)
		}
		names := ci.ReadRefs(list, kind, problems)
		for _, n := range names {
			refs = append(refs, ref{kind, n})
		}
		if !everything[p.id] {
			t.Findings = append(t.Findings, ci.RefFindings(names, kind, AnyRef, list.Path, p.String())...)
		}
	}
	if origin := v.Field("vcsOrigin"); len(named) > 0 && !origin.Present {
		problems.Add(origin, "is missing; "+strings.Join(named, " and ")+
			" need it, because a fork has branches and tags of the same names. "+originHelp)
	}
	if len(named) == 0 {
		t.Findings = append(t.Findings,
			ci.Finding{Rule: AnyRef, Path: v.Path, Detail: p.String() + " on any branch or tag"})
		refs = []ref{{}}
	}
	if t.Issuer() == "" || p.id == "" || v.Field("vcsOrigin").Present && p.origin == "" {
		return
	}
	for _, ref := range refs {
		t.Grants = append(t.Grants, c.grant(v.Path, p, ref, t.Audiences(), account))
	}
	words.add(p, refs)
}

const originHelp = "Copy it from a token: in a job of the project run echo $CIRCLE_OIDC_TOKEN_V2 | cut -d. -f2 | " +
	"base64 -d, and take the part of sub between vcs-origin/ and /vcs-ref, such as github.com/acme/web"

// readOrigin reads vcsOrigin as CircleCI writes it into a token.
func readOrigin(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "git@"), strings.HasSuffix(text, ".git"):
		problems.Add(v, "is a URL; CircleCI writes host and path alone. "+originHelp, input.Got(v))
	case strings.ContainsAny(text, "*?"), strings.Contains(text, "${"):
		problems.Add(v, "must be one exact repository, without *, ? and ${. "+originHelp, input.Got(v))
	case slices.Contains(strings.Split(text, "/"), "vcs-ref"), strings.HasPrefix(text, "vcs-origin/"),
		strings.Contains(text, "/vcs-origin/"):
		problems.Add(v, "has a part of the subject around it. "+originHelp, input.Got(v))
	case !originForm.MatchString(text) || !ci.Printable(text):
		problems.Add(v, "must be host and path of the repository, without a slash at the end and without white space. "+
			originHelp, input.Got(v))
	default:
		return text
	}
	return ""
}

var originForm = ci.NewExpression(`^[^\s/]+(/[^\s/]+)+$`)

// A project is one project of CircleCI, with the repository that it must be built from, if one was given.
type project struct{ host, organization, id, origin string }

func (p project) String() string {
	if p.id == "" {
		return "the project"
	}
	if p.origin != "" {
		return p.origin + " (project " + p.id + ")"
	}
	return "project " + p.id
}

// A ref is the refs of one word; without a kind it is any ref.
type ref struct {
	kind ci.RefKind
	name ci.Name
}

func (r ref) phrase() string {
	if r.kind.Word == "" {
		return "on any branch or tag"
	}
	return r.name.Phrase("on", r.kind.Noun, r.kind.Word)
}

// grant trusts one ref, or a prefix of refs, of one project.
func (c System) grant(path string, p project, ref ref, audiences []string, account ci.Account) ci.Grant {
	subjects := p.subjects(ref)
	claims := map[string][]string{"aud": audiences, "sub": patterns(subjects)}
	keyed := p.host == cloud && (account.Partition == "aws" || account.Partition == "")
	if keyed {
		claims[claim] = []string{p.id}
	}
	return ci.Grant{
		Path:     path,
		Sentence: fmt.Sprintf("CircleCI%s: %s %s", p.server(), p, ref.phrase()),
		Claims:   claims,
		Admits: func(token map[string]any) bool {
			return slices.Contains(audiences, ci.AudienceOf(token)) && admits(subjects, ci.TextOf(token["sub"])) &&
				(!keyed || ci.TextOf(token[claim]) == p.id)
		},
		Tokens: func() []ci.Token { return tokens(p, ref, audiences, keyed) },
	}
}
