package doctor

import (
	"context"
	"crypto/sha1" // IAM's thumbprints are SHA-1
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
)

// providers are those that the policy names, each once.
func (e *examination) providers() []string {
	var named []string
	for _, s := range e.policy.Statements {
		if s.Effect == "Allow" && s.AboutWebIdentity() {
			named = append(named, federated(s)...)
		}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

func (e *examination) examineProviders(ctx context.Context) {
	role, _ := arn.Parse(e.report.RoleArn)
	for _, provider := range e.providers() {
		parsed, err := arn.Parse(provider)
		host, isProvider := strings.CutPrefix(parsed.Resource, "oidc-provider/")
		if err != nil || !isProvider {
			continue // accounts.google.com and its kind are no resources of an account; SAML is another matter
		}
		if parsed.AccountID != role.AccountID || parsed.Partition != role.Partition {
			e.problem("provider-elsewhere", fmt.Sprintf("the policy names the provider %s, which is of account %s of "+
				"partition %s; STS looks in the role's own, account %s of partition %s", provider, parsed.AccountID,
				parsed.Partition, role.AccountID, role.Partition),
				fmt.Sprintf("write arn:%s:iam::%s:oidc-provider/%s", role.Partition, role.AccountID, host))
			continue
		}
		e.examineProvider(ctx, provider, host)
	}
}

func (e *examination) examineProvider(ctx context.Context, provider, host string) {
	answer, err := e.IAM.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(provider),
	})
	switch {
	case code(err) == "NoSuchEntity":
		e.missing(ctx, provider, host)
		return
	case err != nil:
		e.unreadable = true
		e.note("the provider %s could not be read (that takes iam:GetOpenIDConnectProvider): %s", provider,
			plainError(err))
		return
	}
	e.clientIDs = append(e.clientIDs, answer.ClientIDList...)
	if bare := strings.TrimSuffix(host, "/"); bare != host {
		if system, _ := all.Registry().Owner(bare); system != nil {
			e.problem("issuer-slash", fmt.Sprintf("the provider's URL ends in a slash, and the tokens of %s name "+
				"their issuer without one, so that no token fits", system.Title()),
				"make a provider for https://"+bare+" and name it in the policy")
		} else {
			e.note("the URL of %s ends in a slash; only tokens whose iss ends in one as well fit", provider)
		}
	}
	for _, audience := range e.audiences(provider, host) {
		if !slices.Contains(answer.ClientIDList, audience) {
			e.problem("client-id-missing", fmt.Sprintf("the policy wants the audience %q, and the provider %s has "+
				"no such client id, so STS refuses the token before it reads the policy", audience, provider),
				fmt.Sprintf("aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn %s "+
					"--client-id %s", provider, audience))
		}
	}
	e.examineThumbprint(ctx, provider, host, answer.ThumbprintList)
}

// missing says that a provider is not there, and which one might be meant: one whose name differs in letter case or in
// a slash at the end.
func (e *examination) missing(ctx context.Context, provider, host string) {
	near := ""
	if list, err := e.IAM.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{}); err == nil {
		for _, p := range list.OpenIDConnectProviderList {
			other := aws.ToString(p.Arn)
			if strings.EqualFold(strings.TrimSuffix(other, "/"), strings.TrimSuffix(provider, "/")) {
				near = other
			}
		}
	}
	if near != "" {
		e.problem("provider-spelling", fmt.Sprintf("the account has no provider %s; it has %s, and a slash or "+
			"letter case makes it another one", provider, near),
			"make one whose URL is the iss of the tokens to the letter, and name it in the policy")
		return
	}
	e.problem("provider-missing", "the account has no provider "+provider+", so no token of its issuer gets in",
		"make it, with CiOidcTrust or CiOidcProviders, or: aws iam create-open-id-connect-provider --url https://"+host+
			" --client-id-list AUDIENCE")
}

// audiences are those that the policy compares literally with the audience of the provider's tokens.
func (e *examination) audiences(provider, host string) []string {
	var wanted []string
	for _, s := range e.policy.Statements {
		if s.Effect != "Allow" || !slices.Contains(federated(s), provider) {
			continue
		}
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, host+":aud") && strings.HasPrefix(c.Operator, "StringEquals") {
				wanted = append(wanted, c.Values...)
			}
		}
	}
	slices.Sort(wanted)
	return slices.Compact(wanted)
}

// examineThumbprint looks at the certificate of the issuer. IAM asks its thumbprints only where no public authority
// vouches for the certificate.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
func (e *examination) examineThumbprint(ctx context.Context, provider, host string, thumbprints []string) {
	name, _, _ := strings.Cut(host, "/")
	ask := e.Certificates
	if ask == nil {
		ask = connect
	}
	chain, vouched, err := ask(ctx, name)
	switch {
	case err != nil:
		e.note("the certificate of %s was not looked at, because it does not answer here: %v. That matters only for "+
			"an issuer under a private authority", name, err)
	case vouched || len(chain) == 0:
	default:
		last := sha1.Sum(chain[len(chain)-1].Raw)
		print := hex.EncodeToString(last[:])
		if !slices.ContainsFunc(thumbprints, func(t string) bool { return strings.EqualFold(t, print) }) {
			e.problem("thumbprint", fmt.Sprintf("no public authority that is known here vouches for the certificate "+
				"of %s, and the provider %s does not have the thumbprint of the last certificate that it presents, "+
				"%s", name,
				provider, print),
				"check that the certificate is yours, and then: aws iam update-open-id-connect-provider-thumbprint "+
					"--open-id-connect-provider-arn "+provider+" --thumbprint-list "+print)
		}
	}
}

// connect asks the host for its certificates.
func connect(ctx context.Context, host string) (chain []*x509.Certificate, vouched bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	address := host
	if _, _, err := net.SplitHostPort(host); err != nil {
		address = net.JoinHostPort(host, "443")
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		// The certificates are only looked at, and verified below: one that does not verify is what is looked for.
		InsecureSkipVerify: true, //nolint:gosec // nothing is sent
	}
	connection, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = connection.Close() }()
	secured, is := connection.(*tls.Conn)
	if !is {
		return nil, false, errors.New("no TLS connection")
	}
	chain = secured.ConnectionState().PeerCertificates
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, false, err
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, wrong := chain[0].Verify(x509.VerifyOptions{DNSName: name, Intermediates: between})
	return chain, wrong == nil, nil
}
