package moto

import "regexp"

// A difference is known and deliberate. Steps, field and the two values are patterns of the whole text; source is the
// document of AWS that decides between them. Where it says otherwise, localaws is what the document says.
type difference struct {
	steps, field, local, moto string
	source                    string
}

func (d difference) covers(step, field, local, moto string) bool {
	for pattern, text := range map[*string]string{&d.steps: step, &d.field: field, &d.local: local, &d.moto: moto} {
		if !regexp.MustCompile(`^(?s:` + *pattern + `)$`).MatchString(text) {
			return false
		}
	}
	return true
}

const (
	reference = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
	guide     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

	anything = ".*"
	nothing  = ""
)

var differences = []difference{
	// The answer holds the tags of the new provider.
	{"create a provider", `Tags\[.\]\.(Key|Value)`, ".+", nothing, reference + "API_CreateOpenIDConnectProvider.html"},
	// Without thumbprints IAM takes that of the issuer's top intermediate authority; localaws makes one up.
	{"get the one without thumbprints", `ThumbprintList\[0\]`, "[0-9a-f]{40}", nothing,
		reference + "API_CreateOpenIDConnectProvider.html"},
	// moto has neither call.
	{"add .*", "outcome", "done|NoSuchEntity 404", "500", reference + "API_AddClientIDToOpenIDConnectProvider.html"},
	{"get it with two client ids and thumbprints", `ClientIDList\[1\]`, "another", nothing,
		reference + "API_AddClientIDToOpenIDConnectProvider.html"},
	{"remove (a client id|it again)", "outcome", "done", "500",
		reference + "API_RemoveClientIDFromOpenIDConnectProvider.html"},

	// "Policies returned by this operation are URL-encoded compliant with RFC 3986."
	{"list .*roles.*", `Roles\[.\]\.AssumeRolePolicyDocument`, `URL-encoded (\{.*)`, `\{.*`,
		reference + "API_ListRoles.html"},
	{"change a role's description", `Role\.AssumeRolePolicyDocument`, `URL-encoded (\{.*)`, `\{.*`,
		reference + "API_UpdateRoleDescription.html"},
	{"list an absent role's instance profiles", "outcome", "NoSuchEntity 404", done,
		reference + "API_ListInstanceProfilesForRole.html"},
	// "This data type can only have a value of Policy", though the list of valid values on the same page has moto's.
	{"get the role with its boundary", `Role\.PermissionsBoundary\.PermissionsBoundaryType`, "Policy",
		"PermissionsBoundaryPolicy",
		reference + "API_AttachedPermissionsBoundary.html"},

	// moto's policies have no such count, and ids of no kind.
	{anything, `Polic(y|ies\[.\])\.PermissionsBoundaryUsageCount`, "0", nothing, reference + "API_Policy.html"},
	{anything, `Polic(y|ies\[.\])\.PolicyId`, "ANPA and 17 characters", "A[A-Z0-9]{20}",
		guide + "reference_identifiers.html#identifiers-unique-ids"},
	// moto is right: the policies of AWS have changed over time. Those of localaws have a name and a single version.
	{"get a policy of AWS", `Policy\.DefaultVersionId`, "v1", "v2",
		"https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonS3FullAccess.html"},
	// The document "is returned in the response to the GetPolicyVersion and GetAccountAuthorizationDetails operations.
	// It is not returned in the response to the CreatePolicyVersion or ListPolicyVersions operations", and is
	// URL-encoded.
	{"get the policy's version", `PolicyVersion\.Document`, `URL-encoded (\{.*)`, `\{.*`,
		reference + "API_PolicyVersion.html"},
	{"list the policy's versions", `Versions\[0\]\.Document`, nothing, `\{.*`, reference + "API_PolicyVersion.html"},
	{"attach what is no ARN", "outcome", "InvalidInput 400", "NoSuchEntity 404",
		reference + "API_AttachRolePolicy.html"},

	// moto accepts what IAM refuses.
	{"create a role with a trust policy that is no JSON", "outcome", "MalformedPolicyDocument 400", done,
		reference + "API_CreateRole.html"},
	{"create a role with a trust policy that names a resource", "outcome", "MalformedPolicyDocument 400", done,
		reference + "API_CreateRole.html"},
	{"create a role with ten minutes", "outcome", "ValidationError 400", done, reference + "API_CreateRole.html"},
	{"create a role with a long name", "outcome", "ValidationError 400", done, reference + "API_CreateRole.html"},
	{"create a role with a boundary that is absent", "outcome", "NoSuchEntity 404", done,
		reference + "API_CreateRole.html"},
	{"create a provider without TLS", "outcome", "InvalidInput 400", done,
		reference + "API_CreateOpenIDConnectProvider.html"},
	{"delete the attached policy", "outcome", "DeleteConflict 409", done, reference + "API_DeletePolicy.html"},
}
