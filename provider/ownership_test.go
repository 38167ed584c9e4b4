package provider

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestAnOwnerIsOneComponentOfOneStackAndFitsIntoATag(t *testing.T) {
	request := func(parent, name string) *pulumirpc.ConstructRequest {
		return &pulumirpc.ConstructRequest{
			Project: "shop", Stack: "dev", Type: trustToken, Name: name, Parent: parent,
		}
	}
	const stack = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
	for _, c := range []struct{ parent, name, want string }{
		{"", "deploy", "shop/dev/CiOidcTrust/deploy"},
		{stack, "deploy", "shop/dev/CiOidcTrust/deploy"},
		{"urn:pulumi:dev::shop::shop:index:Pipeline::web", "deploy", "shop/dev/web/CiOidcTrust/deploy"},
		{stack, "a'b", "shop/dev/CiOidcTrust/a_b-"},
		{stack, strings.Repeat("ä", 300), "shop/dev/CiOidcTrust/ä"},
		{stack, "a\xffb", "shop/dev/CiOidcTrust/a_b-"},
	} {
		got := ownerOf(request(c.parent, c.name))
		if !strings.HasPrefix(got, c.want) || len([]rune(got)) > 256 || !tagText.MatchString(got) {
			t.Errorf("%q: %q", c.name, got)
		}
	}
	seen := map[string]string{}
	for _, name := range []string{"a'b", `a"b`, "a_b", strings.Repeat("x", 300), strings.Repeat("x", 301)} {
		got := ownerOf(request(stack, name))
		if other, twice := seen[got]; twice {
			t.Errorf("%q and %q are one owner: %s", name, other, got)
		}
		seen[got] = name
	}
}

func TestAMissingProviderIsToldFromADeniedOneInTheWordsOfTheAWSProvider(t *testing.T) {
	const prefix = "reading IAM OIDC Provider (arn): "
	for _, c := range []struct {
		text            string
		missing, denied bool
	}{
		{"couldn't find resource", true, false},
		{"operation error IAM: GetOpenIDConnectProvider, https response error StatusCode: 404, RequestID: 1, " +
			"NoSuchEntity: not found", true, false},
		{"operation error IAM: GetOpenIDConnectProvider, https response error StatusCode: 403, RequestID: 1, " +
			"api error AccessDenied: User is not authorized to perform: iam:GetOpenIDConnectProvider", false, true},
		{"connection refused", false, false},
	} {
		err := errorText(prefix + c.text)
		if isMissing(err) != c.missing || isDenied(err) != c.denied {
			t.Errorf("%s: missing %v, denied %v", c.text, isMissing(err), isDenied(err))
		}
	}
}

type errorText string

func (e errorText) Error() string { return string(e) }
