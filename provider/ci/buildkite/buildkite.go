// Package buildkite is Buildkite: its issuer, its tokens, and the words in which its jobs are trusted.
package buildkite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is Buildkite Pipelines.
//
// Issuer: one for all organizations. Audience: what the job asks for, sts.amazonaws.com by Buildkite's AWS plugin.
// Subject: organization:ORG:pipeline:PIPELINE:ref:REF:commit:COMMIT:step:STEP, unless the job asks for one that is a
// bare id.
//
// Sources:
// https://buildkite.com/docs/agent/cli/reference/oidc
// https://buildkite.com/docs/pipelines/security/oidc/aws
type System struct{}

const (
	host     = "agent.buildkite.com"
	audience = "sts.amazonaws.com"
	docs     = "https://buildkite.com/docs/agent/cli/reference/oidc"
)

// Section is "buildkite".
func (System) Section() string { return "buildkite" }

// Title is "Buildkite".
func (System) Title() string { return "Buildkite" }

var (
	anyRef = ci.Rule{
		ID: "buildkite-any-ref", Severity: ci.High, Unreviewed: true,
		Summary: "every build of any branch or of any tag gets the role: whoever may push one, and pull requests of " +
			"forks where the pipeline builds them",
		Remediation: "Name the branches or tags that deploy.",
		Source:      docs,
	}
	slugsAlone = ci.Rule{
		ID: "buildkite-slugs-alone", Severity: ci.Medium,
		Summary: "organization and pipeline are known by their slugs alone, which can be renamed: whoever takes a " +
			"slug that has become free gets the role",
		Remediation: "Give the pipeline's id, which never changes, and ask for the claim pipeline_id in its jobs, as " +
			"the pipeline YAML does.",
		Source: docs + "#custom-subject-claims",
	}
	unprefixedForks = ci.Rule{
		ID: "buildkite-fork-branches", Severity: ci.Low,
		Summary: "if the pipeline builds pull requests of forks, the branch main of a fork is the branch main in the " +
			"token too, unless the pipeline puts the owner before the names of such branches",
		Remediation: `Do not build pull requests of forks in this pipeline, or turn on "Prefix third-party fork ` +
			`branch names" in its GitHub settings: the ` +
			"branch is then OWNER:main, which no name here admits.",
		Source: "https://buildkite.com/docs/pipelines/source-control/github",
	}
	anyCommits = ci.Rule{
		ID: "buildkite-any-commit", Severity: ci.Low,
		Summary: "the branch is what the build says of itself: whoever may create builds of the pipeline, by hand, " +
			"by the API or by a trigger step, names a trusted branch beside any commit",
		Remediation: "Let only those teams build the pipeline who may deploy, and give API tokens with " +
			"write_builds to nobody else.",
		Source: "https://buildkite.com/docs/apis/rest-api/builds#create-a-build",
	}
)

// Rules are the findings of Buildkite.
func (System) Rules() []ci.Rule {
	return []ci.Rule{anyRef, slugsAlone, ci.RefPrefix("main"), ci.RefPrefix("release/"), unprefixedForks, anyCommits}
}

// Issuer is what signs the tokens of Buildkite.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host, Shared: true,
		Hosts: []ci.Host{{
			Host: host, Shared: true, Control: trust.Control{Claims: []string{"sub"}},
			Forms: []*ci.Form{builtBranch, builtTag, bareID}, Claims: keys, Judge: judge,
		}},
	}
}

// Forms are the forms of their subjects: all but a bare id, which a job may ask for and this package never trusts.
// Source: https://buildkite.com/docs/agent/cli/reference/oidc#custom-subject-claims
func (System) Forms() []*ci.Form { return []*ci.Form{branchForm, tagForm} }

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks:   []string{"BUILDKITE"},
		Command: []string{"buildkite-agent", "oidc", "request-token", "--audience", ci.AudienceWord},
		Source:  docs,
	}
}

// Read understands the section buildkite.
func (b System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust("https://"+host, section, account, problems, audience)
	organization := readSlug(section.Field("organization"), organizationSlug, "buildkite.com/ORGANIZATION", problems)
	var words pasted
	var listed listed
	for _, v := range section.Field("pipelines").List {
		if v.Known {
			b.readPipeline(v, account, organization, &t, &words, &listed, problems)
		}
	}
	listed.group()
	for _, i := range listed.items {
		for _, ref := range i.refs {
			t.Grants = append(t.Grants, b.grant(i, ref, t.Audiences(), keyed(account)))
		}
	}
	t.Pipeline = func(role ci.Role) string { return words.config(role, t.Audiences()) }
	return []ci.Trust{t}
}

// keyed reports that AWS fills Buildkite's keys.
func keyed(account ci.Account) bool { return account.Partition == "aws" || account.Partition == "" }

// readPipeline turns one item of pipelines into grants.
func (b System) readPipeline(
	v input.Value, account ci.Account, organization string, t *ci.Trust, words *pasted, listed *listed,
	problems *input.Problems,
) {
	keyed := keyed(account)
	p := pipeline{
		organization: organization,
		slug:         readSlug(v.Field("slug"), pipelineSlug, "buildkite.com/ORGANIZATION/PIPELINE", problems),
	}
	id := v.Field("id")
	switch {
	case id.Present && !keyed:
		problems.Add(id, "needs the condition key "+host+
			":pipeline_id, which AWS fills in the aws partition only; leave it out: here the "+
			"slugs in the subject decide alone")
	case !id.Present && keyed:
		t.Findings = append(t.Findings, ci.Finding{Rule: slugsAlone, Path: v.Path, Detail: p.String()})
	default:
		p.id = readID(id, problems)
	}
	var refs []reference
	named := false
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		list := v.Field(kind.Word)
		named = named || list.Present
		if kind == ci.Branches && !keyed {
			refuseForkPrefixes(list, problems)
		}
		names := ci.ReadRefs(list, kind, problems)
		for _, n := range names {
			refs = append(refs, reference{kind, n})
		}
		t.Findings = append(t.Findings, ci.RefFindings(names, kind, anyRef, list.Path, p.String())...)
	}
	if !named {
		t.Findings = append(t.Findings,
			ci.Finding{Rule: anyRef, Path: v.Path, Detail: p.String() + " on any branch or tag"})
		refs = []reference{{}}
	}
	if v.Field("branches").Present || !named {
		t.Findings = append(t.Findings, ci.Finding{Rule: unprefixedForks, Path: v.Path, Detail: p.String()},
			ci.Finding{Rule: anyCommits, Path: v.Path, Detail: p.String()})
	}
	if organization == "" || p.slug == "" || id.Present && p.id == "" {
		return
	}
	listed.add(&item{pipeline: p, path: v.Path, refs: refs})
	words.add(p, refs)
}

// refuseForkPrefixes reports prefixes of branches that the account of a fork's owner can begin with, where AWS does not
// see which branches are those of forks. Any branch at all is a finding of its own, which says so.
func refuseForkPrefixes(branches input.Value, problems *input.Problems) {
	for _, v := range branches.Texts() {
		prefix, found := strings.CutSuffix(v.Text(), "*")
		n := ci.Name{Text: prefix, Prefix: found}
		if !mayBeFork(n) || ci.RefProblem(n, ci.Branches) != "" {
			continue
		}
		problems.Add(v, "would admit branches of forks, too: the branch evil of a fork whose owner is called "+
			"mainhacker is mainhacker:evil, which begins like main. Only the condition key "+host+
			":build_branch tells such a branch from yours, and AWS fills it in the aws partition only; list the "+
			"branches, or end the prefix in a /, which no account's name has, such as release/*", input.Got(v))
	}
}

// A pipeline's slug is in lower case where Buildkite made it from the name, and need not be where somebody gave it. The
// form of an organization's is not documented; what counts is that it has no ":".
// Source: https://buildkite.com/docs/apis/rest-api/pipelines#deriving-a-pipeline-slug-from-the-pipelines-name
var (
	pipelineSlug     = ci.NewExpression(`^[A-Za-z0-9][A-Za-z0-9-]{0,99}$`)
	organizationSlug = ci.NewExpression(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// readSlug reads a slug; where says at which place of a URL it stands.
func readSlug(v input.Value, form *ci.Expression, where string, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case ci.UUID.MatchString(strings.ToLower(text)):
		problems.Add(v, "is an id; Buildkite writes the slug into the subject: the part of the URL "+where,
			input.Got(v))
	case strings.Contains(text, "/"):
		problems.Add(v, "must be the slug alone: the last part of the URL "+where, input.Got(v))
	case !form.MatchString(text):
		problems.Add(v, "must be the slug from the URL "+where+": letters, digits and hyphens, such as super-duper-app",
			input.Got(v))
	default:
		return text
	}
	return ""
}

func readID(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	text := v.Text()
	switch {
	case ci.UUID.MatchString(text):
		return text
	case ci.UUID.MatchString(strings.ToLower(text)):
		problems.Add(v, "has capital letters; Buildkite writes it in lower case, and AWS compares letter by letter",
			input.Got(v))
	default:
		problems.Add(v, "must be the pipeline's UUID: BUILDKITE_PIPELINE_ID in a job's Environment tab, such as "+
			"0184990a-4782-42b5-afc1-16715b10b1f0", input.Got(v))
	}
	return ""
}

// A pipeline is a pipeline, with its id where that was given.
type pipeline struct{ organization, slug, id string }

func (p pipeline) String() string {
	switch {
	case p.organization == "" || p.slug == "":
		return "the pipeline"
	case p.id != "":
		return p.organization + "/" + p.slug + " (pipeline " + p.id + ")"
	}
	return p.organization + "/" + p.slug
}

// A reference is the refs of one word; without a kind it is any ref.
type reference struct {
	kind ci.RefKind
	name ci.Name
}

func (r reference) phrase() string {
	if r.kind.Word == "" {
		return "on any branch or tag"
	}
	return r.name.Phrase("on", r.kind.Noun, r.kind.Word)
}

// exactBranch reports that the ref is one branch.
func (r reference) exactBranch() bool { return r.kind.Word == ci.Branches.Word && !r.name.Prefix }

// grant trusts one ref, or a prefix of refs, of one pipeline.
func (b System) grant(i *item, ref reference, audiences []string, keyed bool) ci.Grant {
	p := i.pipeline
	claims := map[string][]string{"aud": audiences, "sub": p.patterns(ref, keyed)}
	if ref.namedByKey(keyed) {
		claims["build_branch"] = []string{ref.name.Pattern()}
	}
	if p.id != "" {
		claims["pipeline_id"] = i.listed.alike.IDs(i.at)
	}
	g := ci.Grant{
		Path:     i.path,
		Sentence: fmt.Sprintf("Buildkite: %s %s", p, ref.phrase()),
		Claims:   claims,
		Admits: func(token map[string]any) bool {
			return slices.Contains(audiences, ci.AudienceOf(token)) &&
				i.admitsID(ref, ci.TextOf(token["pipeline_id"])) && p.admits(token, ref, keyed)
		},
		Tokens: func() []ci.Token { return append(tokens(p, ref, audiences, keyed), i.crossed(audiences)...) },
	}
	if ref.name.Prefix && ref.namedByKey(keyed) {
		g.Refuse, g.Refuses = map[string][]string{"build_branch": {forkBranches}}, ofFork
	}
	return g
}
