package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/circleci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/github"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
)

// The jobs of examples/yaml.
var (
	githubJob = github.Job{
		Owner: "acme", OwnerID: "1234567", Repository: "web", RepositoryID: "89012345",
		Event: "push", Ref: "refs/heads/main", Immutable: true, Audience: "sts.amazonaws.com",
	}
	circleciJob = circleci.Job{
		Organization: organization, Project: "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70",
		User: "9d1f3c52-0b7a-4e51-8c9e-6a2b7f4d1e03", Origin: "github.com/acme/web", Ref: "refs/heads/main",
		Audience: organization,
	}
)

const (
	organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	otherOrg     = "bad0bad0-bad0-4bad-8bad-bad0bad0bad0"
	otherProject = "bad1bad1-bad1-4bad-8bad-bad1bad1bad1"
	admittedRow  = "admitted"
	accessDenied = "AccessDenied"
	invalidToken = "InvalidIdentityToken"
	expiredToken = "ExpiredTokenException"
	githubIssuer = "https://token.actions.githubusercontent.com"
	circleciOrg  = "https://oidc.circleci.com/org/"
)

// A mint signs tokens as the CI systems do.
type mint struct{ github, circleci, strangersOrg *issuers.Issuer }

func newMint(world *harness.World) (mint, error) {
	var m mint
	var err error
	for url, issuer := range map[string]**issuers.Issuer{
		githubIssuer: &m.github, circleciOrg + organization: &m.circleci, circleciOrg + otherOrg: &m.strangersOrg,
	} {
		if *issuer, err = world.Issuer(url); err != nil {
			return m, err
		}
	}
	return m, nil
}

// A row is one token, and what the local STS must say.
type row struct {
	system, token, expected string
	sign                    func() (string, error)
}

func (m mint) rows() []row {
	onGitHub := func(token, expected string, change func(*github.Job)) row {
		job := githubJob
		change(&job)
		return row{"GitHub", token, expected, func() (string, error) { return m.github.Sign(job.Claims()) }}
	}
	onCircleCI := func(token, expected string, change func(*circleci.Job)) row {
		job := circleciJob
		change(&job)
		return row{"CircleCI", token, expected, func() (string, error) { return m.circleci.Sign(job.Claims()) }}
	}
	expired := func(claims map[string]any) map[string]any {
		claims["iat"], claims["exp"] = time.Now().Add(-2*time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
		return claims
	}
	return []row{
		onGitHub("branch main", admittedRow, func(j *github.Job) {}),
		onGitHub("branch main, subject without ids", admittedRow, func(j *github.Job) { j.Immutable = false }),
		onGitHub("environment production", admittedRow, func(j *github.Job) { j.Environment = "production" }),
		onGitHub("environment staging", accessDenied, func(j *github.Job) { j.Environment = "staging" }),
		onGitHub("environment in another letter case", accessDenied, func(j *github.Job) {
			j.Environment = "Production"
		}),
		onGitHub("other branch", accessDenied, func(j *github.Job) { j.Ref = "refs/heads/feature" }),
		onGitHub("tag", accessDenied, func(j *github.Job) { j.Ref = "refs/tags/v1.0.0" }),
		onGitHub("pull request", accessDenied, func(j *github.Job) {
			j.Event, j.Ref = "pull_request", "refs/pull/7/merge"
		}),
		onGitHub("fork: a workflow of its own", accessDenied, func(j *github.Job) {
			j.Owner, j.OwnerID, j.RepositoryID = "mallory", "666", "667"
		}),
		{"GitHub", "pull_request_target, sub says pull_request", accessDenied, func() (string, error) {
			job := githubJob
			job.Event = "pull_request"
			claims := job.Claims()
			claims["event_name"] = "pull_request_target"
			return m.github.Sign(claims)
		}},
		onGitHub("pull_request_target, sub says ref (see the finding)", admittedRow, func(j *github.Job) {
			j.Event = "pull_request_target"
		}),
		onGitHub("other repository", accessDenied, func(j *github.Job) {
			j.Repository, j.RepositoryID = "api", "89012346"
		}),
		onGitHub("longer repository name", accessDenied, func(j *github.Job) {
			j.Repository, j.RepositoryID = "web-evil", "89012347"
		}),
		onGitHub("same name under another owner id", accessDenied, func(j *github.Job) {
			j.OwnerID, j.Immutable = "7654321", false
		}),
		onGitHub("wrong audience", invalidToken, func(j *github.Job) { j.Audience = "https://github.com/acme" }),
		{"GitHub", "expired", expiredToken,
			func() (string, error) { return m.github.Sign(expired(githubJob.Claims())) }},
		{"GitHub", "unsigned", invalidToken, func() (string, error) { return issuers.Unsigned(githubJob.Claims()) }},
		{"GitHub", "signed by a stranger", invalidToken,
			func() (string, error) { return m.github.SignWithStrangersKey(githubJob.Claims()) }},
		onCircleCI("branch main", admittedRow, func(j *circleci.Job) {}),
		onCircleCI("branch main, CIRCLE_OIDC_TOKEN (V1)", accessDenied, func(j *circleci.Job) { j.Short = true }),
		onCircleCI("other branch", accessDenied, func(j *circleci.Job) { j.Ref = "refs/heads/feature" }),
		onCircleCI("tag", accessDenied, func(j *circleci.Job) { j.Ref = "refs/tags/v1.0.0" }),
		onCircleCI("pull request's branch", accessDenied, func(j *circleci.Job) { j.Ref = "refs/heads/patch-1" }),
		onCircleCI("fork", accessDenied, func(j *circleci.Job) { j.Origin = "github.com/mallory/web" }),
		onCircleCI("other project", accessDenied, func(j *circleci.Job) { j.Project = otherProject }),
		onCircleCI("longer repository name", accessDenied, func(j *circleci.Job) { j.Origin += "-evil" }),
		onCircleCI("crafted branch", accessDenied, func(j *circleci.Job) {
			j.Origin, j.Ref = "github.com/mallory/web",
				"refs/heads/x/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main"
		}),
		{"CircleCI", "other organization", invalidToken, func() (string, error) {
			job := circleciJob
			job.Organization = otherOrg
			return m.strangersOrg.Sign(job.Claims())
		}},
		onCircleCI("wrong audience", invalidToken, func(j *circleci.Job) { j.Audience = otherOrg }),
		{"CircleCI", "expired", expiredToken,
			func() (string, error) { return m.circleci.Sign(expired(circleciJob.Claims())) }},
		{"CircleCI", "unsigned", invalidToken,
			func() (string, error) { return issuers.Unsigned(circleciJob.Claims()) }},
		{"CircleCI", "signed by a stranger", invalidToken,
			func() (string, error) { return m.circleci.SignWithStrangersKey(circleciJob.Claims()) }},
	}
}

// exchange hands every token to STS and prints the table. It returns how many answers were not the expected ones, and
// the credentials of the first admitted token.
func exchange(
	ctx context.Context, out io.Writer, world *harness.World, m mint, roleArn string,
) (wrong int, first aws.CredentialsProvider, err error) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\n\tsystem\ttoken\texpected\tlocal STS said")
	for _, r := range m.rows() {
		token, err := r.sign()
		if err != nil {
			return 0, nil, err
		}
		said, message := admittedRow, ""
		credentials, err := world.AssumeRole(ctx, roleArn, token)
		var refused smithy.APIError
		switch {
		case errors.As(err, &refused):
			said, message = refused.ErrorCode(), ": "+shorten(refused.ErrorMessage())
		case err != nil:
			return 0, nil, err
		case first == nil:
			first = credentials
		}
		mark := "ok"
		if said != r.expected {
			mark = "WRONG"
			wrong++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s%s\n", mark, r.system, r.token, r.expected, said, message)
	}
	if err := table.Flush(); err != nil {
		return 0, nil, err
	}
	fmt.Fprintln(out)
	if first == nil {
		return wrong, nil, errors.New("no token was admitted")
	}
	return wrong, first, nil
}

// shorten keeps a table's line on one line of a screen.
func shorten(text string) string {
	if len(text) > 90 {
		return text[:87] + "..."
	}
	return text
}
