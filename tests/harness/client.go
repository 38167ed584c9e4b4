package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsbody"
)

// client dials the endpoint and believes no other authority than its own.
func (e Endpoint) client() *awshttp.BuildableClient {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(e.CAPEM)
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	})
}

// wholeBodies is what every client of a local server needs.
var wholeBodies = []func(*middleware.Stack) error{awsbody.Whole}

// IAM is a client of the account's IAM with the keys of its administrator.
func (e Endpoint) IAM() *iam.Client {
	return iam.New(iam.Options{
		Region:       Region,
		BaseEndpoint: aws.String(e.URL),
		HTTPClient:   e.client(),
		APIOptions:   wholeBodies,
		Credentials:  credentials.NewStaticCredentialsProvider(e.AccessKeyID, e.SecretAccessKey, ""),
	})
}

// STS is a client of the account's STS with the given credentials, or with none.
func (e Endpoint) STS(keys aws.CredentialsProvider) *sts.Client {
	return sts.New(sts.Options{
		Region:       Region,
		BaseEndpoint: aws.String(e.URL),
		HTTPClient:   e.client(),
		APIOptions:   wholeBodies,
		Credentials:  keys,
	})
}

// S3 is a client of the account's S3 with the given credentials.
func (e Endpoint) S3(keys aws.CredentialsProvider) *s3.Client {
	return s3.New(s3.Options{
		Region:       Region,
		BaseEndpoint: aws.String(e.URL),
		HTTPClient:   e.client(),
		APIOptions:   wholeBodies,
		Credentials:  keys,
		UsePathStyle: true,
	})
}

// ListBuckets lists the buckets of this world's account with the given credentials. The error is AWS's own.
func (w *World) ListBuckets(ctx context.Context, keys aws.CredentialsProvider) error {
	_, err := w.endpoint.S3(keys).ListBuckets(ctx, &s3.ListBucketsInput{})
	return err
}

// IAM is a client of this world's account.
func (w *World) IAM() *iam.Client { return w.endpoint.IAM() }

// STS is a client of this world's account with the given credentials, or with none.
func (w *World) STS(keys aws.CredentialsProvider) *sts.Client { return w.endpoint.STS(keys) }

// AssumeRole is Endpoint.AssumeRole at this world's account.
func (w *World) AssumeRole(ctx context.Context, roleArn, token string) (aws.CredentialsProvider, error) {
	return w.endpoint.AssumeRole(ctx, roleArn, token)
}

// AssumeRole does what a CI job does with its token. The error is AWS's own.
func (e Endpoint) AssumeRole(ctx context.Context, roleArn, token string) (aws.CredentialsProvider, error) {
	answer, err := e.STS(nil).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn:          aws.String(roleArn),
		RoleSessionName:  aws.String("ci-job"),
		WebIdentityToken: aws.String(token),
	})
	if err != nil {
		return nil, err
	}
	keys := answer.Credentials
	if keys == nil {
		return nil, errors.New("STS admitted the token but sent no credentials")
	}
	return credentials.NewStaticCredentialsProvider(
		aws.ToString(keys.AccessKeyId), aws.ToString(keys.SecretAccessKey), aws.ToString(keys.SessionToken)), nil
}

// CallerARN says who the credentials are, as AWS sees it.
func (w *World) CallerARN(ctx context.Context, keys aws.CredentialsProvider) (string, error) {
	answer, err := w.STS(keys).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return aws.ToString(answer.Arn), nil
}
