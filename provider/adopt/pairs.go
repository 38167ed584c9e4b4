package adopt

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// pairs are the names and the values of claims that were said together. A statement that lists several names and
// several ids admits each name with each id, and does not tell which belong together: each name is said with one id
// first, and the others are then admitted anyway.
type pairs map[string]string

// of are the keys of a way: its name with each claim, and the value of each claim.
func (pairs) of(w *way, yield func(key, value string)) {
	if w.job.Form == nil {
		return
	}
	var names []string
	for _, f := range w.job.Form.Fields {
		if f.Decides == ci.Project && f.Key == "" {
			names = append(names, w.job.Texts[f.Name])
		}
	}
	if len(names) == 0 {
		return
	}
	name := w.job.Form.Template + "\n" + strings.Join(names, "\n")
	for claim := range w.job.Claims {
		if claim != "aud" && claim != "sub" {
			text := ci.TextOf(w.job.Claims[claim])
			yield("name "+claim+" "+name, text)
			yield("claim "+claim+" "+w.job.Form.Template+"\n"+text, name)
		}
	}
}

// crossings counts what a way has together and what was said with something else.
func (p pairs) crossings(w *way) int {
	count := 0
	p.of(w, func(key, value string) {
		if said, there := p[key]; there && said != value {
			count++
		}
	})
	return count
}

// note keeps what was said.
func (p pairs) note(w *way) {
	p.of(w, func(key, value string) {
		if _, there := p[key]; !there {
			p[key] = value
		}
	})
}
