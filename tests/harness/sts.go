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
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// STS is a client of the local STS with the given credentials, or with none.
func (w *World) STS(keys aws.CredentialsProvider) *sts.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.AWS.CAPEM())
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	})
	return sts.New(sts.Options{
		Region:       Region,
		BaseEndpoint: aws.String(w.AWS.URL()),
		HTTPClient:   client,
		Credentials:  keys,
	})
}

// AssumeRole does what a CI job does with its token. The error is AWS's own.
func (w *World) AssumeRole(ctx context.Context, roleArn, token string) (aws.CredentialsProvider, error) {
	answer, err := w.STS(nil).AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
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
