package ci

import (
	"strings"
	"testing"
)

// BenchmarkMeet shows that a value of 2,000 characters costs no more than 5 ms, and an everyday one some tens of
// microseconds. Nothing is kept from one round to the next but the automaton of the form.
func BenchmarkMeet(b *testing.B) {
	for _, c := range []struct {
		name string
		form *Form
		text string
	}{
		{"exact", branches, "repo:acme/web:ref:refs/heads/main"},
		{"organization", branches, "repo:acme/*"},
		{"any branch", branches, "repo:acme/web:ref:refs/heads/*"},
		{"joint", branches, "repo:*main*"},
		{"dead", branches, "repo:acme/web:ref:main"},
		{"uuid", circle, "org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11/*"},
		{"2000 characters", branches, strings.Repeat("*a", 1000)},
		{"2000 characters, ambiguous", circle, strings.Repeat("*a", 1000)},
		{"2000 characters, choices", protectable, strings.Repeat("*a", 1000)},
		{"2000 characters, bounded", numbered, strings.Repeat("*a", 1000)},
		{"2000 characters, other", branches, strings.Repeat("*?ab", 500)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.form.meetings.kept = nil
				meet(b, c.form, fit(like(c.text)), nil)
			}
		})
	}
}
