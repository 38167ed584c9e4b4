package localaws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) getProvider(arn string) *iam.GetOpenIDConnectProviderOutput {
	w.t.Helper()
	out, err := w.iam.GetOpenIDConnectProvider(ctx(w.t),
		&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	require.NoError(w.t, err)
	return out
}

func (w *world) tryProvider(change func(*iam.CreateOpenIDConnectProviderInput)) error {
	in := &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://idp.example.com"), ClientIDList: []string{"a"}}
	change(in)
	_, err := w.iam.CreateOpenIDConnectProvider(ctx(w.t), in)
	return err
}

func TestAProviderLivesItsLife(t *testing.T) {
	w := newWorld(t)
	arn := w.provider(github, audience, "other", audience)
	assert.Equal(t, providerARN(github), arn)

	got := w.getProvider(arn)
	assert.Equal(t, "token.actions.githubusercontent.com", *got.Url)
	assert.Equal(t, []string{audience, "other"}, got.ClientIDList, "repeated client ids are one")
	require.Len(t, got.ThumbprintList, 1, "IAM fills in a thumbprint when none is given")
	assert.Regexp(t, "^[0-9a-f]{40}$", got.ThumbprintList[0])

	for range 2 { // adding one that is there succeeds
		_, err := w.iam.AddClientIDToOpenIDConnectProvider(ctx(t), &iam.AddClientIDToOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: &arn, ClientID: aws.String("third"),
		})
		require.NoError(t, err)
	}
	for range 2 { // removing one that is not there succeeds
		_, err := w.iam.RemoveClientIDFromOpenIDConnectProvider(ctx(t),
			&iam.RemoveClientIDFromOpenIDConnectProviderInput{
				OpenIDConnectProviderArn: &arn, ClientID: aws.String("other"),
			})
		require.NoError(t, err)
	}
	assert.Equal(t, []string{audience, "third"}, w.getProvider(arn).ClientIDList)

	list, err := w.iam.ListOpenIDConnectProviders(ctx(t), nil)
	require.NoError(t, err)
	require.Len(t, list.OpenIDConnectProviderList, 1)
	assert.Equal(t, arn, *list.OpenIDConnectProviderList[0].Arn)
	assert.Equal(t, []string{arn}, w.aws.Inventory().Providers)

	for range 2 { // "This operation is idempotent"
		_, err = w.iam.DeleteOpenIDConnectProvider(ctx(t),
			&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
		require.NoError(t, err)
	}
	assert.Empty(t, w.aws.Inventory().Providers)
}

func TestProviderTagsAreSetReplacedAndRemoved(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) {
		in.Tags = []types.Tag{tagged("team", "web")}
	}))
	arn := aws.String(providerARN("https://idp.example.com"))
	_, err := w.iam.TagOpenIDConnectProvider(ctx(t), &iam.TagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: arn, Tags: []types.Tag{tagged("Team", "api"), tagged("env", "prod")},
	})
	require.NoError(t, err)
	_, err = w.iam.UntagOpenIDConnectProvider(ctx(t), &iam.UntagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: arn, TagKeys: []string{"env"},
	})
	require.NoError(t, err)
	list, err := w.iam.ListOpenIDConnectProviderTags(ctx(t),
		&iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: arn})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{tagged("Team", "api")}, list.Tags)
}

func tagged(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

func TestOneProviderPerURL(t *testing.T) {
	w := newWorld(t)
	w.provider(github, audience)
	for _, url := range []string{github, "https://token.actions.githubusercontent.com:443"} {
		err := w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) { in.Url = &url })
		refused(t, err, "EntityAlreadyExists",
			"Provider with url https://token.actions.githubusercontent.com already exists.")
		status(t, err, 409)
	}
	arn := w.provider(github+"/", audience)
	assert.Equal(t, providerARN(github)+"/", arn, "a trailing slash makes another provider")
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
func TestProviderURLsHaveRules(t *testing.T) {
	w := newWorld(t)
	const invalid = "Invalid Open ID Connect Provider URL"
	for url, want := range map[string][2]string{
		"idp.example.com":                  {"ValidationError", invalid},
		"http://idp.example.com":           {"InvalidInput", invalid + ". The URL must begin with https://."},
		"https://":                         {"ValidationError", invalid},
		"https://idp.example.com:8443":     {"InvalidInput", invalid + "."},
		"https://user@idp.example.com":     {"InvalidInput", invalid + "."},
		"https://idp.example.com?tenant=1": {"InvalidInput", "Unknown"},
		"https://idp.example.com/#a":       {"InvalidInput", "Unknown"},
		"https://idp.example.com/" + strings.Repeat("a", 255): {"ValidationError",
			"1 validation error detected: Value at 'url' failed to satisfy constraint: Member must have length less " +
				"than or equal to 255"},
	} {
		err := w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) { in.Url = &url })
		refused(t, err, want[0], want[1])
		status(t, err, 400)
	}
	assert.Empty(t, w.aws.Inventory().Providers)
}

func TestThumbprintsAreCountedAndLowered(t *testing.T) {
	w := newWorld(t)
	thumbprint := strings.Repeat("A", 40)
	err := w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) {
		in.ThumbprintList = []string{thumbprint, thumbprint, thumbprint, thumbprint, thumbprint, thumbprint}
	})
	refused(t, err, "InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
	err = w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) { in.ThumbprintList = []string{"AA:BB"} })
	refused(t, err,
		"ValidationError", "1 validation error detected: Value at 'thumbprintList' failed to satisfy constraint: "+
			"Member must have length less than or equal to 40, Member must have length greater than or equal to 40")
	require.NoError(t, w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) {
		in.ThumbprintList = []string{thumbprint}
	}))

	arn := providerARN("https://idp.example.com")
	assert.Equal(t, []string{strings.Repeat("a", 40)}, w.getProvider(arn).ThumbprintList)
	_, err = w.iam.UpdateOpenIDConnectProviderThumbprint(ctx(t), &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: &arn, ThumbprintList: []string{},
	})
	refused(t, err, "InvalidInput", "Thumbprint list must contain at least one entry.")
}

func TestClientIDsAreLimited(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 101 {
		ids = append(ids, fmt.Sprint("client-", i))
	}
	err := w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) { in.ClientIDList = ids })
	refused(t, err, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	status(t, err, 409)
	err = w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) {
		in.ClientIDList = []string{strings.Repeat("a", 256)}
	})
	refused(t, err,
		"ValidationError", "1 validation error detected: Value at 'clientIDList' failed to satisfy constraint: "+
			"Member must have length less than or equal to 255, Member must have length greater than or equal to 1")
	require.NoError(t, w.tryProvider(func(in *iam.CreateOpenIDConnectProviderInput) { in.ClientIDList = ids[:100] }))
	arn := providerARN("https://idp.example.com")
	_, err = w.iam.AddClientIDToOpenIDConnectProvider(ctx(t), &iam.AddClientIDToOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: &arn, ClientID: &ids[100],
	})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
}

func TestAnAccountHoldsAHundredProviders(t *testing.T) {
	w := newWorld(t)
	for i := range 100 {
		w.provider(fmt.Sprintf("https://idp%d.example.com", i))
	}
	err := w.tryProvider(func(*iam.CreateOpenIDConnectProviderInput) {})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100")
}

func TestAnAbsentProviderIsNamedByItsARN(t *testing.T) {
	w := newWorld(t)
	arn := providerARN("https://idp.example.com")
	_, err := w.iam.GetOpenIDConnectProvider(ctx(t), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	refused(t, err, "NoSuchEntity", "OpenIDConnect Provider not found for arn "+arn)
	status(t, err, 404)
	_, err = w.iam.AddClientIDToOpenIDConnectProvider(ctx(t), &iam.AddClientIDToOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: &arn, ClientID: aws.String("a"),
	})
	refused(t, err, "NoSuchEntity", "OpenId connect Provider "+arn+" cannot be found.")
	foreign := strings.Replace(arn, account, "111122223333", 1)
	_, err = w.iam.GetOpenIDConnectProvider(ctx(t),
		&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &foreign})
	refused(t, err, "ValidationError", "Invalid ARN: "+foreign)
}
