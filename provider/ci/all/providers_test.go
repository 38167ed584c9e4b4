package all

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// handed is a good section github beside a map of providers.
func handed(arns any, changes object) object {
	written := withSection(changes)
	written["providerArns"] = arns
	return written
}

func TestWithProviderArnsNoProviderIsCreatedAndEachSectionNeedsAnArn(t *testing.T) {
	for _, c := range []struct {
		written object
		want    []string
	}{
		{handed(object{"github": ourArn}, nil), nil},
		{handed(object{"github": ourArn, "circleci": "arn of a section that is not there"}, nil), nil},
		{handed(citest.Unknown{}, nil), nil},
		{handed(object{"github": citest.Unknown{}}, nil), nil},
		{handed(object{}, object{"providerArn": ourArn}), nil},
		{handed(object{}, object{"existingProvider": true}), nil},
		{handed(object{"circleci": ourArn}, nil), []string{
			"providerArns: has no ARN for the section github, and no provider is created where providerArns is " +
				"written; " +
				"add the section to the CiOidcProviders that it comes from, or write github.existingProvider: " +
				"true (it " +
				"has circleci, no other)"}},
		{handed(object{"github": ourArn + "/acme"}, nil), []string{
			"providerArns.github: is the provider of another issuer; this section needs the one of " +
				"https://token.actions.githubusercontent.com (found \"" + ourArn + "/acme\")"}},
		{handed(object{"github": strings.Replace(ourArn, "1", "2", 1)}, nil), []string{
			"providerArns.github: lies in another account than the role, which is in 123456789012; a role " +
				"trusts only " +
				"providers of its own account (found \"" + strings.Replace(ourArn, "1", "2", 1) + "\")"}},
		{handed(object{"github": ourArn}, object{"retainProvider": true, "thumbprints": list{strings.Repeat("a", 40)}}),
			[]string{"github.retainProvider: has no meaning beside providerArns: the provider is not created " +
				"here, and " +
				"stays when the stack goes", "github.thumbprints: has no meaning beside providerArns: the " +
				"provider is " +
				"not created here, and stays when the stack goes"}},
	} {
		trusts, lines := read(c.written, citest.InAWS)
		if !slices.Equal(lines, c.want) {
			t.Errorf("%v:\n got %q\nwant %q", c.written, lines, c.want)
		}
		if !trusts[0].UsesProvider() {
			t.Errorf("%v: a provider is created", c.written)
		}
	}
}

func TestTheProofRunsWithAPlaceholderWhileProviderArnsIsNotKnown(t *testing.T) {
	trusts := mustRead(t, handed(citest.Unknown{}, nil), citest.InAWS)
	if !trusts[0].FullyKnown || trusts[0].ProviderArn() != "" || !trusts[0].HandedOn() {
		t.Errorf("%+v", trusts[0])
	}
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("%v, %v", err, problems.Sorted())
	}
}

func TestASecretMapOfProvidersIsNotShown(t *testing.T) {
	_, lines := read(handed(citest.Secret(object{"hunter2": "hunter3"}), nil), citest.InAWS)
	if text := strings.Join(lines, "\n"); len(lines) != 1 || strings.Contains(text, "hunter") {
		t.Errorf("%q", lines)
	}
}

// providersOf reads sections of CiOidcProviders, and returns the problems as "path: reason" lines.
func providersOf(written object) ([]ci.Trust, []string) {
	var problems input.Problems
	trusts := Registry().ReadProviders(citest.Tree("", written), citest.InAWS, &problems)
	var lines []string
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return trusts, lines
}

func TestAProviderIsReadFromTheWordsThatMakeItsIssuer(t *testing.T) {
	trusts, lines := providersOf(object{
		"github": object{}, "circleci": object{"organizationId": organization},
		"gitlab": object{"url": "https://gitlab.example.com", "thumbprints": list{strings.Repeat("aB", 20)}},
		"custom": object{"woodpecker": object{"issuer": "https://ci.example.com", "audiences": list{"a"}}},
	})
	if len(lines) > 0 {
		t.Fatalf("%q", lines)
	}
	var got []string
	for _, trust := range trusts {
		got = append(got, fmt.Sprint(trust.Section, " ", trust.Issuer(), " ", trust.Audiences(), " ",
			len(trust.Thumbprints())))
	}
	citest.SameStrings(t, "providers", got, []string{
		"circleci https://oidc.circleci.com/org/" + organization + " [" + organization + "] 0",
		"woodpecker https://ci.example.com [a] 0",
		"github https://token.actions.githubusercontent.com [sts.amazonaws.com] 0",
		"gitlab https://gitlab.example.com [https://gitlab.example.com] 1",
	})
}

func TestWhatIsWrongWithProvidersIsSaidAndNotThatNobodyIsTrusted(t *testing.T) {
	var sections []string
	for _, s := range Registry().Systems() {
		if !s.Issuer().BuiltIn {
			sections = append(sections, s.Section())
		}
	}
	for _, c := range []struct {
		written object
		want    []string
	}{
		{object{}, []string{"github: there is no issuer to make a provider for: give at least one section of " +
			strings.Join(sections, ", ")}},
		{object{"github": citest.Unknown{}}, []string{"github: is not known at preview; whether the section is there " +
			"decides which resources exist, so the section itself must be a plain value: what stands inside it " +
			"may be " +
			"an output"}},
		{object{"github": object{"audiences": list{"*"}, "thumbprints": list{"aa"}}}, []string{
			"github.audiences[0]: must be one exact audience, without *, ?, ${, white space and control characters " +
				`(found "*")`,
			"github.thumbprints[0]: must be the SHA-1 thumbprint of a certificate: 40 hex digits without colons " +
				`(found "aa")`}},
		{object{"bitbucket": object{"workspace": "acme"}}, []string{"bitbucket.audiences: is missing, and " +
			"nothing that " +
			"is written says which audience the tokens have; list those that roles require"}},
		{object{"gitlab": object{"url": "https://token.actions.githubusercontent.com"}}, []string{
			"gitlab.url: is an issuer of GitHub Actions; write the section github, which knows its subjects " +
				`(found "https://token.actions.githubusercontent.com")`}},
		{object{"custom": object{}}, []string{"custom: is empty; give each issuer a name of your own, such as " +
			"{woodpecker: {issuer: https://ci.example.com, ...}}"}},
		{object{"custom": object{"github": object{"issuer": "https://ci.example.com", "audiences": list{"a"}}}},
			[]string{"custom.github: is called like a section; choose another name, or write that section"}},
	} {
		_, lines := providersOf(c.written)
		citest.SameStrings(t, fmt.Sprint(c.written), lines, c.want)
	}
}
