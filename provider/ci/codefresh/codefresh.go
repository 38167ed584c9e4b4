package codefresh

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is System, as a service and on premises.
//
// Issuer: one for all accounts, also for installations on premises. Audience: the platform's URL, unless the step that asks for
// the token names another. Subject: account and pipeline by id, then what started the build: nothing more for a cron trigger,
// the initiator for a run by hand, repository, Git user and ref for a Git trigger, and the target branch for a pull request.
// Where something varies in front of the ref, only values that are listed are trusted: no name takes a wildcard.
//
// Sources: docs,
// https://github.com/sigstore/fulcio/blob/main/pkg/identity/codefresh/principal_test.go (subjects of runs by hand)
type System struct{}

const (
	host     = "oidc.codefresh.io"
	audience = "https://g.codefresh.io"
	docs     = "https://codefresh.io/docs/docs/integrations/oidc-pipelines/"

	cronTriggers = "https://codefresh.io/docs/docs/pipelines/triggers/cron-triggers/"
	pipelines    = "https://codefresh.io/docs/docs/pipelines/pipelines/"
)

// The subject's forms, by what starts a build. That a name of a user has no ":" is not documented. A Git user's could not
// matter: git allows no ":" in a ref, so that what stands last is what it seems.
var (
	cronForm    = newForm("")
	manual      = newForm(":initiator:{initiator}", initiator)
	pushForm    = newForm(git, gitFields...)
	manualPush  = newForm(":initiator:{initiator}"+git, append([]ci.Field{initiator}, gitFields...)...)
	pullRequest = newForm(git+":scm_pull_request_target_branch:{target branch}", append(gitFields, ci.Field{Name: "target branch", Sample: "main"})...)
)

const git = ":scm_repo_url:{repository}:scm_user_name:{user}:scm_ref:{ref}"

var (
	initiator = ci.Field{Name: "initiator", Sample: "mona"}
	gitFields = []ci.Field{
		{Name: "repository", Texts: `https://[^:]+`, Sample: "https://github.com/acme/web", Other: "https://github.com/mallory/web"},
		{Name: "user", Sample: "octocat"}, {Name: "ref", Sample: "main"},
	}
)

func newForm(rest string, fields ...ci.Field) *ci.Form {
	id := func(name, sample, other string) ci.Field {
		return ci.Field{Name: name, Texts: `[0-9a-f]+`, Sample: sample, Other: other}
	}
	return ci.NewForm("account:{account}:pipeline:{pipeline}"+rest, append([]ci.Field{
		id("account", "6400000000000000000000aa", "6400000000000000000000bb"), id("pipeline", "6500000000000000000000aa", "6500000000000000000000bb"),
	}, fields...)...)
}

// Section is "codefresh".
func (System) Section() string { return "codefresh" }

// Title is "Codefresh".
func (System) Title() string { return "Codefresh" }

var pullRequests = ci.Rule{
	ID: "codefresh-pull-requests", Severity: ci.Medium,
	Summary: "builds of pull requests get the role: they run code that nobody has merged. Whether the token of a fork's pull request differs is not " +
		"documented, so the Git user that is named may send it from a fork, too",
	Remediation: "Give builds of pull requests a role of their own, one that only reads.",
	Source:      docs,
}

var manualRuns = ci.Rule{
	ID: "codefresh-manual-runs", Severity: ci.Low,
	Summary: "the subject of a run that somebody starts by hand without a Git trigger names no repository and no branch: whoever is named as the " +
		"initiator decides what it builds",
	Remediation: "Name only people who may deploy anything, or trust their runs of a Git trigger: add repository, users and refs.",
	Source:      docs,
}

var cronBranch = ci.Rule{
	ID: "codefresh-cron-any-branch", Severity: ci.Low,
	Summary: "the subject of a build that a cron trigger starts names no repository and no branch: which branch it builds is a setting of the trigger, " +
		"which whoever may edit the pipeline can change",
	Remediation: "Choose the branch that deploys in the trigger's settings, and let few people edit the pipeline.",
	Source:      cronTriggers,
}

// Rules are the findings of Codefresh.
func (System) Rules() []ci.Rule {
	return []ci.Rule{pullRequests, manualRuns, cronBranch}
}

// Issuer is what signs the tokens of Codefresh.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host, Shared: true,
		Hosts: []trust.Issuer{ci.Named("oidc.codefresh.io", `^account:[^*?:]+:`, "", []string{"pipeline", "initiator", "scm_repo_url", "scm_user_name", "scm_ref"})},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{cronForm, manual, pushForm, manualPush, pullRequest}
}

// Page is what people read about Codefresh.
func (System) Page() ci.Page {
	const pipeline = "account:ACCOUNT_ID:pipeline:PIPELINE_ID"
	const git = ":scm_repo_url:REPOSITORY:scm_user_name:USER:scm_ref:REF"
	return ci.Page{
		Names:    "pipelines by trigger: pushes, pull requests, cron, runs by hand",
		Beyond:   "on premises",
		Audience: "`" + audience + "`, and on premises the URL of the installation; a step can ask for another by its argument `AUDIENCE`",
		Subjects: []string{
			pipeline + " of a cron trigger",
			pipeline + ":initiator:INITIATOR of a run by hand",
			pipeline + git + " of a Git trigger, where REF is a branch or a tag",
			pipeline + git + ":scm_pull_request_target_branch:BRANCH of a pull request, where REF is its source branch",
			pipeline + ":initiator:INITIATOR" + git + " of a Git trigger that somebody ran by hand",
		},
		Pitfalls: []string{
			"The Git user stands in front of the ref, and a wildcard in that place would also cover what stands behind it. So every push is trusted with " +
				"the users who may push: list their names, as the Git provider has them.",
			"The documentation's pattern `" + pipeline + ":*` lets in every branch and every pull request, and refuses cron triggers.",
			"A branch and a tag of one name look alike in the subject.",
			"The subjects of builds that other triggers start are not documented, those of image registries, Helm and Artifactory among them, nor is that of a " +
				"cron trigger which simulates a Git trigger: no word is meant for them.",
			"Documented tokens show repositories on GitHub alone. For another host take `scm_repo_url` from a token of the pipeline.",
			"Codefresh does not document whether the name of a user of its own may have a `:`. One who is called like the rest of the subject " +
				"of a Git trigger that another one ran by hand would be taken for that.",
			"Whoever may change the pipeline, or the file that it reads its steps from, changes what runs with the role.",
			"Any step of any account can ask for any audience: the audience is not what keeps other accounts out.",
			"Tokens hold for five minutes; ask for a new one in each step that exchanges it.",
		},
		Sources: []string{docs, pipelines, cronTriggers, "https://github.com/sigstore/fulcio/blob/main/pkg/identity/codefresh/principal_test.go",
			"https://codefresh.io/steps/step/obtain-oidc-id-token", "https://github.com/codefresh-io/steps"},
		Example: `codefresh:
  accountId: 6400000000000000000000aa
  pipelines:
    - id: 6500000000000000000000aa
      cron: true
      pushes:
        - repository: https://github.com/acme/web
          users: [octocat]
          refs: [main]
`,
	}
}

// The ids of the documentation have 21 or 24 hex digits, and no rule is given.
var (
	id          = ci.NewExpression(`^[0-9a-f]{20,}$`)
	accountName = ci.NameKind{Noun: "account", Form: id,
		Rule: "must be the account's id, as the claim account_id of a token has it: lower-case hex digits such as 6400000000000000000000aa, and not its name", Not: nil}
	pipelineName = ci.NameKind{Noun: "pipeline", Form: id,
		Rule: "must be the pipeline's id, as its general settings and the claim pipeline_id of a token have it: lower-case hex digits such as 6500000000000000000000aa, and not its name", Not: nil}
	repository = ci.NameKind{Noun: "repository", Form: ci.NewExpression(`^https://[^:\s/]+/[^:\s]+$`),
		Rule: "must be the repository's https URL, as the claim scm_repo_url has it, such as https://github.com/acme/web",
		Not:  []ci.Mistake{{Form: ci.NewExpression(`^https://.*(\.git|/)$`), Reason: "ends in .git or a slash, which no documented token has; write it without, such as https://github.com/acme/web"}}}
	person = ci.NameKind{Noun: "user", Form: ci.NewExpression(`^[^:\s]([^:]*[^:\s])?$`),
		Rule: "must be the name of a user, as the claims initiator (of Codefresh) and scm_user_name (of the Git provider) have it, without a colon", Not: nil}
)

// Read understands the section codefresh.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust("https://"+host, section, account, problems, audience)
	tenant := accountName.Read(section.Field("accountId"), problems)
	for _, v := range section.Field("pipelines").List {
		if v.Known {
			b := builds{trust: &t, account: tenant, pipeline: pipelineName.Read(v.Field("id"), problems), problems: problems}
			b.read(v)
		}
	}
	t.Pipeline = func(roleArn, region string) string { return config(roleArn, region, t.Audiences()) }
	return []ci.Trust{t}
}
