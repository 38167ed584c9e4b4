package page

import (
	"strings"
	"testing"
)

const whole = "---\nnames: repositories\naudience: '`a`'\n---\n\n## Subjects\n\n- sub\n\n## What to " +
	"write\n\n```yaml\nacme:\n  name: web\n```\n\n" +
	"## Setting up\n\nNothing.\n\n## Pitfalls\n\n- one\n- two\n\n## Sources\n\n- https://example.com\n"

func TestAPageIsReadPartByPart(t *testing.T) {
	p, err := Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if p.Example != "acme:\n  name: web\n" || p.Pitfalls != "- one\n- two\n" || p.Names != "repositories" ||
		p.SettingUp != "Nothing.\n" {
		t.Errorf("%+v", p)
	}
}

func TestAPageThatLacksAPartSaysWhich(t *testing.T) {
	for _, c := range []struct{ without, want string }{
		{"## Pitfalls\n\n- one\n- two\n", "has no text under ## Pitfalls"},
		{"names: repositories\n", "needs names and audience"}, {"```yaml\n", "one fenced block"},
		{"- https://example.com\n", "## Sources"}, {"\n---\n\n", "must begin with"},
	} {
		_, err := Parse([]byte(strings.Replace(whole, c.without, "", 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("without %q: %v", c.without, err)
		}
	}
	if _, err := Parse([]byte(whole + "\n## Notes\n\nx\n")); err == nil ||
		!strings.Contains(err.Error(), `a heading "Notes"`) {
		t.Errorf("%v", err)
	}
}
