package ci

import (
	"strings"
	"testing"
)

// contract fails naming the part that is missing, and where to write it.
func (s suite) contract(t *testing.T) {
	folder := "provider/ci/" + strings.ToLower(s.system.Section()) + "/"
	missing := func(where, what string) { t.Errorf("%s%s: %s", folder, where, what) }
	if s.system.Title() == "" {
		missing("*.go", "Title is empty; write the system's own name, such as GitHub Actions")
	}
	if len(s.matrix) == 0 {
		missing("*_test.go", "the suite has no matrix; write trusts of every shape: each word alone and together")
	}
}
