// Package github is GitHub Actions: its issuer, its tokens, and the words in which its jobs are trusted.
package github

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is GitHub Actions on github.com, on GHE.com and on a GitHub Enterprise Server.
//
// Issuer: one for all of github.com, so every statement must pin the owner; an enterprise can have one of its own, and
// a GitHub Enterprise Server is one. Audience: the workflow picks it, so it separates nobody from anybody. Subject:
// repo:OWNER/NAME:CONTEXT for repositories older than 2026-07-15, with ids (repo:OWNER@ID/NAME@ID:CONTEXT) for those
// created, renamed or transferred later; with other claims where the repository's template says so. A job with an
// environment carries the environment and never its branch. A GitHub Enterprise Server has no subject with ids, and AWS
// fills none of its claims beside aud and sub.
//
// Sources:
// https://docs.github.com/en/actions/reference/security/oidc
// https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
type System struct{}

const (
	// Host is the issuer of github.com, without its scheme.
	Host   = "token.actions.githubusercontent.com"
	issuer = "https://" + Host
	docs   = "https://docs.github.com/en/actions/reference/security/oidc"

	// printIDs prints a repository as the input repository wants it.
	printIDs = `gh api repos/OWNER/NAME --jq '"\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"'`
)

// Section is "github".
func (System) Section() string { return "github" }

// Title is "GitHub Actions".
func (System) Title() string { return "GitHub Actions" }

var (
	classicSubject = ci.Rule{
		ID: "github-classic-subject", Severity: ci.Medium, Refused: true,
		Summary: "the repository is named without ids, or with ids left open: whoever registers the names after they " +
			"were given up gets in. Where the subject repo:OWNER/NAME:... alone is trusted, tokens of a repository " +
			"created, renamed or transferred after 2026-07-15, whose subject is repo:OWNER@ID/NAME@ID:..., are refused",
		Remediation: "Write the repository with its ids, as printed by " + printIDs + ".",
		Source:      docs,
	}
	anyRef = ci.Rule{
		ID: "github-any-ref", Severity: ci.High, Unreviewed: true,
		Summary:     "whoever may push any branch or tag to the repository gets the role, without a review",
		Remediation: "Name the branches or tags that deploy, or an environment with deployment-branch rules.",
		Source:      docs,
	}
	environmentWildcard = ci.Rule{
		ID: "github-environment-wildcard", Severity: ci.Medium,
		Summary:     "a workflow that names an environment which does not exist creates it, without protection rules",
		Remediation: "Name the environments one by one, and protect each with deployment-branch rules.",
		Source:      "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments",
	}
	environmentRules = ci.Rule{
		ID: "github-environment-rules", Severity: ci.Low,
		Summary: "the token of a job with an environment does not name its branch: while the environment has no " +
			"deployment-branch rules, any branch and any pull request of the repository gets the role by " +
			"naming the environment",
		Remediation: "Check that the environment exists and has deployment-branch rules (Settings > Environments > " +
			"Deployment branches and tags).",
		Source: "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments",
	}
	pullRequests = ci.Rule{
		ID: "github-pull-requests", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
		Summary:     "jobs of pull requests run code that nobody has reviewed",
		Remediation: "Give this role read access at most, and deploy with another role.",
		Source:      docs,
	}
	pullRequestTarget = ci.Rule{
		ID: "github-pull-request-target", Severity: ci.Low,
		Summary: "a pull_request_target run belongs to the base branch, and a stranger's pull request starts it; " +
			"whether its token carries the branch in sub is not documented, so a trusted branch may admit it. With " +
			"the subject template [repo, ref] it does: the run looks exactly like a push to the branch, and so does " +
			"that of a closed pull request",
		Remediation: "Check that no workflow with pull_request_target asks for id-token: write and runs code of the " +
			"pull request, and that the repository's subject template is not [repo, ref]: gh api " +
			"repos/OWNER/NAME/actions/oidc/customization/sub prints it.",
		Source: "https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target",
	}
	classicUnpinned = ci.Rule{
		ID: "github-classic-refused", Severity: ci.Low,
		Summary: "AWS fills the key repository_owner_id in the aws partition only, and not for an enterprise's own " +
			"issuer on GHE.com; there the subject without ids cannot be pinned to its owner and is not trusted, so " +
			"tokens of repositories that have not opted in to the subject with ids are refused",
		Remediation: "Switch the repository to the immutable subject (Settings > Actions > General > OpenID Connect).",
		Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif",
	}
	// Not high: the server is the organization's own, and its subject has no other form.
	serverNames = ci.Rule{
		ID: "github-server-names-alone", Severity: ci.Medium,
		Summary: "a GitHub Enterprise Server names owner and repository without ids, and AWS sees nothing beside aud " +
			"and sub: whoever may register the names on the server after they were given up gets in",
		Remediation: "Let the repository's subject template name repository_id, and write the ids and subjectClaims; " +
			"or keep the names of trusted repositories from being given up.",
		Source: "https://docs.github.com/en/enterprise-server@latest/actions/reference/security/oidc",
	}
)

// Rules are the findings of GitHub Actions.
func (System) Rules() []ci.Rule {
	return []ci.Rule{
		classicSubject, anyRef, ci.RefPrefix("main"), ci.RefPrefix("release/"), mergeQueue, environmentWildcard,
		pullRequests, movableWorkflow, narrowingVoid, anyRepository, organizationWorkflow, serverNames,
		pullRequestTarget, environmentRules, classicUnpinned, compactForm,
	}
}

// control is what AWS wants tested for every issuer that begins with Host.
// Recorded: oidc_trust_controls_github_aws.json, oidc_trust_controls_details_aws.json.
var control = trust.Control{Claims: []string{"sub", "job_workflow_ref"}, Form: trust.NotFromTheStart}

// Issuer is what signs the tokens of GitHub Actions.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: issuer, Shared: true,
		Hosts: []ci.Host{
			cloud(Host, "", true, control),
			cloud(Host+"/*", "GitHub Actions of an enterprise", false, control),
			cloud("token.actions.*.ghe.com", "GitHub Actions of a GHE.com enterprise", false, trust.Control{}),
			cloud("token.actions.*.ghe.com/*", "GitHub Actions of a GHE.com enterprise", false, trust.Control{}),
			cloud("github.com/enterprises/*", "GitHub Actions of an enterprise", false, trust.Control{}),
			{
				Host: "*/_services/token", Title: "GitHub Enterprise Server", Forms: serverQuestions.forms(false),
				Judge: serverReads,
			},
		},
	}
}

// cloud is an issuer on github.com or GHE.com.
func cloud(host, title string, shared bool, control trust.Control) ci.Host {
	return ci.Host{
		Host: host, Title: title, Shared: shared, Control: control, Forms: cloudQuestions.forms(shared), Claims: keys,
		Judge: reads,
	}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"GITHUB_ACTIONS"}, Request: workflow.HandOutRequest(),
		Condition: "permissions: id-token: write in the workflow or the job",
		Source:    docs,
	}
}

// A shared is what the items of repositories have in common.
type shared struct {
	instance instance
	readable bool // the issuer is known
	keyed    bool // AWS fills the claims of GitHub's own
	byIDs    bool // repositories are known by their ids alone
	named    names
	words    pasted
	made     forms
	listed   listed

	customised    bool          // a repository has a subject template of its own
	contexts      []context     // all that are trusted
	organizations []input.Value // the items that are trusted
}

// Read understands the section github.
func (g System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	s := shared{named: names{}, made: forms{}}
	s.instance, s.readable = readInstance(section, problems)
	issuer := ""
	if s.readable {
		issuer, s.keyed = s.instance.issuer(), s.instance.keyed(account)
		s.words.server = s.instance.server()
	}
	audience := workflow.ActionAudience
	if account.Partition == "aws-cn" {
		// Source: https://github.com/aws-actions/configure-aws-credentials
		audience = "sts.amazonaws.com.cn"
	}
	s.byIDs = readIdentify(section.Field("identify"), &s, problems)
	t := ci.NewTrust(issuer, section, account, problems, audience)
	t.Compacted = s.byIDs
	for _, v := range section.Field("repositories").List {
		if v.Known {
			g.readRepository(v, &t, &s, problems)
		}
	}
	s.listed.group()
	t.Findings = append(t.Findings, s.listed.voids()...)
	for _, e := range s.listed.entries {
		s.contexts = append(s.contexts, e.contexts...)
		for _, c := range e.contexts {
			t.Grants = append(t.Grants, e.item.grant(e.path, c))
		}
	}
	named := len(t.Grants)
	for _, v := range section.Field("organizations").List {
		if v.Known {
			g.readOrganization(v, &t, &s, problems)
		}
	}
	s.exact(t.Grants[:named])
	s.requireIDs(section, t.Grants[:named], problems)
	s.refuseTemplates(problems)
	if !ci.AnyPresent(section, []string{"repositories", "organizations"}) {
		problems.Add(section.Field("repositories"), "is missing, and so is organizations: nobody is trusted. Name the "+
			"repositories whose jobs may have the role")
	}
	t.Pipeline = func(role ci.Role) string { return s.words.workflow(role, t.Audiences()) }
	return []ci.Trust{t}
}

// readRepository turns one item of repositories into grants.
func (g System) readRepository(v input.Value, t *ci.Trust, s *shared, problems *input.Problems) {
	item, readable := g.readItem(v, t, s, problems)
	shown := item.repository.String() // in a detail, where the repository may not be known or readable
	if item.repository.name == "" {
		shown = "the repository"
	}
	contexts := readContexts(v, t, s, shown, problems)
	words := []string{"branches", "tags", "environments", "pullRequests", "mergeQueue"}
	if !ci.AnyPresent(v, words) {
		problems.Add(v.Field("branches"),
			"is missing, and so are tags, environments, mergeQueue and pullRequests: true; give at least one of "+
				"them, to say which jobs of the repository are trusted. Every job, pull requests "+
				"included, is never meant")
	}
	if !readable || !checkTemplate(v, item, contexts, problems) || !item.checkWorkflows(v, contexts, problems) ||
		s.byIDs && !item.checkIDs(v, problems) {
		return
	}
	s.customised = s.customised || item.template.customised()
	t.Findings = append(t.Findings, item.findings(v)...)
	for _, c := range contexts {
		if c.Kind == "branch" && !strings.HasPrefix(c.Name.Text, queueBranches) {
			t.Findings = append(t.Findings, item.targets(v, shown, c))
		}
	}
	s.listed.add(&entry{item: item, path: v.Path, contexts: contexts})
	s.words.use(item, contexts)
}

// targets is the finding about pull_request_target of a branch.
func (i item) targets(v input.Value, shown string, c context) ci.Finding {
	rule := pullRequestTarget
	rule.Remediation = i.instance.at(rule.Remediation)
	return ci.Finding{Rule: rule, Path: v.Path, Detail: shown + " " + c.phrase()}
}

// readContexts reads which jobs of a repository are trusted, and finds what is risky about them.
func readContexts(v input.Value, t *ci.Trust, s *shared, shown string, problems *input.Problems) []context {
	var contexts []context
	found := func(rule ci.Rule, word, detail string) {
		t.Findings = append(t.Findings, ci.Finding{Rule: rule, Path: v.Field(word).Path, Detail: shown + " " + detail})
	}
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		names := ci.ReadRefs(v.Field(kind.Word), kind, problems)
		plain := slices.DeleteFunc(slices.Clone(names), func(n ci.Name) bool {
			return strings.HasPrefix(n.Text, queueBranches)
		})
		t.Findings = append(t.Findings, ci.RefFindings(plain, kind, anyRef, v.Field(kind.Word).Path, shown)...)
		for _, n := range names {
			contexts = append(contexts, newContext(kind.Noun, n))
			if kind == ci.Branches && meetsQueue(n) && !slices.Contains(names, anything) {
				found(mergeQueue, kind.Word, newContext(kind.Noun, n).phrase())
			}
		}
	}
	for _, branch := range readQueues(v.Field("mergeQueue"), problems) {
		contexts = append(contexts, newQueue(branch))
		found(mergeQueue, "mergeQueue", "in the merge queue of branch "+branch)
	}
	environments := readEnvironments(v.Field("environments"), s.readable && s.instance.server(), problems)
	for _, n := range environments {
		contexts = append(contexts, newContext("environment", n))
		switch {
		case n.Prefix:
			found(environmentWildcard, "environments", "in environment "+n.Pattern())
		case !slices.ContainsFunc(environments, func(other ci.Name) bool {
			return other.Prefix && other.Admits(n.Text)
		}):
			found(environmentRules, "environments", "in environment "+n.Pattern())
		}
	}
	if v.Field("pullRequests").Bool() {
		contexts = append(contexts, newContext("pull_request", ci.Name{}))
		found(pullRequests, "pullRequests", "on pull requests")
	}
	return contexts
}

// A repository is a repository, with its ids where they were given.
type repository struct{ owner, ownerID, name, id string }

func (r repository) classic() string { return "repo:" + r.owner + "/" + r.name }

func (r repository) immutable() string { return "repo:" + r.withIDs() }

func (r repository) withIDs() string {
	return r.owner + "@" + r.ownerID + "/" + r.name + "@" + r.id
}

func (r repository) String() string { return r.owner + "/" + r.name }

// names are the ids that names were given so far: of owners, and of repositories by OWNER/NAME.
type names map[string]string

// contradiction says what is wrong with a repository beside the earlier ones: a name has one id at a time.
func (named names) contradiction(r repository) string {
	for _, n := range []struct {
		what, name, id string
	}{{"owner", r.owner, r.ownerID}, {"repository", r.String(), r.id}} {
		if n.id == "" {
			continue
		}
		if first := named[n.name]; first != "" && first != n.id {
			return "gives the " + n.what +
				" another id than an item before it does, and a name has one id at a time; " + repositoryHelp
		}
		named[n.name] = n.id
	}
	return ""
}

var (
	written   = ci.NewExpression(`^([A-Za-z0-9][A-Za-z0-9_-]{0,99})(@[^/@]*)?/([A-Za-z0-9._-]{1,100})(@[^/@]*)?$`)
	idPattern = ci.NewExpression(`^@[1-9][0-9]{0,19}$`)
)

const repositoryHelp = "write OWNER@OWNER_ID/NAME@REPOSITORY_ID, such as acme@1234567/web@89012345; " + printIDs +
	" prints it"

// serverForm is the form for a GitHub Enterprise Server, which has no subject with ids.
const serverForm = "write OWNER/NAME, such as acme/web"

// parseRepository reads the input repository; the rule says what is wrong with it.
func parseRepository(text string) (repository, string) {
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "git@"), strings.HasPrefix(text, "github.com/"):
		return repository{}, "is a URL; " + repositoryHelp
	case strings.HasSuffix(text, ".git"):
		return repository{}, "ends in .git, which is part of the clone URL and not of the name; " + repositoryHelp
	case strings.ContainsAny(text, "*?"):
		return repository{}, "has a wildcard; a trust names each repository, because a wildcard takes in those that " +
			"anybody may create later: " + repositoryHelp
	case strings.Contains(text, "${"):
		return repository{}, "must not contain ${, which IAM would read as a policy variable; " + repositoryHelp
	case !strings.Contains(text, "/"):
		return repository{}, "names no repository; " + repositoryHelp
	case strings.Contains(text, ":"):
		return repository{}, "names more than a repository: which jobs are trusted is said by branches, tags, " +
			"environments and pullRequests; " + repositoryHelp
	}
	parts := written.FindStringSubmatch(text)
	if parts == nil || strings.Trim(parts[3], ".") == "" {
		return repository{}, "is not the name of a repository; " + repositoryHelp
	}
	if (parts[2] == "") != (parts[4] == "") {
		return repository{}, "has one id of two; " + repositoryHelp
	}
	for _, id := range []string{parts[2], parts[4]} {
		if id != "" && !idPattern.MatchString(id) {
			return repository{}, "has an id that is no number; " + repositoryHelp
		}
	}
	return repository{parts[1], strings.TrimPrefix(parts[2], "@"), parts[3], strings.TrimPrefix(parts[4], "@")}, ""
}
