// Package codefresh is Codefresh: its issuer, its tokens, and the words in which its jobs are trusted.
package codefresh

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// System is Codefresh, as a service and on premises.
//
// Issuer: one for all accounts, also for installations on premises. Audience: the platform's URL, unless the step that
// asks for the token names another. Subject: account and pipeline by id, then what started the build: nothing more for
// a cron trigger, the initiator for a run by hand, repository, Git user and ref for a Git trigger, and the target
// branch for a pull request. Where something varies in front of the ref, only values that are listed are trusted: no
// name takes a wildcard.
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

// The subject's forms, by what starts a build. That a name of a user has no ":" is not documented. A Git user's could
// not matter: git allows no ":" in a ref, so that what stands last is what it seems. An initiator's could, where a run
// of a Git trigger is trusted: that is craftedInitiator.
var (
	cronForm        = newForm("")
	manualForm      = newForm(":initiator:{initiator}", initiatorField)
	pushForm        = newForm(git, gitFields...)
	manualPushForm  = newForm(":initiator:{initiator}"+git, append([]ci.Field{initiatorField}, gitFields...)...)
	pullRequestForm = newForm(git+":scm_pull_request_target_branch:{target branch}",
		append(gitFields, ci.Field{Name: "target branch", Sample: "main", Decides: ci.Event})...)
)

const git = ":scm_repo_url:{repository}:scm_user_name:{user}:scm_ref:{ref}"

var (
	initiatorField = ci.Field{Name: "initiator", Sample: "mona", Decides: ci.Event}
	gitFields      = []ci.Field{
		{
			Name:    "repository",
			Texts:   `https://[^:]+`,
			Sample:  "https://github.com/acme/web",
			Other:   "https://github.com/mallory/web",
			Decides: ci.Project,
		},
		{Name: "user", Sample: "octocat", Decides: ci.Event}, {Name: "ref", Sample: "main", Decides: ci.RefOf},
	}
)

// newForm is the form of a subject: account and pipeline, then what started the build.
func newForm(start string, fields ...ci.Field) *ci.Form {
	return ci.NewForm("account:{account}:pipeline:{pipeline}"+start, append([]ci.Field{
		{
			Name:    "account",
			Texts:   `[0-9a-f]+`,
			Sample:  "6400000000000000000000aa",
			Other:   "6400000000000000000000bb",
			Decides: ci.Tenant,
		},
		{
			Name:    "pipeline",
			Texts:   `[0-9a-f]+`,
			Sample:  "6500000000000000000000aa",
			Other:   "6500000000000000000000bb",
			Decides: ci.Project,
		},
	}, fields...)...)
}

// Section is "codefresh".
func (System) Section() string { return "codefresh" }

// Title is "Codefresh".
func (System) Title() string { return "Codefresh" }

var pullRequests = ci.Rule{
	ID: "codefresh-pull-requests", Severity: ci.Medium, Unreviewed: true, ForReaders: ci.OnlyReads,
	Summary: "builds of pull requests get the role: they run code that nobody has merged. Whether the token of a " +
		"fork's pull request differs is not documented, so the Git user that is named may send it from a fork, too",
	Remediation: "Give builds of pull requests a role of their own, one that only reads.",
	Source:      docs,
}

var manualRuns = ci.Rule{
	ID: "codefresh-manual-runs", Severity: ci.Low,
	Summary: "the subject of a run that somebody starts by hand without a Git trigger names no repository and no " +
		"branch: whoever is named as the initiator decides what it builds",
	Remediation: "Name only people who may deploy anything, or trust their runs of a Git trigger: add " +
		"repository, users and refs.",
	Source: docs,
}

var cronBranch = ci.Rule{
	ID: "codefresh-cron-any-branch", Severity: ci.Low,
	Summary: "the subject of a build that a cron trigger starts names no repository and no branch: which branch it " +
		"builds is a setting of the trigger, which whoever may edit the pipeline can change",
	Remediation: "Choose the branch that deploys in the trigger's settings, and let few people edit the pipeline.",
	Source:      cronTriggers,
}

var craftedInitiator = ci.Rule{
	ID: "codefresh-crafted-initiator", Severity: ci.Low,
	Summary: "a run by hand without Git trigger has the same subject if its initiator's user name is the trusted " +
		"initiator's and goes on like the subject, from :scm_repo_url: on. Whether Codefresh allows a colon in a " +
		"user name is not documented: if it does, any member of the account who may run the pipeline gets the role",
	Remediation: "Trust pushes instead of runs by hand of a Git trigger, or make sure that the users of the account " +
		"get their names from where no colon is allowed in one.",
	Source: docs,
}

// Rules are the findings of Codefresh.
func (System) Rules() []ci.Rule {
	return []ci.Rule{pullRequests, manualRuns, cronBranch, craftedInitiator}
}

// Issuer is what signs the tokens of Codefresh.
func (System) Issuer() ci.Issuer {
	return ci.Issuer{
		URL: "https://" + host, Shared: true,
		Hosts: []ci.Host{{
			Host: host, Shared: true, Control: trust.Control{Claims: []string{"sub"}},
			Forms: []*ci.Form{cronForm, manualForm, pushForm, manualPushForm, pullRequestForm, otherForm}, Judge: judge,
		}},
	}
}

// Forms are the forms of their subjects.
func (System) Forms() []*ci.Form {
	return []*ci.Form{cronForm, manualForm, pushForm, manualPushForm, pullRequestForm}
}

// HandOut is how a job gets its token.
func (System) HandOut() ci.HandOut {
	return ci.HandOut{
		Marks: []string{"CF_BUILD_ID"},
		Request: &ci.HandOutRequest{
			Method: "GET", URL: "$CF_OIDC_REQUEST_URL", Audience: "audience", Member: "id_token",
			Headers: map[string]string{"Authorization": "$CF_OIDC_REQUEST_TOKEN"},
		},
		Source: docs,
	}
}

// The ids of the documentation have 21 or 24 hex digits, and no rule is given.
var (
	id        = ci.NewExpression(`^[0-9a-f]{20,}$`)
	accountID = ci.NameKind{Noun: "account", Form: id,
		Rule: "must be the account's id, as the claim account_id of a token has it: lower-case hex digits such as " +
			"6400000000000000000000aa, and not its name", Not: nil}
	pipelineID = ci.NameKind{Noun: "pipeline", Form: id,
		Rule: "must be the pipeline's id, as its general settings and the claim pipeline_id of a token have it: " +
			"lower-case hex digits such as 6500000000000000000000aa, and not its name", Not: nil}
	repository = ci.NameKind{Noun: "repository", Form: ci.NewExpression(`^https://[^:\s/]+/[^:\s]+$`),
		Rule: "must be the repository's https URL, as the claim scm_repo_url has it, such as " +
			"https://github.com/acme/web",
		Not: []ci.Mistake{{Form: ci.NewExpression(`^https://.*(\.git|/)$`), Reason: "ends in .git or a slash, which " +
			"no documented token has; write it without, such as https://github.com/acme/web"}}}
	person = ci.NameKind{Noun: "user", Form: ci.NewExpression(`^[^:\s]([^:]*[^:\s])?$`),
		Rule: "must be the name of a user, as the claims initiator (of Codefresh) and scm_user_name (of the Git " +
			"provider) have it, without a colon", Not: nil}
)

// Read understands the section codefresh.
func (System) Read(section input.Value, account ci.Account, problems *input.Problems) []ci.Trust {
	t := ci.NewTrust("https://"+host, section, account, problems, audience)
	tenant := accountID.Read(section.Field("accountId"), problems)
	for _, v := range section.Field("pipelines").List {
		if v.Known {
			b := builds{
				trust:    &t,
				account:  tenant,
				pipeline: pipelineID.Read(v.Field("id"), problems),
				problems: problems,
			}
			b.read(v)
		}
	}
	t.Pipeline = func(role ci.Role) string { return config(role, t.Audiences()) }
	return []ci.Trust{t}
}
