package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Tags of every OIDC provider that is created. They only ever refuse: nothing is deleted or adopted because of them.
const (
	ourTags  = "ci-oidc-trust:"
	ownerTag = ourTags + "owner" // which component of which stack created it
	stateTag = ourTags + "state" // whether it goes with the component

	owned    = "owned"
	retained = "retained"

	tagLength = 256
)

// ownerOf names a component among those of all stacks: project/stack/CiOidcTrust/name, with the parent's name before
// the type where the component has a parent. It is the value of a tag.
func ownerOf(request *pulumirpc.ConstructRequest) string {
	parts := []string{request.GetProject(), request.GetStack()}
	if parent := urn.URN(request.GetParent()); parent.IsValid() && parent.Type() != "pulumi:pulumi:Stack" {
		parts = append(parts, parent.Name())
	}
	kind := request.GetType()[strings.LastIndexByte(request.GetType(), ':')+1:]
	return tagValue(strings.Join(append(parts, kind, request.GetName()), "/"))
}

// tagValue makes a text the value of a tag. What a tag cannot hold is replaced, and a digest of the text keeps two
// texts apart.
func tagValue(text string) string {
	if tagText.MatchString(text) && len([]rune(text)) <= tagLength {
		return text
	}
	digest := sha256.Sum256([]byte(text))
	suffix := "-" + hex.EncodeToString(digest[:])[:8]
	runes := []rune(strings.ToValidUTF8(text, "_"))
	for i, r := range runes {
		if !tagText.MatchString(string(r)) {
			runes[i] = '_'
		}
	}
	return string(runes[:min(len(runes), tagLength-len(suffix))]) + suffix
}

// owns reports that an OIDC provider was created by this very component, which has not let go of it.
func (c *component) owns(found accountProvider) bool {
	return found.tags[ownerTag] == c.owner && found.tags[stateTag] == owned
}

// providerTags are the user's tags and ours.
func (c *component) providerTags(t *ci.Trust) pulumi.StringMapInput {
	state := owned
	if c.retains(t) {
		state = retained
	}
	tags := c.tags()
	if tags == nil {
		tags = pulumi.StringMap{}
	}
	return tags.ToStringMapOutput().ApplyT(later(func(given map[string]string) map[string]string {
		all := map[string]string{ownerTag: c.owner, stateTag: state}
		for name, value := range given {
			all[name] = value
		}
		return all
	})).(pulumi.StringMapOutput)
}

// switchProblem says why a section may not name a provider that the component owns: the same up that names it would
// delete it, under every role that trusts it.
func (c *component) switchProblem() string {
	keep := "retainProvider: true in the section, in the place of this"
	if c.kind == "CiOidcProviders" {
		keep = "retain: true, and without this"
	}
	return "names the OIDC provider that this very component made and still owns: with this change the provider " +
		"would be deleted, and every role that trusts it would let no job in. First bring the stack up with " + keep +
		"; then make this change"
}
