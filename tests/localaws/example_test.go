package localaws_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsbody"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/issuers"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

func Example() {
	set, err := issuers.Start()
	must(err)
	defer func() { must(set.Close()) }()
	issuer, err := set.Add("https://token.actions.githubusercontent.com")
	must(err)
	server, err := localaws.Start(localaws.Options{IssuerHosts: set.Hosts(), IssuerRoots: set.Roots()})
	must(err)
	defer func() { must(server.Close()) }()

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(server.CAPEM()) // other clients: write it to a file for AWS_CA_BUNDLE
	id, secret := server.Credentials()
	config := aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(id, secret, ""),
		HTTPClient:   &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}},
		APIOptions:   []func(*middleware.Stack) error{awsbody.Whole},
	}
	ctx, client := context.Background(), iam.NewFromConfig(config)
	_, err = client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(issuer.URL()), ClientIDList: []string{audience},
	})
	must(err)
	role, err := client.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 aws.String("deploy"),
		AssumeRolePolicyDocument: aws.String(trust(issuer.URL(), map[string]any{"aud": audience, "sub": subject})),
	})
	must(err)

	for _, branch := range []string{"main", "feature"} {
		token, err := issuer.Sign(map[string]any{"aud": audience, "sub": "repo:acme/web:ref:refs/heads/" + branch})
		must(err)
		out, err := sts.NewFromConfig(config).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: role.Role.Arn, RoleSessionName: aws.String("job"), WebIdentityToken: &token,
		})
		if err != nil {
			fmt.Println(branch, "is refused")
			continue
		}
		fmt.Println(branch, "is", *out.AssumedRoleUser.Arn)
	}
	// Output:
	// main is arn:aws:sts::123456789012:assumed-role/deploy/job
	// feature is refused
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
