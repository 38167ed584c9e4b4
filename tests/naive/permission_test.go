package naive

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func statements(list string) string { return `{"Version":"2012-10-17","Statement":[` + list + `]}` }

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func TestARoleMayDoWhatItsPoliciesAndItsBoundaryAllowAndNothingDenies(t *testing.T) {
	const object = "arn:aws:s3:::acme/a"
	read := statements(`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::acme/*"}`)
	deny := statements(`{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::acme/b"}`)
	tagged := statements(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme/${aws:username}"}`)
	user := map[string][]string{"aws:username": {"a"}}
	reads, denies := Permissions{Policies: []string{read}}, Permissions{Policies: []string{read, deny}}
	for name, c := range map[string]struct {
		given            Permissions
		action, resource string
		keys             map[string][]string
		want             bool
	}{
		"nothing":          {Permissions{}, "s3:GetObject", object, nil, false},
		"allowed":          {reads, "S3:getobject", object, nil, true},
		"another action":   {reads, "s3:PutObject", object, nil, false},
		"another resource": {reads, "s3:GetObject", "arn:aws:s3:::Acme/a", nil, false},
		"denied":           {denies, "s3:GetObject", object, nil, false},
		"not denied":       {denies, "s3:GetObject", "arn:aws:s3:::acme/b", nil, true},
		"bounded": {
			Permissions{Policies: []string{read}, Boundary: read}, "s3:GetObject", object, nil, true},
		"out of bounds": {
			Permissions{Policies: []string{read}, Boundary: deny}, "s3:GetObject", object, nil, false},
		"a boundary alone":   {Permissions{Boundary: read}, "s3:GetObject", object, nil, false},
		"a variable":         {Permissions{Policies: []string{tagged}}, "s3:GetObject", object, user, true},
		"a missing variable": {Permissions{Policies: []string{tagged}}, "s3:GetObject", object, nil, false},
	} {
		got, err := c.given.Permit(c.action, c.resource, c.keys)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
	}
	_, err := Permissions{Policies: []string{statements(`{"Effect":"Allow","Action":"*"}`)}}.Permit("a:b", "*", nil)
	require.ErrorContains(t, err, "needs one of Resource and NotResource")
}
