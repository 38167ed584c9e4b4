package ci

import (
	"strings"
	"testing"
)

func TestACustomIssuerOfASectionIsRefused(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://token.actions.githubusercontent.com": "GitHub Actions; write the section github",
		"https://TOKEN.actions.acme.ghe.com":          "GitHub Actions; write the section github",
		"https://oidc.circleci.com/org/x":             "CircleCI; write the section circleci",
	} {
		written := allCustom(object{"issuer": issuer})
		written["acceptRisks"] = allRisks()
		_, lines := allRead(written, inAWS)
		sameStrings(t, issuer, lines, []string{"custom.woodpecker.issuer: is an issuer of " + want + `, which knows its subjects (found "` + issuer + `")`})
	}
	_, lines := allRead(object{"custom": object{"github": allCustom(nil)["custom"].(object)["woodpecker"]}}, inAWS)
	sameStrings(t, "github", lines, []string{"custom.github: is called like a section; choose another name, or write that section"})
}

func TestTheGrantsOfSeveralSystemsReadAsSentences(t *testing.T) {
	both := allGitHub(allRepository, object{"tags": list{"v1"}})
	both["circleci"] = allCircleCI(object{"vcsOrigin": allOrigin, "tags": list{"v1"}})["circleci"]
	sameStrings(t, "grants", Sentences(allMustRead(t, both, inAWS)), []string{
		"CircleCI: github.com/acme/web (project " + allProject + ") on tag v1", "GitHub Actions: acme/web on tag v1",
	})
}

func TestTwoSectionsOfOneIssuerAreAnErrorAlsoWhenLetterCaseDiffers(t *testing.T) {
	gitlab := object{"url": "https://CI.example.com", "audiences": list{"x"}, "projects": list{object{"path": "acme/web", "branches": list{"main"}}}}
	for _, written := range []object{
		{"custom": allCustom(nil)["custom"], "gitlab": gitlab},
		{"custom": object{"a": allCustom(nil)["custom"].(object)["woodpecker"], "b": allCustom(nil)["custom"].(object)["woodpecker"]}},
	} {
		_, lines := allRead(written, inAWS)
		if len(lines) != 1 || !strings.Contains(lines[0], "AWS allows one OIDC provider per issuer URL and account") {
			t.Errorf("%q", lines)
		}
	}
	hidden := gitlab
	hidden["url"] = secret("https://ci.example.com")
	_, lines := allRead(object{"custom": allCustom(nil)["custom"], "gitlab": hidden}, inAWS)
	if len(lines) != 1 || strings.Contains(lines[0], "ci.example.com") || !strings.HasPrefix(lines[0], "gitlab (secret): has the issuer of custom.woodpecker") {
		t.Errorf("%q", lines)
	}
}
