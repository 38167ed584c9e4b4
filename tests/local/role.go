package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// roleName is the role of the trust file.
const roleName = "local"

// A made is the role of a trust file and who it trusts.
type made struct {
	arn    string
	grants []string
}

// createFrom makes the providers and the role that a component of these sections would make.
func createFrom(ctx context.Context, client *iam.Client, s sections) (made, error) {
	trusts, err := s.trusts()
	if err != nil {
		return made{}, err
	}
	for _, t := range trusts {
		if t.BuiltIn() {
			continue
		}
		if err := createProvider(ctx, client, t.Issuer(), t.Audiences()); err != nil {
			return made{}, err
		}
	}
	arn, err := createRole(ctx, client, ci.Compile(trusts, account, nil).JSON())
	return made{arn, ci.Sentences(trusts)}, err
}

// createFromPolicy makes a role with the policy as it stands, and the providers that it names, each with the audiences
// that the policy compares literally.
func createFromPolicy(ctx context.Context, client *iam.Client, document []byte) (made, error) {
	policy, err := trust.ParsePolicy(document)
	if err != nil {
		return made{}, err
	}
	audiences := map[string][]string{}
	for _, s := range policy.Statements {
		for _, provider := range s.Principals.ByType["Federated"] {
			_, host, isProvider := strings.Cut(provider, ":oidc-provider/")
			if !isProvider {
				continue
			}
			audiences[host] = append(audiences[host], audiencesOf(s, host)...)
		}
	}
	for host, list := range audiences {
		if err := createProvider(ctx, client, "https://"+host, list); err != nil {
			return made{}, err
		}
	}
	arn, err := createRole(ctx, client, string(document))
	return made{arn: arn}, err
}

func audiencesOf(s trust.Statement, host string) []string {
	var found []string
	for _, c := range s.Conditions {
		if strings.EqualFold(c.Key, host+":aud") {
			found = append(found, c.Values...)
		}
	}
	return found
}

func createProvider(ctx context.Context, client *iam.Client, issuer string, audiences []string) error {
	if len(audiences) == 0 {
		audiences = []string{"sts.amazonaws.com"}
	}
	_, err := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(issuer), ClientIDList: audiences,
	})
	if err != nil {
		return fmt.Errorf("the provider of %s: %w", issuer, err)
	}
	return nil
}

func createRole(ctx context.Context, client *iam.Client, policy string) (string, error) {
	answer, err := client.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String(roleName), AssumeRolePolicyDocument: aws.String(policy),
	})
	if err != nil {
		return "", fmt.Errorf("the role: %w", err)
	}
	if answer.Role == nil {
		return "", errors.New("IAM made the role and did not say which")
	}
	return aws.ToString(answer.Role.Arn), nil
}
