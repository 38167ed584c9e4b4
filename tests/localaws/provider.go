package localaws

import (
	"crypto/sha1" //nolint:gosec // IAM thumbprints are SHA-1 by definition
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// provider is an IAM OIDC identity provider.
type provider struct {
	tagged
	arn         string
	url         string // as registered, without https://; the prefix of its condition keys
	clientIDs   []string
	thumbprints []string
	created     time.Time
	visible     time.Time // when STS sees it
}

const (
	maxProviders   = 100
	maxClientIDs   = 100
	maxThumbprints = 5
)

type arnMember struct {
	Arn string
}

func createProvider(c *call) (any, error) {
	url, err := providerURL(c.form.text("Url"))
	if err != nil {
		return nil, err
	}
	clientIDs, err := clientIDs(c.form.list("ClientIDList"))
	if err != nil {
		return nil, err
	}
	thumbprints, err := thumbprints(c.form.list("ThumbprintList"))
	if err != nil {
		return nil, err
	}
	tags, err := c.form.tags()
	if err != nil {
		return nil, err
	}
	p := &provider{
		arn:         c.account.arn("oidc-provider", "/", url),
		url:         url,
		clientIDs:   clientIDs,
		thumbprints: thumbprints,
	}
	if c.account.providers[p.arn] != nil || c.server.faults.pretendsExistence(c.action) {
		return nil, alreadyExists("Provider with url https://%s already exists.", url)
	}
	if len(c.account.providers) >= maxProviders {
		return nil, limitExceeded("Cannot exceed quota for OpenIdConnectProvidersPerAccount: %d", maxProviders)
	}
	if len(p.thumbprints) == 0 {
		// IAM asks the issuer for its top intermediate authority; any value will do here, because a thumbprint counts
		// only for issuers behind a private authority:
		// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
		sum := sha1.Sum([]byte(url)) //nolint:gosec // as above
		p.thumbprints = []string{hex.EncodeToString(sum[:])}
	}
	if err := p.tag(tags); err != nil {
		return nil, err
	}
	p.created, p.visible = c.now, c.now.Add(c.server.faults.propagationDelay())
	c.account.providers[p.arn] = p
	return struct {
		OpenIDConnectProviderArn string
		Tags                     []tag `xml:"Tags>member"`
	}{p.arn, p.tags}, nil
}

func getProvider(c *call) (any, error) {
	p, err := c.provider("OpenIDConnect Provider not found for arn %s")
	if err != nil {
		return nil, err
	}
	return struct {
		Url            string   //nolint:revive // the element is called Url
		ClientIDList   []string `xml:"ClientIDList>member"`
		ThumbprintList []string `xml:"ThumbprintList>member"`
		CreateDate     timestamp
		Tags           []tag `xml:"Tags>member"`
	}{p.url, p.clientIDs, p.thumbprints, timestamp(p.created), p.tags}, nil
}

func listProviders(c *call) (any, error) {
	var members []arnMember
	for _, arn := range slices.Sorted(maps.Keys(c.account.providers)) {
		members = append(members, arnMember{arn})
	}
	return struct {
		Providers []arnMember `xml:"OpenIDConnectProviderList>member"`
	}{members}, nil
}

// deleteProvider succeeds for a provider that is not there, and does not look at the roles that trust it:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html
func deleteProvider(c *call) (any, error) {
	arn, err := c.providerARN()
	if err != nil {
		return nil, err
	}
	delete(c.account.providers, arn)
	return nil, nil
}

func updateProviderThumbprints(c *call) (any, error) {
	p, err := c.provider(providerCannotBeFound)
	if err != nil {
		return nil, err
	}
	list, err := thumbprints(c.form.list("ThumbprintList"))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, invalidInput("Thumbprint list must contain at least one entry.")
	}
	p.thumbprints = list
	return nil, nil
}

// addClientID succeeds for one that is there already; removeClientID for one that is not:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html
func addClientID(c *call) (any, error) {
	p, err := c.provider(providerCannotBeFound)
	if err != nil {
		return nil, err
	}
	id, err := c.form.required("ClientID")
	if err != nil {
		return nil, err
	}
	list, err := clientIDs(append(slices.Clone(p.clientIDs), id))
	if err != nil {
		return nil, err
	}
	p.clientIDs = list
	return nil, nil
}

func removeClientID(c *call) (any, error) {
	p, err := c.provider(providerCannotBeFound)
	if err != nil {
		return nil, err
	}
	id, err := c.form.required("ClientID")
	if err != nil {
		return nil, err
	}
	p.clientIDs = slices.DeleteFunc(slices.Clone(p.clientIDs), func(known string) bool { return known == id })
	return nil, nil
}

func tagProvider(c *call) (any, error) {
	p, err := c.provider(providerCannotBeFound)
	if err != nil {
		return nil, err
	}
	tags, err := c.form.tags()
	if err != nil {
		return nil, err
	}
	return nil, p.tag(tags)
}

func untagProvider(c *call) (any, error) {
	p, err := c.provider(providerCannotBeFound)
	if err != nil {
		return nil, err
	}
	p.untag(c.form.list("TagKeys"))
	return nil, nil
}

func listProviderTags(c *call) (any, error) {
	p, err := c.provider(providerCannotBeFound)
	if err != nil {
		return nil, err
	}
	return p.list(c)
}

const providerCannotBeFound = "OpenId connect Provider %s cannot be found."

func (c *call) provider(absent string) (*provider, error) {
	arn, err := c.providerARN()
	if err != nil {
		return nil, err
	}
	p, ok := c.account.providers[arn]
	if !ok {
		return nil, noSuchEntity(absent, arn)
	}
	return p, nil
}

func (c *call) providerARN() (string, error) {
	arn, err := c.form.required("OpenIDConnectProviderArn")
	if err != nil {
		return "", err
	}
	if url, ok := strings.CutPrefix(arn, c.account.arn("oidc-provider", "/", "")); !ok || url == "" {
		return "", validation("Invalid ARN: %s", arn)
	}
	return arn, nil
}

// clientIDs drops repetitions, as IAM does. An empty list is allowed.
func clientIDs(list []string) ([]string, error) {
	var ids []string
	for _, id := range list {
		if id == "" || utf8.RuneCountInString(id) > 255 {
			return nil, constraint("clientIDList", "Member must have length less than or equal to 255, "+
				"Member must have length greater than or equal to 1")
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > maxClientIDs {
		return nil, limitExceeded("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %d", maxClientIDs)
	}
	return ids, nil
}

// thumbprints are lower-cased. IAM counts their characters and does not look whether they are hexadecimal.
func thumbprints(list []string) ([]string, error) {
	if len(list) > maxThumbprints {
		return nil, invalidInput("Thumbprint list must contain fewer than 5 entries.")
	}
	var lower []string
	for _, thumbprint := range list {
		if len(thumbprint) != 40 {
			return nil, constraint("thumbprintList", "Member must have length less than or equal to 40, "+
				"Member must have length greater than or equal to 40")
		}
		lower = append(lower, strings.ToLower(thumbprint))
	}
	return lower, nil
}
