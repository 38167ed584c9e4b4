package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// An accountProvider is an OIDC provider that the account has.
type accountProvider struct {
	issuer    string // without https://; "" where the AWS provider cannot answer yet, at preview
	audiences []string
	tags      map[string]string
}

// getProvider is the function of the AWS provider that reads an OIDC provider.
const getProvider = "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider"

type (
	providerArguments struct {
		Arn string `pulumi:"arn"`
	}
	providerAnswer struct {
		URL       string            `pulumi:"url"`
		ClientIDs []string          `pulumi:"clientIdLists"`
		Tags      map[string]string `pulumi:"tags"`
	}
)

// readProvider asks AWS for the OIDC provider of an ARN.
func readProvider(a asker, arn string) (accountProvider, error) {
	found, err := ask[providerAnswer](a, getProvider, arn, providerArguments{arn})
	if err != nil {
		return accountProvider{}, err
	}
	return accountProvider{
		issuer: strings.TrimPrefix(found.URL, "https://"), audiences: found.ClientIDs, tags: found.Tags,
	}, nil
}

// isMissing reports that AWS has no such thing. Where the API says NoSuchEntity, the AWS provider may say that it could
// not find the resource.
func isMissing(err error) bool {
	return says(err, "NoSuchEntity", "StatusCode: 404", "couldn't find resource", "no matching")
}

// isDenied reports that AWS did not let the caller ask.
func isDenied(err error) bool {
	return says(err, "AccessDenied", "StatusCode: 403", "not authorized to perform")
}

func says(err error, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// holdProvider looks up the existing OIDC provider of a trust and holds it against what the trust needs.
func (c *component) holdProvider(t *ci.Trust) {
	problems := &c.problems
	at := t.NamedAt()
	derived := t.Input.Field("existingProvider").Bool()
	if derived { // the ARN is made of what stands in the section
		at.Secret = at.Secret || t.HasSecret
	}
	found, err := readProvider(c.aws, t.ProviderArn())
	if err != nil {
		problems.Add(at, lookUpProblem(derived, err), "("+t.ProviderArn()+": "+err.Error()+")")
		return
	}
	if c.owns(found) {
		problems.Add(at, c.switchProblem(), "("+t.ProviderArn()+")")
		return
	}
	at.Secret = at.Secret || t.HasSecret // issuer and audiences come from other properties of the section
	if found.issuer != "" && t.Issuer() != "" && found.issuer != t.Host() {
		problems.Add(at, "is the provider of another issuer than this section's",
			"(found "+found.issuer+", needed "+t.Host()+")")
	}
	for _, audience := range t.Audiences() {
		if at.Derived && c.aws.ctx.DryRun() {
			break // the program's own provider may get it in the same up, before this is asked again
		}
		if found.issuer != "" && !slices.Contains(found.audiences, audience) {
			problems.Add(at, "names a provider that does not have the required audience among its client ids, so "+
				"AWS would refuse every token; add it (aws iam add-client-id-to-open-id-connect-provider) or "+
				"require another in "+t.Input.Field("audiences").Path,
				fmt.Sprintf("(missing %q)", audience))
		}
	}
}

// lookUpProblem says why an existing provider could not be looked up, and what to do.
func lookUpProblem(derived bool, err error) string {
	switch {
	case isMissing(err) && derived:
		return "is true, and the account has no OIDC provider for the issuer: it was deleted, or never made. Leave " +
			"existingProvider out, and one is created here; or make one with CiOidcProviders, and hand its " +
			"providerArns on"
	case isMissing(err):
		return "names an OIDC provider that the account does not have: it was deleted, or never made. Leave it out, " +
			"and one is created here, or name one that is there (aws iam list-open-id-connect-providers)"
	case isDenied(err):
		return "names an OIDC provider that may not be looked up: give whoever runs Pulumi the permission " +
			"iam:GetOpenIDConnectProvider on it"
	}
	return "names an OIDC provider that could not be looked up"
}
