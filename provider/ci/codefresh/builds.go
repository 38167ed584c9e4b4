package codefresh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// builds are the builds of one pipeline.
type builds struct {
	trust             *ci.Trust
	account, pipeline string
	problems          *input.Problems
}

// read turns one item of pipelines into grants.
func (b *builds) read(v input.Value) {
	cron, manual, pushes, pullRequests := v.Field("cron"), v.Field("manualRuns"), v.Field("pushes"),
		v.Field("pullRequests")
	if cron.Known && !cron.Bool() && !manual.Present && !pushes.Present && !pullRequests.Present {
		b.problems.Add(pushes, "is missing, and pullRequests, manualRuns and cron: true too: say which builds of the "+
			"pipeline get the role")
	}
	if cron.Bool() {
		b.finding(cronBranch, cron, "cron triggers")
		b.grant(cron.Path, "cron triggers", cronForm)
	}
	for _, run := range manual.List {
		if run.Known {
			b.readManual(run)
		}
	}
	for _, push := range pushes.List {
		if push.Known {
			b.git(push, "refs", "branch or tag", func(git []string, phrase string) {
				b.grant(push.Path, phrase, pushForm, git...)
			})
		}
	}
	for _, request := range pullRequests.List {
		if request.Known {
			b.readPullRequest(request)
		}
	}
}

// readManual reads runs by hand: of the pipeline alone, or of a Git trigger.
func (b *builds) readManual(v input.Value) {
	initiators := person.ReadAll(v.Field("initiators"), b.problems)
	named := 0
	for _, word := range []string{"repository", "users", "refs"} {
		named += ci.Count(v.Field(word).Present)
	}
	switch named {
	case 0:
		for _, initiator := range initiators {
			b.finding(manualRuns, v, "runs by hand by "+initiator)
			b.grant(v.Path, "runs by hand by "+initiator, manualForm, initiator)
		}
	case 3:
		b.finding(craftedInitiator, v, "runs by hand of a Git trigger by "+ci.OrList(initiators))
		b.git(v, "refs", "branch or tag", func(git []string, phrase string) {
			for _, initiator := range initiators {
				b.grant(v.Path, phrase+", run by hand by "+initiator, manualPushForm,
					append([]string{initiator}, git...)...)
			}
		})
	default:
		b.problems.Add(v,
			"must have repository, users and refs, for runs of a Git trigger, or none of them, for runs without one")
	}
}

// readPullRequest reads pull requests by listed users, from listed branches to listed branches.
func (b *builds) readPullRequest(v input.Value) {
	targets := b.refs(v.Field("targetBranches"), "target branch")
	b.finding(pullRequests, v, "pull requests of "+v.Field("repository").Text())
	b.git(v, "sourceBranches", "source branch", func(git []string, phrase string) {
		for _, target := range targets {
			b.grant(v.Path, "pull requests to "+target+" from "+phrase, pullRequestForm, append(git, target)...)
		}
	})
}

// git goes over what a Git trigger puts into the subject: repository, Git user and ref.
func (b *builds) git(v input.Value, word, noun string, each func(git []string, phrase string)) {
	repository := repository.Read(v.Field("repository"), b.problems)
	users, refs := person.ReadAll(v.Field("users"), b.problems), b.refs(v.Field(word), noun)
	if repository == "" {
		return
	}
	for _, ref := range refs {
		for _, user := range users {
			each([]string{repository, user, ref},
				fmt.Sprintf("%s %s of %s by Git user %s", noun, ref, repository, user))
		}
	}
}

// refs reads names of branches or tags, each exact.
func (b *builds) refs(list input.Value, noun string) []string {
	var refs []string
	for _, v := range list.Texts() {
		rule := ci.RefProblem(ci.Name{Text: v.Text()}, ci.RefKind{Noun: noun})
		if strings.Contains(v.Text(), "*") {
			rule = "must be one exact " + noun + ", without *, which would also cover what the subject says behind " +
				"it, such as a pull request's target; list each one"
		}
		if rule != "" {
			b.problems.Add(v, rule, input.Got(v))
			continue
		}
		refs = append(refs, v.Text())
	}
	return refs
}

// finding adds a finding about the pipeline, as far as it is known.
func (b *builds) finding(rule ci.Rule, v input.Value, detail string) {
	if b.account != "" && b.pipeline != "" {
		b.trust.Findings = append(b.trust.Findings,
			ci.Finding{Rule: rule, Path: v.Path, Detail: "pipeline " + b.pipeline + ": " + detail})
	}
}

// grant trusts builds of one form, with these texts behind account and pipeline.
func (b *builds) grant(path, phrase string, f *ci.Form, texts ...string) {
	if b.account == "" || b.pipeline == "" {
		return
	}
	texts = append([]string{b.account, b.pipeline}, texts...)
	trusted, pipeline := f.Build(texts...), cronForm.Build(b.account, b.pipeline)
	rest := strings.TrimPrefix(trusted, pipeline)
	others := map[string]string{
		"a build of the pipeline that mallory runs by hand": manualForm.Build(b.account, b.pipeline, "mallory"),
		"a build like the trusted one that mallory started": pipeline + ":initiator:mallory" + rest,
		"a pull request, where a push is trusted":           trusted + ":scm_pull_request_target_branch:main",
		"a push to another branch of the pipeline": pushForm.Build(b.account, b.pipeline, "https://github.com/acme/web",
			"octocat", "of-mallory"),
		"a push by a user called like the trusted user's end": strings.Replace(trusted, ":scm_ref:",
			":scm_ref:main:scm_ref:", 1) + "-of-mallory",
	}
	if rest != "" {
		others["a build that a cron trigger started"] = pipeline
	}
	b.trust.Allow(path, fmt.Sprintf("Codefresh: pipeline %s of account %s: %s", b.pipeline, b.account, phrase),
		ci.Subject{Form: f, Terms: ci.ExactlyAll(texts...), Job: func(texts []string) map[string]any {
			return claims(f, texts)
		}, Others: others})
}

// claims are the further claims of a build.
func claims(f *ci.Form, texts []string) map[string]any {
	claims := map[string]any{
		"account_name":  "acme",
		"pipeline_name": "web/deploy",
		"workflow_id":   "6600000000000000000000aa",
	}
	keys := map[string]string{"account": "account_id", "pipeline": "pipeline_id", "initiator": "initiator",
		"repository": "scm_repo_url",
		"user":       "scm_user_name", "ref": "scm_ref", "target branch": "scm_pull_request_target_branch"}
	for i, text := range texts {
		claims[keys[f.Fields[i].Name]] = text
	}
	return claims
}

// config is the codefresh.yml to paste: one step asks for a token, exchanges it and deploys. Codefresh's own step
// aws-sts-assume-role-with-web-identity stays green when it is refused, and hands the keys to every later step.
// Sources: https://codefresh.io/docs/docs/integrations/oidc-pipelines/#codefresh-oidc-for-aws,
// https://codefresh.io/docs/docs/pipelines/steps/freestyle/
func config(role ci.Role, audiences []string) string {
	asked := "" // the default
	if len(audiences) > 0 && !slices.Contains(audiences, audience) {
		asked = audiences[0]
	}
	exchange := ci.Exchange{
		Role:    role,
		Token:   System{}.HandOut().Request.Command(asked),
		Missing: "Only a build on Codefresh has one.", Session: "codefresh-$CF_REPO_NAME-$CF_BUILD_ID",
	}
	return "# codefresh.yml\nversion: \"1.0\"\nsteps:\n  deploy:\n    title: Exchange the token and deploy\n" +
		"    image: amazon/aws-cli\n    environment:\n      - AWS_REGION=" + role.Region +
		"\n      - AWS_DEFAULT_REGION=" + role.Region + "\n    commands:\n      - |\n" + exchange.Script("        ")
}
