package awsplugin

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// https://www.pulumi.com/registry/packages/aws/api-docs/iam/openidconnectprovider/
var openIDConnectProviderType = &resourceType{
	token: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
	title: "IAM OIDC Provider",
	inputs: []property{
		{
			name:     "url",
			kind:     text,
			required: true,
			replace:  true,
			valid:    validIssuer,
			same:     sameIssuer,
			asInput:  issuerURL,
		},
		{name: "clientIdLists", kind: textList, required: true, unordered: true, valid: validClientIDs},
		{name: "thumbprintLists", kind: textList, computed: true, valid: validThumbprints},
		{name: "tags", kind: textMap},
	},
	outputs:  []string{"arn", "tagsAll"},
	volatile: []string{"tagsAll"},
	create:   createOpenIDConnectProvider,
	read:     readOpenIDConnectProvider,
	update:   updateOpenIDConnectProvider,
	delete:   deleteOpenIDConnectProvider,
}

const secureScheme = "https://"

func validIssuer(value resource.PropertyValue) string {
	issuer, err := url.Parse(value.StringValue())
	switch {
	case err != nil || issuer.Scheme != "https" || issuer.Host == "":
		return "must be a valid https:// URL"
	case issuer.RawQuery != "":
		return "must not have a query"
	}
	return ""
}

// sameIssuer compares as pulumi-aws does: IAM reports the URL without its scheme, and that is what ends up in the
// state.
func sameIssuer(old, new string) bool { return issuerURL(old) == issuerURL(new) }

func issuerURL(reported string) string {
	return secureScheme + strings.TrimPrefix(reported, secureScheme)
}

func validClientIDs(value resource.PropertyValue) string {
	for _, item := range value.ArrayValue() {
		if length := len(item.StringValue()); length < 1 || length > 255 {
			return "expected every client id to have 1 to 255 characters"
		}
	}
	return ""
}

func validThumbprints(value resource.PropertyValue) string {
	for _, item := range value.ArrayValue() {
		if len(item.StringValue()) != 40 {
			return "expected every thumbprint to have 40 characters"
		}
	}
	return ""
}

func createOpenIDConnectProvider(
	ctx context.Context, client *iam.Client, in resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	created, err := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url:            aws.String(textOf(in, "url")),
		ClientIDList:   textsOf(in, "clientIdLists"),
		ThumbprintList: textsOf(in, "thumbprintLists"),
		Tags:           tagsOf(in),
	})
	if err != nil {
		return "", nil, err
	}
	arn := aws.ToString(created.OpenIDConnectProviderArn)
	state, err := afterCreate(ctx, client, readOpenIDConnectProvider, arn, in)
	if err != nil {
		state = in.Copy()
		state["arn"] = resource.NewProperty(arn)
	}
	return arn, state, err
}

func readOpenIDConnectProvider(
	ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
) (string, resource.PropertyMap, error) {
	found, err := client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(id),
	})
	if err != nil {
		return "", nil, unlessMissing(err)
	}
	state := resource.PropertyMap{
		"arn":             resource.NewProperty(id),
		"url":             resource.NewProperty(aws.ToString(found.Url)),
		"clientIdLists":   textsValue(inKnownOrder(found.ClientIDList, textsOf(prior, "clientIdLists"))),
		"thumbprintLists": textsValue(found.ThumbprintList),
	}
	putTags(state, found.Tags)
	return id, state, nil
}

// inKnownOrder keeps the order a set was written in: AWS reports its own.
func inKnownOrder(reported, written []string) []string {
	ordered := make([]string, 0, len(reported))
	for _, item := range written {
		if slices.Contains(reported, item) && !slices.Contains(ordered, item) {
			ordered = append(ordered, item)
		}
	}
	for _, item := range reported {
		if !slices.Contains(ordered, item) {
			ordered = append(ordered, item)
		}
	}
	return ordered
}

func updateOpenIDConnectProvider(
	ctx context.Context, client *iam.Client, id string, old, new resource.PropertyMap,
) error {
	arn := aws.String(id)
	before, after := textsOf(old, "clientIdLists"), textsOf(new, "clientIdLists")
	for _, clientID := range after {
		if slices.Contains(before, clientID) {
			continue
		}
		if _, err := client.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: arn, ClientID: aws.String(clientID),
		}); err != nil {
			return err
		}
	}
	for _, clientID := range before {
		if slices.Contains(after, clientID) {
			continue
		}
		if _, err := client.RemoveClientIDFromOpenIDConnectProvider(ctx,
			&iam.RemoveClientIDFromOpenIDConnectProviderInput{
				OpenIDConnectProviderArn: arn, ClientID: aws.String(clientID),
			}); err != nil {
			return err
		}
	}
	thumbprints := textsOf(new, "thumbprintLists")
	if _, given := new["thumbprintLists"]; given && !slices.Equal(thumbprints, textsOf(old, "thumbprintLists")) {
		if _, err := client.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{
			OpenIDConnectProviderArn: arn, ThumbprintList: thumbprints,
		}); err != nil {
			return err
		}
	}
	set, remove := retag(old, new)
	if len(remove) > 0 {
		if _, err := client.UntagOpenIDConnectProvider(ctx, &iam.UntagOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: arn, TagKeys: remove,
		}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := client.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: arn, Tags: set,
		}); err != nil {
			return err
		}
	}
	return nil
}

func deleteOpenIDConnectProvider(ctx context.Context, client *iam.Client, id string, _ resource.PropertyMap) error {
	_, err := client.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(id),
	})
	return err
}
