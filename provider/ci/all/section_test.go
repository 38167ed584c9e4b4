package all

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// withSection is a good section github with some properties changed.
func withSection(changes object) object {
	written := gitHub(repository, object{"tags": list{"v1"}})
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
		{object{"providerArn": "arn:aws:iam::123456789012:role/x"},
			`providerArn: must be the ARN of an IAM OIDC provider, ` +
				`arn:PARTITION:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com (found ` +
				`"arn:aws:iam::123456789012:role/x")`},
		{object{"providerArn": ""}, `providerArn: must be the ARN of an IAM OIDC provider, ` +
			`arn:PARTITION:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com (found "")`},
		{object{"providerArn": ourArn + "/acme"}, `providerArn: is the provider of another issuer; this section ` +
			`needs the one of https://token.actions.githubusercontent.com (found "` + ourArn + `/acme")`},
		{object{"providerArn": strings.Replace(ourArn, "aws", "aws-cn", 1)}, `providerArn: lies in another partition ` +
			`than the role, which is in aws (found "` + strings.Replace(ourArn, "aws", "aws-cn", 1) + `")`},
		{object{"providerArn": strings.Replace(ourArn, "1", "2", 1)},
			`providerArn: lies in another account than the role, which is in 123456789012; a role trusts only ` +
				`providers of its own account (found "` + strings.Replace(ourArn, "1", "2", 1) + `")`},
		{object{"providerArn": ourArn, "retainProvider": true}, "retainProvider: has no meaning beside providerArn: " +
			"the provider is not created here, and stays when the stack goes"},
		{object{"providerArn": ourArn, "thumbprints": list{strings.Repeat("a", 40)}}, "thumbprints: has no meaning " +
			"beside providerArn: the provider is not created here, and stays when the stack goes"},
		{object{"existingProvider": true, "retainProvider": true}, "retainProvider: has no meaning beside " +
			"existingProvider: the provider is not created here, and stays when the stack goes"},
		{object{"existingProvider": true, "thumbprints": list{strings.Repeat("a", 40)}}, "thumbprints: has no " +
			"meaning beside existingProvider: the provider is not created here, and stays when the stack goes"},
		{object{"existingProvider": true, "providerArn": ourArn}, "existingProvider: says the same as providerArn; " +
			"leave one of the two out"},
		{object{"existingProvider": citest.Unknown{}}, "existingProvider: must be known at preview: it decides " +
			"whether a provider is created; write true or false"},
		{object{"retainProvider": citest.Unknown{}}, "retainProvider: must be known at preview: it decides what " +
			"happens to the provider when the stack goes; write true or false"},
		{object{"thumbprints": list{"aa:bb"}}, `thumbprints[0]: must be the SHA-1 thumbprint of a certificate: 40 ` +
			`hex digits without colons (found "aa:bb")`},
		{object{"audiences": list{""}}, `audiences[0]: must have 1 to 255 characters (found "")`},
		{object{"audiences": list{strings.Repeat("a", 256)}},
			`audiences[0]: must have 1 to 255 characters ` + input.Got(input.Value{Scalar: strings.Repeat("a", 256)})},
		{object{"audiences": list{"*"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space ` +
			`and control characters (found "*")`},
		{object{"audiences": list{"sts?"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space ` +
			`and control characters (found "sts?")`},
		{object{"audiences": list{"${x}"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space ` +
			`and control characters (found "${x}")`},
		{object{"audiences": list{"a b"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space ` +
			`and control characters (found "a b")`},
		{object{"audiences": list{"a\tb"}}, `audiences[0]: must be one exact audience, without *, ?, ${, white space ` +
			`and control characters (found "a\tb")`},
	} {
		_, lines := read(withSection(c.changes), citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.changes), lines, []string{"github." + c.want})
	}
	for _, changes := range []object{
		{"providerArn": ourArn}, {"providerArn": ourArn, "retainProvider": false}, {"providerArn": citest.Unknown{}},
		{"existingProvider": true}, {"existingProvider": true, "retainProvider": false}, {"existingProvider": false},
		{"existingProvider": false, "retainProvider": true}, {"existingProvider": false, "providerArn": ourArn},
		{"retainProvider": true}, {"thumbprints": list{strings.Repeat("aB", 20)}},
		{"audiences": list{"https://github.com/acme", "b"}}, {"audiences": citest.Unknown{}},
	} {
		trusts := mustRead(t, withSection(changes), citest.InAWS)
		_, given := changes["providerArn"]
		if given = given || changes["existingProvider"] == true; trusts[0].UsesProvider() != given {
			t.Errorf("%v: a provider is used: %v", changes, trusts[0].UsesProvider())
		}
	}
	trusts := mustRead(t, withSection(object{"thumbprints": list{strings.Repeat("aB", 20)}}), citest.InAWS)
	citest.SameStrings(t, "thumbprints", trusts[0].Thumbprints(), []string{strings.Repeat("ab", 20)})
}

func TestAProviderIsNotHeldAgainstAnAccountThatIsNotKnownYet(t *testing.T) {
	for _, arn := range []string{ourArn, strings.Replace(ourArn, "aws", "aws-us-gov", 1)} {
		if trusts := mustRead(t, withSection(object{"providerArn": arn}),
			ci.Account{}); trusts[0].ProviderArn() != arn {
			t.Errorf("the provider is %q", trusts[0].ProviderArn())
		}
	}
}

func TestAnExistingProviderIsThatOfTheIssuerInTheAccount(t *testing.T) {
	existing := withSection(object{"existingProvider": true})
	if trusts := mustRead(t, existing, citest.InAWS); trusts[0].ProviderArn() != ourArn {
		t.Errorf("the provider is %q", trusts[0].ProviderArn())
	}
	for _, account := range []ci.Account{{}, {Partition: "aws"}, {ID: "123456789012"}} {
		if trusts := mustRead(t, existing, account); trusts[0].ProviderArn() != "" || !trusts[0].UsesProvider() {
			t.Errorf("%+v: the provider is %q", account, trusts[0].ProviderArn())
		}
	}
}

func TestAnOrganizationThatIsSecretDoesNotAppearInTheProblemOfAnotherProperty(t *testing.T) {
	for _, arn := range []string{"arn:aws:iam::123456789012:oidc-provider/other", "no arn"} {
		_, lines := read(object{"circleci": object{
			"organizationId": citest.Secret(organization), "providerArn": arn,
			"projects": list{object{"id": project, "vcsOrigin": origin, "tags": list{"v1"}}},
		}}, citest.InAWS)
		if all := strings.Join(lines, "\n"); len(lines) != 1 || strings.Contains(all, organization) ||
			!strings.Contains(all, "ISSUER") {
			t.Errorf("%s: %s", arn, all)
		}
	}
}

func TestAtLeastOneSectionIsNeededAndAnUnknownOneIsRefused(t *testing.T) {
	var names []string
	for _, s := range Registry().Systems() {
		names = append(names, s.Section())
	}
	_, lines := read(object{}, citest.InAWS)
	citest.SameStrings(t, "nothing", lines,
		[]string{"github: nobody is trusted: give at least one section of " + strings.Join(names, ", ")})
	_, lines = read(object{
		"github":   citest.Unknown{},
		"circleci": circleCI(object{"vcsOrigin": origin, "tags": list{"v1"}})["circleci"],
	}, citest.InAWS)
	citest.SameStrings(t, "unknown", lines,
		[]string{"github: is not known at preview; whether the section is there decides which resources exist, " +
			"so the section itself must be a plain value: what stands inside it may be an output"})
}

func TestOnlyHighFindingsNeedAcceptanceAndOnlyIdsOfFindingsAreAccepted(t *testing.T) {
	risky := gitHub(repository, object{"branches": list{"*"}, "pullRequests": true, "environments": list{"*"}})
	_, lines := read(risky, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "github.repositories[0].branches: whoever may push any branch "+
		"or tag to the repository gets the role, without a review. Name the branches") {
		t.Errorf("problems: %q", lines)
	}
	risky["acceptRisks"] = list{"github-any-ref"}
	mustRead(t, risky, citest.InAWS)
	risky["acceptRisks"] = list{citest.Unknown{}}
	mustRead(t, risky, citest.InAWS)
	risky["acceptRisks"] = list{"github-any-ref", "github-anyref"}
	_, lines = read(risky, citest.InAWS)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "acceptRisks[1]: is not the id of a finding; the ids are ") ||
		!strings.Contains(lines[0], ", github-any-ref, ") {
		t.Errorf("problems: %q", lines)
	}
}
