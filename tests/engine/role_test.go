package engine

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/require"
)

// role is the account's only role, as AWS holds it.
func (w *world) role() *types.Role {
	w.t.Helper()
	names := w.aws.Inventory().Roles
	require.Len(w.t, names, 1)
	found, err := w.iam().GetRole(context.Background(), &iam.GetRoleInput{RoleName: aws.String(names[0])})
	require.NoError(w.t, err)
	return found.Role
}

func (w *world) roleArn() string { return *w.role().Arn }

// trustPolicy is what stands on the role.
func (w *world) trustPolicy() string {
	w.t.Helper()
	text, err := url.QueryUnescape(*w.role().AssumeRolePolicyDocument)
	require.NoError(w.t, err)
	return text
}
