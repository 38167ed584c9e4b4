package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// existing is a trust through the account's provider.
func existing(more props) props {
	return props{"github": with(with(github()["github"].(props), more), props{"existingProvider": true})}
}

func TestTheAccountsProviderIsUsedWithoutItsArn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL, "sts.amazonaws.com")
	made := len(w.changes())
	w.mustUp(trust(existing(nil)))
	require.Equal(t, []string{"CiOidcTrust deploy", "Role deploy"}, w.resources())
	require.Contains(t, w.trustPolicy(), githubArn)
	require.Equal(t, githubArn,
		w.resource("CiOidcTrust deploy").Outputs["providerArns"].ObjectValue()["github"].StringValue())
	require.Empty(t, w.preview(trust(existing(nil))).plan())

	require.NoError(t, w.destroy().err)
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers, "it is not ours to delete")
	for _, change := range w.changes()[made:] {
		require.NotContains(t, change, "OpenIDConnectProvider")
	}
}

func TestTheAccountsProviderByIssuerAndByArnAreOneRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL, "sts.amazonaws.com")
	w.mustUp(trust(existing(nil)))
	w.change(using(githubArn, nil))
	w.change(existing(nil))
}

func TestAnExistingProviderThatDoesNotFitIsRefusedBeforeTheRoleExists(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		prepare func(w *world)
		inputs  props
		words   []string
	}{
		"that does not exist": {
			func(*world) {}, existing(nil),
			[]string{"no OIDC provider for the issuer", "Leave existingProvider out", githubArn},
		},
		"that was deleted": {
			func(w *world) {
				arn := w.existingProvider(githubURL, "sts.amazonaws.com")
				w.mustUp(trust(existing(nil)))
				_, err := w.iam().DeleteOpenIDConnectProvider(context.Background(),
					&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(arn)})
				require.NoError(w.t, err)
			}, existing(nil),
			[]string{"it was deleted", githubArn},
		},
		"without the audience": {
			func(w *world) { w.existingProvider(githubURL, "other.example") }, existing(nil),
			[]string{"add-client-id-to-open-id-connect-provider", "github.audiences", `"sts.amazonaws.com"`},
		},
		"that may not be read": {
			func(w *world) {
				w.existingProvider(githubURL, "sts.amazonaws.com")
				w.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"GetOpenIDConnectProvider"}})
			}, existing(nil),
			[]string{"may not be looked up", "the permission iam:GetOpenIDConnectProvider"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			row.prepare(w)
			for _, r := range []*run{w.preview(trust(row.inputs)), w.up(trust(row.inputs))} {
				require.Error(t, r.err)
				requireProblem(t, r.messages(), "github.existingProvider", row.words...)
				require.Equal(t, 1, strings.Count(r.messages(), "- property "), r.messages())
			}
		})
	}
}

func TestTheProviderOfAnotherIssuerIsNoExistingProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL+"/acme", "sts.amazonaws.com")
	requireProblem(t, w.refused(existing(nil)), "github.existingProvider", "no OIDC provider for the issuer")
}

func TestAnExistingProviderCannotBeShapedHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL, "sts.amazonaws.com")
	messages := w.refused(existing(props{
		"retainProvider": true, "thumbprints": []any{strings.Repeat("ab", 20)}, "providerArn": githubArn,
	}))
	requireProblem(t, messages, "github.existingProvider", "says the same as providerArn")
	messages = w.refused(existing(props{"retainProvider": true, "thumbprints": []any{strings.Repeat("ab", 20)}}))
	requireProblem(t, messages, "github.retainProvider", "no meaning beside existingProvider")
	requireProblem(t, messages, "github.thumbprints", "no meaning beside existingProvider")
}

// The ARN of one organization's provider shows the organization's id.
func TestASecretOrganizationDoesNotShowInAMessageAboutItsExistingProvider(t *testing.T) {
	t.Parallel()
	section := with(circleci(), props{"organizationId": secret(organization), "existingProvider": true})
	r := newWorld(t).preview(trust(props{"circleci": section}))
	require.Error(t, r.err)
	requireProblem(t, r.messages(), "circleci.existingProvider (secret)", "no OIDC provider for the issuer")
	hasNo(t, []string{organization}, "an event", r.text())
}

func TestAnExistingProviderOfAnIssuerThatIsNotKnownYetIsLookedUpAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	later := func(p *running) error {
		id, err := p.upstream("upstream", values(props{"id": organization})["id"])
		if err != nil {
			return err
		}
		return trust(props{"circleci": with(circleci(), props{"organizationId": id, "existingProvider": true})})(p)
	}
	planned := w.preview(later)
	require.NoError(t, planned.err, planned.messages())
	refused := w.up(later)
	require.Error(t, refused.err)
	requireProblem(t, refused.messages(), "circleci.existingProvider", "no OIDC provider for the issuer")
	require.Empty(t, w.aws.Inventory().Roles)
	w.existingProvider(circleciURL, organization)
	w.mustUp(later)
	require.Contains(t, w.trustPolicy(), circleciArn)
}
