// Package workflow is the workflow YAML of GitHub Actions, which other CI systems take too.
package workflow

import (
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Event is what starts a trusted job: the push of a branch or a tag, a pull request, or anything that leads to a job
// with an environment.
type Event struct {
	Kind string // "branch", "tag", "environment", "pull_request"
	Name ci.Name
}

// Triggers are the events that a trust names, for the workflow to paste.
type Triggers struct {
	Branches, Tags, Environments []string
	PullRequests, MergeQueue     bool
}

// Add notes an event.
func (w *Triggers) Add(e Event) {
	switch e.Kind {
	case "branch":
		w.Branches = ci.AddOnce(w.Branches, filter(e.Name))
	case "tag":
		w.Tags = ci.AddOnce(w.Tags, filter(e.Name))
	case "environment":
		w.Environments = ci.AddOnce(w.Environments, Example(e.Name))
	case "pull_request":
		w.PullRequests = true
	}
}

// filter is the name as filters of GitHub's push event take it: "**" crosses "/", and what else would be read as a
// pattern is escaped.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
func filter(n ci.Name) string {
	filter := escapes.Replace(n.Text)
	if n.Prefix {
		return filter + "**"
	}
	return filter
}

var escapes = strings.NewReplacer("+", `\+`, "]", `\]`, "!", `\!`)

// Example is a name for a job to write: the name itself, or one that begins with it.
func Example(n ci.Name) string {
	if n.Prefix {
		return n.Text + "NAME"
	}
	return n.Text
}

// Events are the events that start the workflow by what is trusted, as lines of YAML.
func (w *Triggers) Events() string {
	var b strings.Builder
	if len(w.Branches)+len(w.Tags) > 0 {
		b.WriteString("  push:\n")
		if len(w.Branches) > 0 {
			fmt.Fprintf(&b, "    branches: %s\n", ci.FlowYAML(w.Branches))
		}
		if len(w.Tags) > 0 {
			fmt.Fprintf(&b, "    tags: %s\n", ci.FlowYAML(w.Tags))
		}
	}
	if w.PullRequests {
		b.WriteString("  pull_request:\n")
	}
	if w.MergeQueue {
		b.WriteString("  merge_group:\n")
	}
	return b.String()
}
