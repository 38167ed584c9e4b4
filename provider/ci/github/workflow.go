package github

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/workflow"
)

// A pasted holds what the workflows to paste are made of: each repository has a workflow of its own, since what one is
// trusted for does not start the jobs of another.
type pasted struct {
	server bool // the workflows run on a GitHub Enterprise Server
	files  ci.Files[file]
}

// A file is the workflow of a repository.
type file struct {
	workflow.Triggers
	server bool

	called  []string        // workflows of other repositories, whose jobs are trusted
	callers map[string]bool // those of them that any repository of an organization may call
	path    string          // the trusted workflow of the repository itself, where one is named
	plain   bool            // jobs are trusted that call no other workflow
}

// use notes in which contexts the jobs of a repository are trusted, and by which workflows.
func (w *pasted) use(item item, contexts []context) {
	f := w.files.Of(item.repository.String())
	for _, workflow := range item.how.workflows {
		path, _, _ := strings.Cut(workflow, "@")
		if own, is := strings.CutPrefix(path, item.repository.String()+"/"); is {
			f.plain, f.path = true, own
		} else {
			f.called = ci.AddOnce(f.called, workflow)
		}
	}
	f.plain = f.plain || len(item.how.workflows) == 0
	f.add(contexts)
}

// organization notes the workflows through which an organization is trusted.
func (w *pasted) organization(owner string, workflows []string, contexts []context) {
	f := w.files.Of("any repository of " + owner)
	for _, workflow := range workflows {
		f.called = ci.AddOnce(f.called, workflow)
		if f.callers == nil {
			f.callers = map[string]bool{}
		}
		f.callers[workflow] = true
	}
	f.add(contexts)
}

func (f *file) add(contexts []context) {
	for _, c := range contexts {
		if c.queue != "" {
			f.MergeQueue = true
		} else {
			f.Triggers.Add(c.Event)
		}
	}
}

// workflow is the workflow to paste.
func (w *pasted) workflow(role ci.Role, audiences []string) string {
	return w.files.Print(func(f *file) string {
		return cmp.Or(f.path, ".github/workflows/deploy.yml")
	}, func(f *file) string {
		f.server = w.server
		return f.workflow(role, audiences)
	})
}

// workflow is the workflow of a repository.
// Source: https://github.com/aws-actions/configure-aws-credentials
func (w *file) workflow(role ci.Role, audiences []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: deploy\non:\n%s", w.Events())
	if w.byHand() {
		b.WriteString("  workflow_dispatch:\n")
	}
	b.WriteString("permissions:\n  id-token: write # without it there is no token\n  contents: read\njobs:\n")
	if w.plain || len(w.called) == 0 {
		w.jobs(&b, role, audiences)
	}
	for i, workflow := range w.called {
		w.call(&b, numbered("deploy-by-workflow", i, len(w.called)), workflow, role, audiences)
	}
	return b.String()
}

// byHand reports that the role trusts a job of a run by hand: on a branch, or in an environment. Such a run has no pull
// request and no merge queue, and a tag only where somebody picks it. Nothing else starts a workflow of which no event
// is known.
func (w *file) byHand() bool { return len(w.Branches)+len(w.Environments) > 0 || w.Events() == "" }

// jobs are the jobs of the workflow itself.
func (w *file) jobs(b *strings.Builder, role ci.Role, audiences []string) {
	if len(w.Branches)+len(w.Tags) > 0 || w.PullRequests || w.MergeQueue || len(w.Environments) == 0 {
		condition := ""
		if w.byHand() && len(w.Branches) == 0 && w.Events() != "" {
			condition = "github.event_name != 'workflow_dispatch'" // that is for the jobs with an environment
		}
		w.job(b, "deploy", condition, "", role, audiences)
	}
	for i, environment := range w.Environments {
		w.job(b, numbered("deploy-environment", i, len(w.Environments)), "", environment, role, audiences)
	}
}

// numbered is the name of the job at an index of several.
func numbered(name string, i, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s-%d", name, i+1)
	}
	return name
}

// call is a job that runs a reusable workflow. The token is that workflow's, so the steps belong there.
// Source: https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#calling-a-reusable-workflow
func (w *file) call(b *strings.Builder, name, called string, role ci.Role, audiences []string) {
	path, ref, _ := strings.Cut(called, "@")
	for _, kind := range []ci.RefKind{ci.Branches, ci.Tags} {
		ref = strings.TrimPrefix(ref, kind.Namespace)
	}
	fmt.Fprintf(b, "  %s:\n    uses: %s\n    # A job of that workflow takes these steps", name,
		ci.QuoteYAML(path+"@"+ref))
	if len(w.Environments) > 0 {
		fmt.Fprintf(b, ", with environment: %s", ci.QuoteYAML(w.Environments[0]))
	}
	b.WriteString(":\n")
	var job strings.Builder
	workflow.Steps(&job, role, audiences, w.server)
	if w.callers[called] {
		b.WriteString("    # (any repository may call it: it checks out and runs nothing of its caller, and its " +
			"runners are of a\n" +
			"    # group that callers cannot choose)\n")
	}
	for _, line := range strings.Split(strings.TrimRight(job.String(), "\n"), "\n") {
		if w.callers[called] && strings.Contains(line, "actions/checkout@") {
			continue
		}
		fmt.Fprintf(b, "    # %s\n", strings.TrimPrefix(line, "    "))
	}
}

func (w *file) job(b *strings.Builder, name, condition, environment string, role ci.Role, audiences []string) {
	fmt.Fprintf(b, "  %s:\n    runs-on: %s\n", name, w.runner())
	if condition != "" {
		fmt.Fprintf(b, "    if: %s\n", condition)
	}
	if environment != "" {
		fmt.Fprintf(b, "    environment: %s # this job's token names the environment and not the branch\n",
			ci.QuoteYAML(environment))
	}
	workflow.Steps(b, role, audiences, w.server)
}

// runner is the label of a runner. GitHub has none of its own for a GitHub Enterprise Server.
// Source:
// https://docs.github.com/en/enterprise-server@latest/actions/hosting-your-own-runners/adding-self-hosted-runners
func (w *file) runner() string {
	if w.server {
		return "self-hosted # or a label of your runners"
	}
	return "ubuntu-latest"
}
