package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExamplesOfFindingsAreReadAndWhatIsWrongIsNamed(t *testing.T) {
	const good = "- {id: a, since: 0.1.0, policy: {Version: '2012-10-17'}, mended: {Version: '2012-10-17'}}\n"
	for _, c := range []struct{ document, want string }{
		{good, ""},
		{"", ""},
		{good + good, "example 2 (a) is there twice"},
		{"- {since: 0.1.0, text: x, mended: x}\n", "has no id"},
		{"- {id: a, text: x, mended: x}\n", "since which version"},
		{"- {id: a, since: 0.1.0, text: x}\n", "no mended"},
		{"- {id: a, since: 0.1.0, mended: x}\n", "either a policy"},
		{"- {id: a, since: 0.1.0, text: x, section: {b: c}, mended: x}\n", "either a policy"},
		{"- {id: a, sinc: 0.1.0}\n", "sinc"},
	} {
		path := filepath.Join(t.TempDir(), "findings.yaml")
		if err := os.WriteFile(path, []byte(c.document), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Examples(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, expected %q", c.document, err, c.want)
		}
	}
	if examples, err := Examples(filepath.Join(t.TempDir(), "none.yaml")); err != nil || examples != nil {
		t.Errorf("%v %v", examples, err)
	}
}
