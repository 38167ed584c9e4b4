package clients

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// longest is how long sessions of the roles may last.
const longest = 7200

// An account is a local AWS with issuers.
type account struct {
	aws      *localaws.Server
	issuers  *issuers.Set
	endpoint harness.Endpoint
	ca       string // the path of its certificate authority
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{}
	var err error
	a.issuers, err = issuers.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.issuers.Close()) })
	a.aws, err = localaws.Start(localaws.Options{Region: harness.Region})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.aws.Close()) })
	a.endpoint = harness.Endpoint{URL: a.aws.URL(), CAPEM: a.aws.CAPEM()}
	a.endpoint.AccessKeyID, a.endpoint.SecretAccessKey = a.aws.Credentials()
	a.ca = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(a.ca, a.aws.CAPEM(), 0o644))
	return a
}

// A role is one in the account, with tokens for it.
type role struct {
	ci.Role
	trust ci.Trust
	sign  func(claims map[string]any) (string, error)
}

// role makes what the component would make of sections, with one section among them.
func (a *account) role(t *testing.T, name, sections string) role {
	t.Helper()
	written := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(sections), &written))
	risks := []any{}
	for _, id := range citest.RisksOf(all.Registry(), written) {
		risks = append(risks, id)
	}
	written["acceptRisks"] = risks
	schema, err := check.Package()
	require.NoError(t, err)
	var problems input.Problems
	tree, _ := schema.Component("ci-oidc-trust:index:CiOidcTrust", written, &problems)
	in := ci.Account{Partition: "aws", Region: harness.Region, ID: "123456789012"}
	trusts := all.Registry().Read(tree, in, &problems)
	require.NoError(t, ci.Check(trusts, in, input.Value{Known: true}, &problems))
	require.Empty(t, problems.Sorted(), sections)
	require.Len(t, trusts, 1)
	trust := trusts[0]

	issuer, err := a.issuers.Add(trust.Issuer())
	require.NoError(t, err)
	a.aws.SetIssuerHosts(a.issuers.Hosts(), a.issuers.Roots())
	client := a.endpoint.IAM()
	if !trust.BuiltIn() {
		_, err = client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
			Url: aws.String(trust.Issuer()), ClientIDList: trust.Audiences(),
		})
		if exists := new(types.EntityAlreadyExistsException); errors.As(err, &exists) {
			another := &iam.AddClientIDToOpenIDConnectProviderInput{
				OpenIDConnectProviderArn: aws.String("arn:aws:iam::123456789012:oidc-provider/" + trust.Host()),
				ClientID:                 aws.String(trust.Audiences()[0]),
			}
			_, err = client.AddClientIDToOpenIDConnectProvider(t.Context(), another)
		}
		require.NoError(t, err)
	}
	made, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(name), Path: aws.String("/ci/"), MaxSessionDuration: aws.Int32(longest),
		AssumeRolePolicyDocument: aws.String(ci.Compile(trusts, in, nil).JSON()),
	})
	require.NoError(t, err)
	arn := aws.ToString(made.Role.Arn)
	return role{ci.Role{ARN: arn, Region: harness.Region, Duration: longest}, trust, issuer.Sign}
}

// admitted is a token that the role lets in.
func (r role) admitted(t *testing.T) string {
	t.Helper()
	return r.token(t, func(token ci.Token) bool { return token.Admit })
}

// refused is a token of the same issuer and for the same audience that the role does not let in.
func (r role) refused(t *testing.T) string {
	t.Helper()
	return r.token(t, func(token ci.Token) bool {
		return !token.Admit && !r.trust.Admits(token.Claims) && !strings.Contains(token.Name, "audience")
	})
}

func (r role) token(t *testing.T, wanted func(ci.Token) bool) string {
	t.Helper()
	for _, token := range r.trust.Grants[0].Tokens() {
		if wanted(token) {
			signed, err := r.sign(token.Claims)
			require.NoError(t, err)
			return signed
		}
	}
	require.Fail(t, "no such token")
	return ""
}
