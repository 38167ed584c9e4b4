package all

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

func TestACustomIssuerOfASectionIsRefused(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://token.actions.githubusercontent.com": "GitHub Actions; write the section github",
		"https://TOKEN.actions.acme.ghe.com":          "GitHub Actions; write the section github",
		"https://oidc.circleci.com/org/x":             "CircleCI; write the section circleci",
	} {
		written := customSection(object{"issuer": issuer})
		written["acceptRisks"] = risks()
		_, lines := read(written, citest.InAWS)
		citest.SameStrings(t, issuer, lines, []string{
			"custom.woodpecker.issuer: is an issuer of " + want + `, which knows its subjects (found "` + issuer + `")`,
		})
	}
	_, lines := read(object{"custom": object{"github": customSection(nil)["custom"].(object)["woodpecker"]}},
		citest.InAWS)
	citest.SameStrings(t, "github", lines,
		[]string{"custom.github: is called like a section; choose another name, or write that section"})
}

func TestTheGrantsOfSeveralSystemsReadAsSentences(t *testing.T) {
	both := gitHub(repository, object{"tags": list{"v1"}})
	both["circleci"] = circleCI(object{"vcsOrigin": origin, "tags": list{"v1"}})["circleci"]
	citest.SameStrings(t, "grants", ci.Sentences(mustRead(t, both, citest.InAWS)), []string{
		"CircleCI: github.com/acme/web (project " + project + ") on tag v1", "GitHub Actions: acme/web on tag v1",
	})
}

func TestTwoSectionsOfOneIssuerAreAnErrorAlsoWhenLetterCaseDiffers(t *testing.T) {
	gitlab := object{
		"url":       "https://CI.example.com",
		"audiences": list{"x"},
		"projects":  list{object{"path": "acme/web", "branches": list{"main"}}},
	}
	for _, written := range []object{
		{"custom": customSection(nil)["custom"], "gitlab": gitlab},
		{"custom": object{
			"a": customSection(nil)["custom"].(object)["woodpecker"],
			"b": customSection(nil)["custom"].(object)["woodpecker"],
		}},
	} {
		_, lines := read(written, citest.InAWS)
		if len(lines) != 1 || !strings.Contains(lines[0], "AWS allows one OIDC provider per issuer URL and account") {
			t.Errorf("%q", lines)
		}
	}
	hidden := gitlab
	hidden["url"] = citest.Secret("https://ci.example.com")
	_, lines := read(object{"custom": customSection(nil)["custom"], "gitlab": hidden}, citest.InAWS)
	if len(lines) != 1 || strings.Contains(lines[0], "ci.example.com") ||
		!strings.HasPrefix(lines[0], "gitlab (secret): has the issuer of custom.woodpecker") {
		t.Errorf("%q", lines)
	}
}
