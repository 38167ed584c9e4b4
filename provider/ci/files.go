package ci

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Files are what pipeline files are made of, by the repository or project that has the file: what one is trusted for
// starts no job of another, whom the role would refuse.
type Files[F any] map[string]*F

// Of is the file of a repository or project.
func (f *Files[F]) Of(place string) *F {
	if *f == nil {
		*f = Files[F]{}
	}
	if (*f)[place] == nil {
		(*f)[place] = new(F)
	}
	return (*f)[place]
}

// Print writes the file to paste, by its path and its text; that of nobody in particular where none is known. Where
// several differ, it is the file of the first, and the others stand behind it as comments.
func (f Files[F]) Print(path func(*F) string, text func(*F) string) string {
	places := map[string][]string{} // by text
	for _, place := range slices.Sorted(maps.Keys(f)) {
		text := text(f[place])
		places[text] = append(places[text], place)
	}
	if len(places) == 0 {
		none := new(F)
		return "# " + path(none) + "\n" + text(none)
	}
	var b strings.Builder
	for i, text := range slices.SortedFunc(maps.Keys(places), func(a, b string) int {
		return slices.Compare(places[a], places[b])
	}) {
		path := path(f[places[text][0]])
		switch {
		case len(places) == 1:
			fmt.Fprintf(&b, "# %s\n%s", path, text)
		case i == 0:
			fmt.Fprintf(&b, "# %s in %s\n%s", path, strings.Join(places[text], ", "), text)
		default:
			fmt.Fprintf(&b, "#\n# %s in %s is another one:\n#\n%s", path, strings.Join(places[text], ", "),
				Indent(text, "# "))
		}
	}
	return b.String()
}
