package ci

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// withSection is a good section github with some properties changed.
func withSection(changes object) object {
	written := github(acmeWeb, object{"tags": list{"v1"}})
	for name, value := range changes {
		written["github"].(object)[name] = value
	}
	return written
}

const ourArn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"

func TestWhatIsWrongWithTheProviderIsSaidWithItsRemedy(t *testing.T) {
	for _, c := range []struct {
		changes object
		want    string
	}{
		{object{"providerArn": "arn:aws:iam::123456789012:role/x"}, `providerArn: must be the ARN of an IAM OIDC provider, arn:PARTITION:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com (found "arn:aws:iam::123456789012:role/x")`},
		{object{"providerArn": ""}, `providerArn: must be the ARN of an IAM OIDC provider, arn:PARTITION:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com (found "")`},
		{object{"providerArn": ourArn + "/acme"}, `providerArn: is the provider of another issuer; this section needs the one of https://token.actions.githubusercontent.com (found "` + ourArn + `/acme")`},
		{object{"providerArn": strings.Replace(ourArn, "aws", "aws-cn", 1)}, `providerArn: lies in another partition than the role, which is in aws (found "` + strings.Replace(ourArn, "aws", "aws-cn", 1) + `")`},
		{object{"providerArn": strings.Replace(ourArn, "1", "2", 1)}, `providerArn: lies in another account than the role, which is in 123456789012; a role trusts only providers of its own account (found "` + strings.Replace(ourArn, "1", "2", 1) + `")`},
		{object{"providerArn": ourArn, "retainProvider": true}, "retainProvider: has no meaning beside providerArn: the provider is not created here, and stays when the stack goes"},
		{object{"providerArn": ourArn, "thumbprints": list{strings.Repeat("a", 40)}}, "thumbprints: has no meaning beside providerArn: the provider is not created here, and stays when the stack goes"},
		{object{"retainProvider": unknown{}}, "retainProvider: must be known at preview: it decides what happens to the provider when the stack goes; write true or false"},
		{object{"thumbprints": list{"aa:bb"}}, `thumbprints[0]: must be the SHA-1 thumbprint of a certificate: 40 hex digits without colons (found "aa:bb")`},
		{object{"audiences": list{""}}, `audiences[0]: must have 1 to 255 characters (found "")`},
		{object{"audiences": list{strings.Repeat("a", 256)}}, `audiences[0]: must have 1 to 255 characters ` + input.Got(input.Value{Scalar: strings.Repeat("a", 256)})},
		{object{"audiences": list{"*"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space and control characters (found "*")`},
		{object{"audiences": list{"sts?"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space and control characters (found "sts?")`},
		{object{"audiences": list{"${x}"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space and control characters (found "${x}")`},
		{object{"audiences": list{"a b"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space and control characters (found "a b")`},
		{object{"audiences": list{"a\tb"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space and control characters (found "a\tb")`},
	} {
		_, lines := read(withSection(c.changes), inAWS)
		sameStrings(t, fmt.Sprint(c.changes), lines, []string{"github." + c.want})
	}
	for _, changes := range []object{
		{"providerArn": ourArn}, {"providerArn": ourArn, "retainProvider": false}, {"providerArn": unknown{}}, {"retainProvider": true},
		{"thumbprints": list{strings.Repeat("aB", 20)}}, {"audiences": list{"https://github.com/acme", "b"}}, {"audiences": unknown{}},
	} {
		trusts := mustRead(t, withSection(changes), inAWS)
		if _, given := changes["providerArn"]; trusts[0].UsesProvider != given {
			t.Errorf("%v: a provider is used: %v", changes, trusts[0].UsesProvider)
		}
	}
	trusts := mustRead(t, withSection(object{"thumbprints": list{strings.Repeat("aB", 20)}}), inAWS)
	sameStrings(t, "thumbprints", trusts[0].Thumbprints, []string{strings.Repeat("ab", 20)})
}

func TestAProviderIsNotHeldAgainstAnAccountThatIsNotKnownYet(t *testing.T) {
	for _, arn := range []string{ourArn, strings.Replace(ourArn, "aws", "aws-us-gov", 1)} {
		if trusts := mustRead(t, withSection(object{"providerArn": arn}), Account{}); trusts[0].ProviderArn != arn {
			t.Errorf("the provider is %q", trusts[0].ProviderArn)
		}
	}
}

func TestAnOrganizationThatIsSecretDoesNotAppearInTheProblemOfAnotherProperty(t *testing.T) {
	for _, arn := range []string{"arn:aws:iam::123456789012:oidc-provider/other", "no arn"} {
		_, lines := read(object{"circleci": object{
			"organizationId": secret{organization}, "providerArn": arn, "projects": list{object{"id": project, "vcsOrigin": origin, "tags": list{"v1"}}},
		}}, inAWS)
		if all := strings.Join(lines, "\n"); len(lines) != 1 || strings.Contains(all, organization) || !strings.Contains(all, "ISSUER") {
			t.Errorf("%s: %s", arn, all)
		}
	}
}

func TestAtLeastOneSectionIsNeededAndAnUnknownOneIsRefused(t *testing.T) {
	var names []string
	for _, s := range Systems() {
		names = append(names, s.Section())
	}
	_, lines := read(object{}, inAWS)
	sameStrings(t, "nothing", lines, []string{"github: nobody is trusted: give at least one section of " + strings.Join(names, ", ")})
	_, lines = read(object{"github": unknown{}, "circleci": circleci(object{"vcsOrigin": origin, "tags": list{"v1"}})["circleci"]}, inAWS)
	sameStrings(t, "unknown", lines, []string{"github: is not known at preview; whether the section is there decides which resources exist, " +
		"so the section itself must be a plain value: what stands inside it may be an output"})
}

func TestOnlyHighFindingsNeedAcceptanceAndOnlyIdsOfFindingsAreAccepted(t *testing.T) {
	risky := github(acmeWeb, object{"branches": list{"*"}, "pullRequests": true, "environments": list{"*"}})
	_, lines := read(risky, inAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].branches: whoever may push any branch or tag to the repository gets the role, without a review. Name the branches") {
		t.Errorf("problems: %q", lines)
	}
	risky["acceptRisks"] = list{"github-any-ref"}
	mustRead(t, risky, inAWS)
	risky["acceptRisks"] = list{unknown{}}
	mustRead(t, risky, inAWS)
	risky["acceptRisks"] = list{"github-any-ref", "github-anyref"}
	_, lines = read(risky, inAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "acceptRisks[1]: is not the id of a finding; the ids are ") || !strings.Contains(lines[0], ", github-any-ref, ") {
		t.Errorf("problems: %q", lines)
	}
}

// disguise makes every text of what was written secret and unlike anything a message could hold by itself.
func disguise(r *rand.Rand, written any, hidden *[]string) any {
	switch w := written.(type) {
	case object:
		changed := object{}
		for name, field := range w {
			changed[name] = disguise(r, field, hidden)
		}
		return changed
	case list:
		changed := list{}
		for _, item := range w {
			changed = append(changed, disguise(r, item, hidden))
		}
		return changed
	case string:
		text := []string{w, "", "*", "refs/heads/", "${", "https://", "a/b:", "@"}[r.IntN(8)] + fmt.Sprintf("s3cr3t%d", r.IntN(1e9)) + []string{"", "*", " ", "/", "@x/web"}[r.IntN(5)]
		*hidden = append(*hidden, text)
		return secret{text}
	}
	return written
}

func TestNoSecretAppearsInAnyProblem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 14))
	said := map[string]bool{}
	all := matrix()
	for range 300 {
		for _, written := range all {
			written = maps.Clone(written)
			written["acceptRisks"] = list{"github-any-ref"}
			written["github"], written["circleci"] = disguised(written["github"]), disguised(written["circleci"])
			var hidden []string
			_, lines := read(disguise(r, prune(written), &hidden).(object), inAWS)
			for _, line := range lines {
				said[line] = true
				for _, text := range hidden {
					if core := text[strings.Index(text, "s3cr3t"):]; strings.Contains(line, strings.TrimRight(core, "*/ ")) {
						t.Fatalf("%s appears in %s", text, line)
					}
				}
			}
		}
	}
	if len(said) < 20 {
		t.Errorf("only %d different problems", len(said))
	}
}

// disguised adds the properties that every section has.
func disguised(section any) any {
	s, ok := section.(object)
	if !ok {
		return section
	}
	s = maps.Clone(s)
	s["audiences"], s["providerArn"], s["thumbprints"] = list{"x"}, ourArn, list{"aa"}
	return s
}

func prune(written object) object {
	for name, value := range written {
		if value == nil {
			delete(written, name)
		}
	}
	return written
}

// A role for audiences that no token has would be refused by AWS at every run, without a word about why.
func TestAudiencesThatNoTokenOfTheSystemHasAreRefused(t *testing.T) {
	const reason = ", which no setting changes: the role would let none of them in. Leave audiences out (missing "
	asking := func(written object, section string, audiences ...any) object {
		written[section].(object)["audiences"] = list(audiences)
		written["acceptRisks"] = allRisks()
		return written
	}
	for _, c := range []struct {
		section string
		written func() object
		fixed   string
		whose   string
	}{
		{"spacelift", func() object { return spacelift(object{"runTypes": list{"TRACKED"}}) }, "acme.app.spacelift.io", "every token of the account"},
		{"azureDevOps", func() object { return azureDevOps(object{"serviceConnections": inWebShop("aws")}) }, azureDevOpsAudience, "every token of Azure DevOps"},
		{"env0", func() object { return env0(nil) }, env0Audience, "every token of env zero, azp, which AWS compares in the place of aud"},
		{"pulumiCloud", func() object { return pulumiEnv(nil) }, "aws:acme", "tokens of ESC environments"},
		{"pulumiCloud", func() object { return pulumiEnv(object{"project": "default"}) }, "acme", "tokens of ESC environments of the project default"},
		{"pulumiCloud", func() object { return pulumiDeploy("update") }, "acme", "tokens of Pulumi Deployments"},
	} {
		_, lines := read(asking(c.written(), c.section, "sts.amazonaws.com"), inAWS)
		sameStrings(t, c.section, lines, []string{c.section + ".audiences: lacks the audience of " + c.whose + reason + strconv.Quote(c.fixed) + ")"})
		for _, audiences := range [][]any{{c.fixed}, {"sts.amazonaws.com", c.fixed}, {"sts.amazonaws.com", unknown{}}} {
			if _, lines := read(asking(c.written(), c.section, audiences...), inAWS); len(lines) > 0 {
				t.Errorf("%s: %v is refused: %q", c.section, audiences, lines)
			}
		}
	}
	hidden := spacelift(object{"runTypes": list{"TRACKED"}})
	hidden["spacelift"].(object)["hostname"] = secret{"hush.app.spacelift.io"}
	_, lines := read(asking(hidden, "spacelift", "sts.amazonaws.com"), inAWS)
	if len(lines) != 1 || strings.Contains(lines[0], "hush") {
		t.Errorf("%q", lines)
	}
}
