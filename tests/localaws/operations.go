package localaws

// service is one of the two APIs behind the port.
type service struct {
	name      string // as in the credential scope
	version   string
	namespace string
}

var (
	serviceIAM = service{"iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"}
	serviceSTS = service{"sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"}
)

// operation is one action. IAM operations run with the account locked; STS operations lock what they read.
type operation struct {
	service  service
	handle   func(*call) (any, error)
	unsigned bool // the token in the request is the credential
}

func iam(handle func(*call) (any, error)) operation {
	return operation{service: serviceIAM, handle: handle}
}

var operations = map[string]operation{
	"CreateOpenIDConnectProvider":             iam(createProvider),
	"GetOpenIDConnectProvider":                iam(getProvider),
	"ListOpenIDConnectProviders":              iam(listProviders),
	"DeleteOpenIDConnectProvider":             iam(deleteProvider),
	"UpdateOpenIDConnectProviderThumbprint":   iam(updateProviderThumbprints),
	"AddClientIDToOpenIDConnectProvider":      iam(addClientID),
	"RemoveClientIDFromOpenIDConnectProvider": iam(removeClientID),
	"TagOpenIDConnectProvider":                iam(tagProvider),
	"UntagOpenIDConnectProvider":              iam(untagProvider),
	"ListOpenIDConnectProviderTags":           iam(listProviderTags),

	"CreateRole":                    iam(createRole),
	"GetRole":                       iam(getRole),
	"ListRoles":                     iam(listRoles),
	"UpdateRole":                    iam(updateRole),
	"UpdateRoleDescription":         iam(updateRoleDescription),
	"UpdateAssumeRolePolicy":        iam(updateAssumeRolePolicy),
	"DeleteRole":                    iam(deleteRole),
	"TagRole":                       iam(tagRole),
	"UntagRole":                     iam(untagRole),
	"ListRoleTags":                  iam(listRoleTags),
	"PutRolePermissionsBoundary":    iam(putRoleBoundary),
	"DeleteRolePermissionsBoundary": iam(deleteRoleBoundary),
	"ListInstanceProfilesForRole":   iam(listInstanceProfiles),

	"PutRolePolicy":    iam(putRolePolicy),
	"GetRolePolicy":    iam(getRolePolicy),
	"DeleteRolePolicy": iam(deleteRolePolicy),
	"ListRolePolicies": iam(listRolePolicies),

	"AttachRolePolicy":         iam(attachRolePolicy),
	"DetachRolePolicy":         iam(detachRolePolicy),
	"ListAttachedRolePolicies": iam(listAttachedRolePolicies),

	"CreatePolicy":       iam(createPolicy),
	"GetPolicy":          iam(getPolicy),
	"GetPolicyVersion":   iam(getPolicyVersion),
	"ListPolicyVersions": iam(listPolicyVersions),
	"ListPolicies":       iam(listPolicies),
	"DeletePolicy":       iam(deletePolicy),

	"GetCallerIdentity":         {service: serviceSTS, handle: getCallerIdentity},
	"AssumeRoleWithWebIdentity": {service: serviceSTS, handle: assumeRoleWithWebIdentity, unsigned: true},
}
