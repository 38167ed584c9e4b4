package buildkite

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// An item is one item of pipelines, read.
type item struct {
	pipeline pipeline
	path     string // where it was written
	refs     []reference
	at       int // in the list
	listed   *listed
}

// A listed holds the pipelines of a section.
type listed struct {
	items []*item
	alike *ci.Alikeness
}

func (l *listed) add(i *item) {
	i.listed, i.at = l, len(l.items)
	l.items = append(l.items, i)
}

// group finds the pipelines of which the same is said: they share statements. The audiences are the same for all.
func (l *listed) group() {
	said := make([]ci.Said, len(l.items))
	for at, i := range l.items {
		said[at].ID = i.pipeline.id
		for _, ref := range i.refs {
			said[at].Contexts = append(said[at].Contexts, ref.context())
		}
	}
	l.alike = ci.NewAlikeness(said)
}

// context tells the reference from others.
func (r reference) context() string { return r.kind.Noun + " " + r.name.Pattern() }

// admitsID judges the id beside the pipeline's slug.
func (i *item) admitsID(ref reference, id string) bool {
	return i.pipeline.id == "" || i.listed.alike.Admits(id, i.at, ref.context())
}

// crossed are jobs that carry the item's slug and another listed pipeline's id, on the refs of either.
func (i *item) crossed(audiences []string) []ci.Token {
	if i.pipeline.id == "" {
		return nil // nothing tells the ids
	}
	var tokens []ci.Token
	for _, at := range i.listed.alike.Crossings(i.at, 80, 6) {
		other := i.listed.items[at]
		slug := i.pipeline
		slug.id = other.pipeline.id
		for _, ref := range slices.Concat(i.refs, other.refs) {
			tokens = append(tokens, ci.Token{
				Name:   "the id of " + other.pipeline.String() + " under the trusted slug, " + ref.phrase(),
				Claims: slug.job(ref, audiences).claims(),
			})
		}
	}
	return tokens
}
