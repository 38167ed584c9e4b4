package citest

import (
	"strings"
	"testing"
)

// contract fails naming the part that is missing, and where to write it.
func (s Suite) contract(t *testing.T) {
	folder := "provider/ci/" + strings.ToLower(s.System.Section()) + "/"
	missing := func(where, what string) { t.Errorf("%s%s: %s", folder, where, what) }
	if s.System.Title() == "" {
		missing("*.go", "Title is empty; write the system's own name, such as GitHub Actions")
	}
	if len(s.Matrix) == 0 {
		missing("*_test.go", "the suite has no matrix; write trusts of every shape: each word alone and together")
	}
}
