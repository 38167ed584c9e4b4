package engine

import (
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

const breakGlass = `{"Action":"sts:AssumeRole","Effect":"Allow",` +
	`"Principal":{"AWS":"arn:aws:iam::123456789012:role/glass"}}`

func beside(statements ...any) props {
	return with(github(), props{"additionalTrustStatements": statements})
}

func TestAStatementOfTheUsersStandsOnTheRoleBesideOurs(t *testing.T) {
	w := newWorld(t)
	w.mustUp(trust(beside(breakGlass)))
	policy := w.trustPolicy()
	require.Contains(t, policy, `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/glass"},`+
		`"Action":"sts:AssumeRole"}`)
	require.Contains(t, policy, "repo:acme@1234567/web@89012345:ref:refs/heads/main")
	require.Empty(t, w.preview(trust(beside(breakGlass))).plan())
	require.Equal(t, []string{"update CiOidcTrust deploy"}, w.preview(trust(beside(`[`+breakGlass+`]`))).plan())
}

func TestAStatementThatLetsEveryoneInStopsThePreviewAndTheUpdate(t *testing.T) {
	w := newWorld(t)
	everyone := `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`
	requireProblem(t, w.refused(beside(breakGlass, everyone)), "additionalTrustStatements[1]", "lets everyone in")
	require.Empty(t, w.aws.Inventory().Roles)
}

func TestADenyThatLocksTheJobsOutStopsTheUpdate(t *testing.T) {
	w := newWorld(t)
	deny := `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRoleWithWebIdentity"}`
	requireProblem(t, w.refused(beside(deny)), "additionalTrustStatements[0]", "denies a job that a section lets in")
	require.Empty(t, w.aws.Inventory().Roles)
}

// Which account is another one is known only from AWS.
func TestAnotherAccountIsToldFromOnesOwn(t *testing.T) {
	own := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole",` +
		`"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/glass"}}}`
	newWorld(t).mustUp(trust(beside(own)))
	other := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"sts:AssumeRole"}`
	requireProblem(t, newWorld(t).refused(beside(other)), "additionalTrustStatements[0]", "account-without-external-id")
}

func TestAStatementThatIsKnownOnlyAtUpIsJudgedThere(t *testing.T) {
	for statement, refused := range map[string]bool{
		breakGlass: false,
		`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`: true,
	} {
		w := newWorld(t)
		later := func(r *running) error {
			output, err := r.upstream("upstream", resource.NewProperty(statement))
			if err != nil {
				return err
			}
			_, err = r.component("deploy", beside(output), deploytest.ResourceOptions{})
			return err
		}
		require.NoError(t, w.preview(later).err)
		r := w.up(later)
		require.Equal(t, refused, r.err != nil, r.messages())
		require.Equal(t, refused, len(w.aws.Inventory().Roles) == 0)
	}
}
