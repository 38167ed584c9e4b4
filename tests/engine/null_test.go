package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANullIsTheSameAsLeavingOutWhereThatLoosensNothingAndAnErrorElsewhere(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		w := newExampleWorld(t, p.example)
		r := w.up(trust(p.replaced(null())))
		if !p.omissible() {
			require.Error(t, r.err)
			require.Contains(t, r.messages(), "- property "+p.path+" with value null has a problem: is null; ")
			require.Empty(t, w.resources())
			require.Error(t, newExampleWorld(t, p.example).preview(trust(p.replaced(null()))).err)
			return
		}
		same := newExampleWorld(t, p.example)
		leftOut := same.up(trust(p.without()))
		require.Equal(t, leftOut.err == nil, r.err == nil, r.messages())
		require.Equal(t, leftOut.messages(), strings.ReplaceAll(r.messages(), " with value null", ""))
		if r.err == nil {
			require.Equal(t, same.outcome(), w.outcome())
		}
	})
}

func TestANullThatShowsOnlyAtUpIsAnErrorBeforeAnythingChanges(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		w := newExampleWorld(t, p.example)
		before := len(w.changes())
		r := w.up(p.later(null()))
		if p.omissible() {
			same := newExampleWorld(t, p.example)
			leftOut := same.up(func(r *running) error {
				if _, err := r.upstream("upstream", null()); err != nil {
					return err
				}
				return trust(p.without())(r)
			})
			require.Equal(t, leftOut.err == nil, r.err == nil, r.messages())
			if r.err == nil {
				require.Equal(t, same.outcome(), w.outcome())
			}
			return
		}
		require.Error(t, r.err)
		require.Contains(t, r.messages(), "- property "+p.path+" ")
		require.Contains(t, r.messages(), "is null; ")
		require.Equal(t, []string{"Source upstream"}, w.resources())
		require.Len(t, w.changes(), before)
	})
}

// A stack that is up must keep its role as it is when an input turns into a null.
func TestANullDoesNotTouchARoleThatExists(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		if p.omissible() {
			return
		}
		w := newExampleWorld(t, p.example)
		w.mustUp(trust(examples()[p.example]))
		before, calls := w.outcome(), len(w.changes())
		require.Error(t, w.up(trust(p.replaced(null()))).err)
		require.Equal(t, before, w.outcome())
		require.Len(t, w.changes(), calls)
	})
}
