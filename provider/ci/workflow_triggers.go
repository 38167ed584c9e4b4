package ci

import (
	"fmt"
	"strings"
)

// workflowEvent is what starts a trusted job: the push of a branch or a tag, a pull request, or anything that leads to a job
// with an environment.
type workflowEvent struct {
	kind string // "branch", "tag", "environment", "pull_request"
	name name
}

// workflowTriggers are the events that a trust names, for the workflow to paste.
type workflowTriggers struct {
	branches, tags, environments []string
	pullRequests                 bool
}

// add notes an event.
func (w *workflowTriggers) add(e workflowEvent) {
	switch e.kind {
	case "branch":
		w.branches = addOnce(w.branches, workflowFilter(e.name))
	case "tag":
		w.tags = addOnce(w.tags, workflowFilter(e.name))
	case "environment":
		w.environments = addOnce(w.environments, workflowExample(e.name))
	case "pull_request":
		w.pullRequests = true
	}
}

// workflowFilter is the name as filters of GitHub's push event take it: "**" crosses "/", and what else would be read as a
// pattern is escaped.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
func workflowFilter(n name) string {
	filter := workflowEscapes.Replace(n.text)
	if n.prefix {
		return filter + "**"
	}
	return filter
}

var workflowEscapes = strings.NewReplacer("+", `\+`, "]", `\]`, "!", `\!`)

// workflowExample is a name for a job to write: the name itself, or one that begins with it.
func workflowExample(n name) string {
	if n.prefix {
		return n.text + "NAME"
	}
	return n.text
}

// events are the events that start the workflow by what is trusted, as lines of YAML.
func (w *workflowTriggers) events() string {
	var b strings.Builder
	if len(w.branches)+len(w.tags) > 0 {
		b.WriteString("  push:\n")
		if len(w.branches) > 0 {
			fmt.Fprintf(&b, "    branches: %s\n", flowYAML(w.branches))
		}
		if len(w.tags) > 0 {
			fmt.Fprintf(&b, "    tags: %s\n", flowYAML(w.tags))
		}
	}
	if w.pullRequests {
		b.WriteString("  pull_request:\n")
	}
	return b.String()
}
