package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// codefreshBuilds are the builds of one pipeline.
type codefreshBuilds struct {
	trust             *Trust
	account, pipeline string
	problems          *input.Problems
}

// read turns one item of pipelines into grants.
func (b *codefreshBuilds) read(v input.Value) {
	cron, manual, pushes, pullRequests := v.Field("cron"), v.Field("manualRuns"), v.Field("pushes"), v.Field("pullRequests")
	if cron.Known && !cron.Bool() && !manual.Present && !pushes.Present && !pullRequests.Present {
		b.problems.Add(pushes, "is missing, and pullRequests, manualRuns and cron: true too: say which builds of the pipeline get the role")
	}
	if cron.Bool() {
		b.finding(codefreshCronBranch, cron, "cron triggers")
		b.grant(cron.Path, "cron triggers", codefreshCron)
	}
	for _, run := range manual.List {
		if run.Known {
			b.readManual(run)
		}
	}
	for _, push := range pushes.List {
		if push.Known {
			b.git(push, "refs", "branch or tag", func(git []string, phrase string) { b.grant(push.Path, phrase, codefreshPush, git...) })
		}
	}
	for _, request := range pullRequests.List {
		if request.Known {
			b.readPullRequest(request)
		}
	}
}

// readManual reads runs by hand: of the pipeline alone, or of a Git trigger.
func (b *codefreshBuilds) readManual(v input.Value) {
	initiators := codefreshPerson.readAll(v.Field("initiators"), b.problems)
	named := 0
	for _, word := range []string{"repository", "users", "refs"} {
		named += count(v.Field(word).Present)
	}
	switch named {
	case 0:
		for _, initiator := range initiators {
			b.finding(codefreshManualRuns, v, "runs by hand by "+initiator)
			b.grant(v.Path, "runs by hand by "+initiator, codefreshManual, initiator)
		}
	case 3:
		b.git(v, "refs", "branch or tag", func(git []string, phrase string) {
			for _, initiator := range initiators {
				b.grant(v.Path, phrase+", run by hand by "+initiator, codefreshManualPush, append([]string{initiator}, git...)...)
			}
		})
	default:
		b.problems.Add(v, "must have repository, users and refs, for runs of a Git trigger, or none of them, for runs without one")
	}
}

// readPullRequest reads pull requests by listed users, from listed branches to listed branches.
func (b *codefreshBuilds) readPullRequest(v input.Value) {
	targets := b.refs(v.Field("targetBranches"), "target branch")
	b.finding(codefreshPullRequests, v, "pull requests of "+v.Field("repository").Text())
	b.git(v, "sourceBranches", "source branch", func(git []string, phrase string) {
		for _, target := range targets {
			b.grant(v.Path, "pull requests to "+target+" from "+phrase, codefreshPullRequest, append(git, target)...)
		}
	})
}

// git goes over what a Git trigger puts into the subject: repository, Git user and ref.
func (b *codefreshBuilds) git(v input.Value, word, noun string, each func(git []string, phrase string)) {
	repository := codefreshRepository.read(v.Field("repository"), b.problems)
	users, refs := codefreshPerson.readAll(v.Field("users"), b.problems), b.refs(v.Field(word), noun)
	if repository == "" {
		return
	}
	for _, ref := range refs {
		for _, user := range users {
			each([]string{repository, user, ref}, fmt.Sprintf("%s %s of %s by Git user %s", noun, ref, repository, user))
		}
	}
}

// refs reads names of branches or tags, each exact.
func (b *codefreshBuilds) refs(list input.Value, noun string) []string {
	var refs []string
	for _, v := range list.Texts() {
		rule := refProblem(name{text: v.Text()}, refKind{noun: noun})
		if strings.Contains(v.Text(), "*") {
			rule = "must be one exact " + noun + ", without *, which would also cover what the subject says behind it, such as a pull request's target; list each one"
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
func (b *codefreshBuilds) finding(rule Rule, v input.Value, detail string) {
	if b.account != "" && b.pipeline != "" {
		b.trust.Findings = append(b.trust.Findings, Finding{Rule: rule, Path: v.Path, Detail: "pipeline " + b.pipeline + ": " + detail})
	}
}

// grant trusts builds of one form, with these texts behind account and pipeline.
func (b *codefreshBuilds) grant(path, phrase string, f *form, texts ...string) {
	if b.account == "" || b.pipeline == "" {
		return
	}
	texts = append([]string{b.account, b.pipeline}, texts...)
	trusted, pipeline := f.build(texts...), codefreshCron.build(b.account, b.pipeline)
	rest := strings.TrimPrefix(trusted, pipeline)
	others := map[string]string{
		"a build of the pipeline that mallory runs by hand":   codefreshManual.build(b.account, b.pipeline, "mallory"),
		"a build like the trusted one that mallory started":   pipeline + ":initiator:mallory" + rest,
		"a pull request, where a push is trusted":             trusted + ":scm_pull_request_target_branch:main",
		"a push to another branch of the pipeline":            codefreshPush.build(b.account, b.pipeline, "https://github.com/acme/web", "octocat", "of-mallory"),
		"a push by a user called like the trusted user's end": strings.Replace(trusted, ":scm_ref:", ":scm_ref:main:scm_ref:", 1) + "-of-mallory",
	}
	if rest != "" {
		others["a build that a cron trigger started"] = pipeline
	}
	b.trust.trust(path, fmt.Sprintf("Codefresh: pipeline %s of account %s: %s", b.pipeline, b.account, phrase),
		subject{form: f, terms: exactlyAll(texts...), job: func(texts []string) map[string]any { return codefreshClaims(f, texts) }, others: others})
}

// codefreshClaims are the further claims of a build.
func codefreshClaims(f *form, texts []string) map[string]any {
	claims := map[string]any{"account_name": "acme", "pipeline_name": "web/deploy", "workflow_id": "6600000000000000000000aa"}
	keys := map[string]string{"account": "account_id", "pipeline": "pipeline_id", "initiator": "initiator", "repository": "scm_repo_url",
		"user": "scm_user_name", "ref": "scm_ref", "target branch": "scm_pull_request_target_branch"}
	for i, text := range texts {
		claims[keys[f.fields[i].name]] = text
	}
	return claims
}

// codefreshConfig is the codefresh.yml to paste.
// Sources: https://codefresh.io/docs/docs/integrations/oidc-pipelines/#codefresh-oidc-for-aws,
// https://codefresh.io/docs/docs/pipelines/steps/freestyle/
func codefreshConfig(roleArn, region string, audiences []string) string {
	asking := ""
	if len(audiences) > 0 && !slices.Contains(audiences, codefreshAudience) {
		asking = fmt.Sprintf("    arguments:\n      AUDIENCE: %s\n", quoteYAML(audiences[0]))
	}
	return fmt.Sprintf(`# codefresh.yml
version: "1.0"
steps:
  obtain_id_token:
    title: Ask for a token
    type: obtain-oidc-id-token
%s  assume_role:
    title: Exchange it for the role
    type: aws-sts-assume-role-with-web-identity
    arguments:
      ROLE_ARN: %s
      ROLE_SESSION_NAME: codefresh
  deploy:
    title: Deploy
    image: amazon/aws-cli
    environment:
      - AWS_REGION=%s
    commands:
      - aws sts get-caller-identity
`, asking, roleArn, region)
}
