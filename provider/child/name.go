// Package child names the resources that a CiOidcTrust makes, so that those which exist already are imported under the
// names that the component gives them.
package child

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The types of the children, as Pulumi calls them. Source: https://www.pulumi.com/registry/packages/aws/api-docs/iam/
const (
	RoleType       = "aws:iam/role:Role"
	ProviderType   = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
	AttachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	PolicyType     = "aws:iam/rolePolicy:RolePolicy"
)

// Role is the name of the role of a component.
func Role(component string) string { return component }

// Provider is the name of the OIDC provider of a section, or of an item of custom.
func Provider(component, section string) string { return component + "-" + section }

// Policy is the name of an inline policy.
func Policy(component, policy string) string { return component + "-" + policy }

// Attachment is the name of the attachment of a managed policy: the policy's own name, for people, and a digest of the
// whole ARN, because two accounts or paths may have policies of one name. Names of resources are always in clear, so a
// secret ARN gives the digest alone.
func Attachment(component, arn string, secret bool) string {
	digest := sha256.Sum256([]byte(arn))
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	if secret {
		name = "policy"
	}
	return component + "-" + name + "-" + hex.EncodeToString(digest[:])[:8]
}
