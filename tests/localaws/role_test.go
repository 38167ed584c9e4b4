package localaws_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var anyTrust = trust("https://idp.example.com", map[string]any{"aud": audience})

func (w *world) tryRole(change func(*iam.CreateRoleInput)) error {
	in := &iam.CreateRoleInput{RoleName: aws.String("deploy"), AssumeRolePolicyDocument: &anyTrust}
	change(in)
	_, err := w.iam.CreateRole(ctx(w.t), in)
	return err
}

func (w *world) getRole(name string) *types.Role {
	w.t.Helper()
	out, err := w.iam.GetRole(ctx(w.t), &iam.GetRoleInput{RoleName: &name})
	require.NoError(w.t, err)
	return out.Role
}

func TestARoleLivesItsLife(t *testing.T) {
	w := newWorld(t)
	created, err := w.iam.CreateRole(ctx(t), &iam.CreateRoleInput{
		RoleName: aws.String("deploy"), Path: aws.String("/ci/web/"), Description: aws.String("for CI"),
		MaxSessionDuration: aws.Int32(7200), AssumeRolePolicyDocument: &anyTrust,
		PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/PowerUserAccess"),
		Tags:                []types.Tag{tagged("team", "web")},
	})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:role/ci/web/deploy", *created.Role.Arn)
	assert.Regexp(t, "^AROA[A-Z0-9]{17}$", *created.Role.RoleId)

	got := w.getRole("deploy")
	assert.Equal(t, "for CI", *got.Description)
	assert.EqualValues(t, 7200, *got.MaxSessionDuration)
	assert.Equal(t, "arn:aws:iam::aws:policy/PowerUserAccess", *got.PermissionsBoundary.PermissionsBoundaryArn)
	assert.Equal(t, []types.Tag{tagged("team", "web")}, got.Tags)
	assert.Nil(t, got.RoleLastUsed)

	_, err = w.iam.UpdateRole(ctx(t),
		&iam.UpdateRoleInput{RoleName: aws.String("deploy"), Description: aws.String("for CI jobs")})
	require.NoError(t, err)
	assert.EqualValues(t, 7200, *w.getRole("deploy").MaxSessionDuration, "what is not named stays")
	described, err := w.iam.UpdateRoleDescription(ctx(t), &iam.UpdateRoleDescriptionInput{
		RoleName: aws.String("deploy"), Description: aws.String(""),
	})
	require.NoError(t, err)
	assert.Nil(t, described.Role.Description)

	_, err = w.iam.DeleteRolePermissionsBoundary(ctx(t),
		&iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	assert.Nil(t, w.getRole("deploy").PermissionsBoundary)
	_, err = w.iam.DeleteRolePermissionsBoundary(ctx(t),
		&iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("deploy")})
	refused(t, err, "NoSuchEntity", "Role with name deploy does not have a permissions boundary.")
	_, err = w.iam.PutRolePermissionsBoundary(ctx(t), &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String("deploy"), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/NoSuchPolicy"),
	})
	refused(t, err, "NoSuchEntity",
		"Scope ARN: arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.")

	_, err = w.iam.TagRole(ctx(t),
		&iam.TagRoleInput{RoleName: aws.String("deploy"), Tags: []types.Tag{tagged("env", "prod")}})
	require.NoError(t, err)
	_, err = w.iam.UntagRole(ctx(t), &iam.UntagRoleInput{RoleName: aws.String("deploy"), TagKeys: []string{"team"}})
	require.NoError(t, err)
	tags, err := w.iam.ListRoleTags(ctx(t), &iam.ListRoleTagsInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{tagged("env", "prod")}, tags.Tags)

	profiles, err := w.iam.ListInstanceProfilesForRole(ctx(t),
		&iam.ListInstanceProfilesForRoleInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	assert.Empty(t, profiles.InstanceProfiles)
	_, err = w.iam.DeleteRole(ctx(t), &iam.DeleteRoleInput{RoleName: aws.String("deploy")})
	require.NoError(t, err)
	assert.Empty(t, w.aws.Inventory().Roles)
	_, err = w.iam.GetRole(ctx(t), &iam.GetRoleInput{RoleName: aws.String("deploy")})
	refused(t, err, "NoSuchEntity", "The role with name deploy cannot be found.")
	status(t, err, 404)
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
func TestPoliciesComeBackURLEncodedAndUnchanged(t *testing.T) {
	w := newWorld(t)
	document := trust("https://idp.example.com",
		map[string]any{"sub": "project: Default Project+1/50% ~\u00e9&=", "aud": audience})
	w.role("deploy", document)
	encoded := *w.getRole("deploy").AssumeRolePolicyDocument
	assert.NotContains(t, encoded, "+")
	assert.NotContains(t, encoded, " ")
	assert.Contains(t, encoded, "%20")
	assert.Contains(t, encoded, "~", "RFC 3986 leaves the tilde alone")
	decoded, err := url.PathUnescape(encoded)
	require.NoError(t, err)
	assert.Equal(t, document, decoded)

	_, err = w.iam.UpdateAssumeRolePolicy(ctx(t),
		&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("deploy"), PolicyDocument: &anyTrust})
	require.NoError(t, err)
	decoded, err = url.PathUnescape(*w.getRole("deploy").AssumeRolePolicyDocument)
	require.NoError(t, err)
	assert.Equal(t, anyTrust, decoded)
}

// "Names are not distinguished by case": https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func TestRoleNamesDifferByMoreThanCase(t *testing.T) {
	w := newWorld(t)
	w.role("deploy", anyTrust)
	for _, name := range []string{"deploy", "DEPLOY"} {
		err := w.tryRole(func(in *iam.CreateRoleInput) { in.RoleName = &name })
		refused(t, err, "EntityAlreadyExists", "Role with name "+name+" already exists.")
		status(t, err, 409)
	}
	_, err := w.iam.GetRole(ctx(t), &iam.GetRoleInput{RoleName: aws.String("Deploy")})
	refused(t, err, "NoSuchEntity", "The role with name Deploy cannot be found.")
}

func TestRoleParametersHaveAForm(t *testing.T) {
	w := newWorld(t)
	const detected = "1 validation error detected: Value"
	for want, change := range map[string]func(*iam.CreateRoleInput){
		"The specified value for roleName is invalid. It must contain only alphanumeric characters and/or " +
			"the following: +=,.@_-": func(in *iam.CreateRoleInput) {
			in.RoleName = aws.String("my role")
		},
		detected + " at 'roleName' failed to satisfy constraint: Member must have length less " +
			"than or equal to 64": func(in *iam.CreateRoleInput) {
			in.RoleName = aws.String(strings.Repeat("a", 65))
		},
		"The specified value for path is invalid. It must begin and end with / and contain only alphanumeric " +
			"characters and/or / characters.": func(in *iam.CreateRoleInput) {
			in.Path = aws.String("ci")
		},
		detected + " at 'path' failed to satisfy constraint: Member must have length less than or equal to 512": func(
			in *iam.CreateRoleInput,
		) {
			in.Path = aws.String("/" + strings.Repeat("a", 511) + "/")
		},
		detected + " at 'description' failed to satisfy constraint: Member must have length less " +
			"than or equal to 1000": func(in *iam.CreateRoleInput) {
			in.Description = aws.String(strings.Repeat("a", 1001))
		},
		detected + ` at 'description' failed to satisfy constraint: Member must satisfy regular expression pattern: ` +
			`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`: func(in *iam.CreateRoleInput) {
			in.Description = aws.String("\u2014")
		},
		detected + " '3599' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater " +
			"than or equal to 3600": func(in *iam.CreateRoleInput) {
			in.MaxSessionDuration = aws.Int32(3599)
		},
		detected + " '43201' at 'maxSessionDuration' failed to satisfy constraint: Member must have value less " +
			"than or equal to 43200": func(in *iam.CreateRoleInput) {
			in.MaxSessionDuration = aws.Int32(43201)
		},
		detected + " at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null": func(
			in *iam.CreateRoleInput,
		) {
			in.AssumeRolePolicyDocument = aws.String("")
		},
		detected + ` at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must satisfy regular ` +
			`expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`: func(in *iam.CreateRoleInput) {
			in.AssumeRolePolicyDocument = aws.String(strings.Replace(anyTrust, audience, "\u0101", 1))
		},
	} {
		err := w.tryRole(change)
		refused(t, err, "ValidationError", want)
		status(t, err, 400)
	}
	assert.Empty(t, w.aws.Inventory().Roles)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
func TestTagsHaveRules(t *testing.T) {
	w := newWorld(t)
	const detected = "1 validation error detected: Value at 'tags"
	var many []types.Tag
	for i := range 51 {
		many = append(many, tagged(fmt.Sprint("key", i), "v"))
	}
	for _, c := range []struct {
		code, want string
		tags       []types.Tag
	}{
		{"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
			[]types.Tag{tagged("a", "1"), tagged("A", "2")}},
		{"InvalidInput", "Tag keys beginning with aws: are reserved for system use.",
			[]types.Tag{tagged("aws:team", "web")}},
		{"ValidationError",
			detected + "' failed to satisfy constraint: Member must have length less than or equal to 50", many},
		{"ValidationError", detected +
			".1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
			[]types.Tag{tagged("", "v")}},
		{"ValidationError",
			detected + ".1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
			[]types.Tag{tagged(strings.Repeat("k", 129), "v")}},
		{"ValidationError", detected +
			".1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256",
			[]types.Tag{tagged("k", strings.Repeat("v", 257))}},
		{"ValidationError", detected + `.1.member.key' failed to satisfy constraint: Member must satisfy regular ` +
			`expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`,
			[]types.Tag{tagged("a*", "v")}},
		{"ValidationError", detected + `.1.member.value' failed to satisfy constraint: Member must satisfy regular ` +
			`expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`,
			[]types.Tag{tagged("a", "*")}},
	} {
		refused(t, w.tryRole(func(in *iam.CreateRoleInput) { in.Tags = c.tags }), c.code, c.want)
	}
	require.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) { in.Tags = many[:50] }))
	_, err := w.iam.TagRole(ctx(t), &iam.TagRoleInput{RoleName: aws.String("deploy"), Tags: many[50:]})
	refused(t, err, "LimitExceeded", "The number of tags has reached the maximum limit.")
}

func TestListsComeInPages(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"c", "a", "e", "b", "d"} {
		w.role(name, anyTrust)
	}
	var names []string
	pages := iam.NewListRolesPaginator(w.iam, &iam.ListRolesInput{MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx(t))
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.Roles), 2)
		for _, r := range page.Roles {
			names = append(names, *r.RoleName)
		}
	}
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, names)
	_, err := w.iam.ListRoles(ctx(t), &iam.ListRolesInput{Marker: aws.String("nonsense")})
	refused(t, err, "ValidationError", "Invalid Marker.")
	out, err := w.iam.ListRoles(ctx(t), &iam.ListRolesInput{PathPrefix: aws.String("/ci/")})
	require.NoError(t, err)
	assert.Empty(t, out.Roles)
}

func TestAnAccountHoldsAThousandRoles(t *testing.T) {
	w := newWorld(t)
	for i := range 1000 {
		w.role(fmt.Sprint("role", i), anyTrust)
	}
	err := w.tryRole(func(*iam.CreateRoleInput) {})
	refused(t, err, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000")
	status(t, err, 409)
}
