package jenkins

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// installed is a Jenkins. AWS is not told whose it is: whoever has its issuer in an account has it for their own.
var installed = ci.Host{Fixes: urlOf, Judge: judge}

// urlOf is the Jenkins URL that an issuer begins with, unless the credential has an issuer of its own.
// Sources: plugin, folderIssuer
func urlOf(host string) map[string]string {
	before, _, found := strings.Cut(host+"/", "/oidc/")
	if !found {
		return nil
	}
	return map[string]string{"Jenkins URL": "https://" + before + "/"}
}

// below stands in the URL of a job between a folder and what is in it.
const below = "/job/"

// judge judges what a policy says of a Jenkins's tokens. Whether a job is one of a folder, or a branch of a multibranch
// job, its URL does not say: only of a job that is in nothing it is certain.
func judge(r *ci.Reading) []ci.Verdict {
	job := r.Span("job")
	if job.Kind == ci.Exact {
		return judgeJob(job.Text)
	}
	other := []string{"job"}
	verdicts := []ci.Verdict{{Rule: ci.ProjectPrefix, Other: other}}
	if job.Kind == ci.Open {
		verdicts = []ci.Verdict{{Rule: ci.OrganizationWide, Other: other}}
	}
	for _, pull := range pullsBehind(job.Text) {
		if fields := map[string]string{"job": pull}; r.Admits(fields) {
			return append(verdicts, ci.Verdict{Rule: pullRequestJob, Fields: fields})
		}
	}
	return verdicts
}

// judgeJob judges one job.
func judgeJob(path string) []ci.Verdict {
	switch name := path[strings.LastIndex(below+path, below):]; {
	case pullRequestName.MatchString(name):
		return []ci.Verdict{{Rule: pullRequestJob}}
	case name == path:
		return []ci.Verdict{{Rule: anyBranch}}
	}
	return nil
}

// branchLike are names that branches have more often than jobs do; a slash in a branch is %252F.
var branchLike = ci.NewExpression(`%25|^(main|master|trunk|dev|develop|release|hotfix|feature)`)

// pullsBehind are jobs of pull requests whose paths begin with a text: of the multibranch job that it names, or begins
// to name.
func pullsBehind(beginning string) []string {
	at := strings.LastIndex(below+beginning, below)
	folder, last := beginning[:at], beginning[at:]
	var pulls []string
	for _, name := range []string{"PR-7", "MR-7"} {
		if folder != "" && strings.HasPrefix(name, last) {
			pulls = append(pulls, folder+name)
		}
		if folder == "" || !branchLike.MatchString(last) {
			pulls = append(pulls, beginning+below+name, beginning+"web"+below+name)
		}
	}
	return pulls
}
