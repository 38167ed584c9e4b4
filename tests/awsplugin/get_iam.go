package awsplugin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The functions of this file look up what exists in IAM already.

var getOpenIDConnectProvider = &function{
	token: "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider",
	inputs: []property{
		{name: "arn", kind: text, valid: validARN},
		{name: "tags", kind: textMap},
		{name: "url", kind: text, valid: validIssuer},
	},
	run: func(ctx context.Context, s *session, args resource.PropertyMap) (resource.PropertyMap, error) {
		arn, issuer := textOf(args, "arn"), textOf(args, "url")
		switch {
		case (arn == "") == (issuer == ""):
			return nil, errors.New(`"arn": one of "arn,url" must be specified, and only one`)
		case arn == "":
			var err error
			if arn, err = findIssuer(ctx, s.iam, issuer); err != nil {
				return nil, err
			}
		}
		found, err := s.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: aws.String(arn),
		})
		if err != nil {
			return nil, fmt.Errorf("reading IAM OIDC Provider (%s): %w", arn, err)
		}
		return resource.PropertyMap{
			"arn":             resource.NewProperty(arn),
			"clientIdLists":   textsValue(found.ClientIDList),
			"id":              resource.NewProperty(arn),
			"tags":            resource.NewProperty(tagsValue(found.Tags)),
			"thumbprintLists": textsValue(found.ThumbprintList),
			"url":             resource.NewProperty(aws.ToString(found.Url)),
		}, nil
	},
}

// findIssuer finds the provider of an issuer. The ARN ends in the URL without its scheme, and two providers may differ
// in nothing but a trailing slash.
func findIssuer(ctx context.Context, client *iam.Client, issuer string) (string, error) {
	listed, err := client.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil {
		return "", fmt.Errorf("finding IAM OIDC Provider by url (%s): %w", issuer, err)
	}
	for _, entry := range listed.OpenIDConnectProviderList {
		_, found, _ := strings.Cut(aws.ToString(entry.Arn), ":oidc-provider/")
		if sameIssuer(found, issuer) {
			return aws.ToString(entry.Arn), nil
		}
	}
	return "", fmt.Errorf("finding IAM OIDC Provider by url (%s): %w", issuer,
		&smithy.GenericAPIError{Code: "NoSuchEntity", Message: "not found"})
}

var getRole = &function{
	token:  "aws:iam/getRole:getRole",
	inputs: []property{{name: "name", kind: text, required: true}, {name: "tags", kind: textMap}},
	run: func(ctx context.Context, s *session, args resource.PropertyMap) (resource.PropertyMap, error) {
		name := textOf(args, "name")
		found, err := s.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
		if err != nil {
			return nil, fmt.Errorf("reading IAM Role (%s): %w", name, err)
		}
		result, err := roleState(found.Role, "")
		if err != nil {
			return nil, err
		}
		result["id"] = resource.NewProperty(name)
		result["tags"] = result["tagsAll"]
		delete(result, "tagsAll")
		for _, key := range []resource.PropertyKey{"description", "permissionsBoundary"} {
			if result[key].IsNull() {
				result[key] = resource.NewProperty("")
			}
		}
		lastUsed := []resource.PropertyValue{}
		if used := found.Role.RoleLastUsed; used != nil && used.LastUsedDate != nil {
			lastUsed = append(lastUsed, resource.NewProperty(resource.PropertyMap{
				"lastUsedDate": resource.NewProperty(timestamp(used.LastUsedDate)),
				"region":       resource.NewProperty(aws.ToString(used.Region)),
			}))
		}
		result["roleLastUseds"] = resource.NewProperty(lastUsed)
		return result, nil
	},
}
