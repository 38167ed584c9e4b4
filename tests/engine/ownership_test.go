package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// providerTags are the tags of GitHub's provider in the account.
func (w *world) providerTags() map[string]string {
	w.t.Helper()
	found, err := w.iam().GetOpenIDConnectProvider(context.Background(),
		&iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(githubArn)})
	require.NoError(w.t, err)
	tags := map[string]string{}
	for _, tag := range found.Tags {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}

func ownership(state string) map[string]string {
	return map[string]string{
		"ci-oidc-trust:owner": "shop/dev/CiOidcTrust/deploy", "ci-oidc-trust:state": state, "team": "web",
	}
}

func TestAProviderSaysWhoOwnsItAndWhetherItStays(t *testing.T) {
	t.Parallel()
	tagged := func(p props) props { return with(p, props{"tags": props{"team": "web"}}) }
	w := newWorld(t)
	w.mustUp(trust(tagged(github())))
	require.Equal(t, ownership("owned"), w.providerTags())
	w.change(tagged(retaining()), "update OpenIdConnectProvider deploy-github")
	require.Equal(t, ownership("retained"), w.providerTags())
	w.change(tagged(github()), "update OpenIdConnectProvider deploy-github")
	require.Equal(t, ownership("owned"), w.providerTags())
}

func TestTheProvidersOfOnePlaceAreTaggedAsRetained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(providers(props{"github": props{}}))
	require.Equal(t, map[string]string{
		"ci-oidc-trust:owner": "shop/dev/CiOidcProviders/shared", "ci-oidc-trust:state": "retained",
	}, w.providerTags())
}

func TestAComponentThatNamesTheProviderItStillOwnsIsRefusedBeforeItIsDeletedUnderTheRole(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		inputs props
		path   string
	}{
		"by its ARN":       {using(githubArn, nil), "github.providerArn"},
		"by its issuer":    {existing(nil), "github.existingProvider"},
		"in the map":       {with(github(), props{"providerArns": props{"github": githubArn}}), "providerArns.github"},
		"as a secret":      {using(githubArn, props{"providerArn": secret(githubArn)}), "github.providerArn"},
		"and loses others": {with(existing(nil), props{"circleci": circleci()}), "github.existingProvider"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.mustUp(trust(github()))
			before := len(w.changes())
			for _, r := range []*run{w.preview(trust(row.inputs)), w.up(trust(row.inputs))} {
				require.Error(t, r.err)
				require.Contains(t, r.messages(), "this very component made and still owns")
				require.Contains(t, r.messages(), "First bring the stack up with retainProvider: true")
				require.Contains(t, r.messages(), "- property "+row.path)
			}
			require.Len(t, w.changes(), before, "nothing may change")
			require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)

			w.mustUp(trust(retaining()))
			w.mustUp(trust(row.inputs))
			require.Contains(t, w.aws.Inventory().Providers, githubArn, "the way that the message shows")
			require.Contains(t, w.trustPolicy(), githubArn)
		})
	}
}

func TestASwitchOfOnePlacesProvidersIsRefusedWhileTheyAreOwned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(providers(props{"github": props{}, "retain": false}))
	switched := providers(props{"github": props{"existingProvider": true}, "retain": false})
	refused := w.up(switched)
	require.Error(t, refused.err)
	requireProblem(t, refused.messages(), "github.existingProvider", "still owns", "retain: true")
	w.mustUp(providers(props{"github": props{}}))
	w.mustUp(providers(props{"github": props{"existingProvider": true}}))
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
}

func TestASwitchWhoseTagsMayNotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(github()))
	w.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"GetOpenIDConnectProvider"}})
	refused := w.up(trust(using(githubArn, nil)))
	require.Error(t, refused.err)
	requireProblem(t, refused.messages(), "github.providerArn", "iam:GetOpenIDConnectProvider")
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
}

func TestATagOfSomebodyElseRefusesNothingAndDeletesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.iam().CreateOpenIDConnectProvider(context.Background(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(githubURL), ClientIDList: []string{"sts.amazonaws.com"},
		Tags: tagList("ci-oidc-trust:owner", "shop/prod/CiOidcTrust/deploy", "ci-oidc-trust:state", "owned"),
	})
	require.NoError(t, err)
	w.mustUp(trust(using(*made.OpenIDConnectProviderArn, nil)))
	require.NoError(t, w.destroy().err)
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
}

func TestAUserCannotWriteTheTagsThatSayWhoOwnsAProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	messages := w.refused(with(github(), props{"tags": props{"CI-OIDC-TRUST:State": "retained"}}))
	require.Contains(t, messages, "is a tag that is written here")
	many := props{}
	for i := range 49 {
		many["tag"+strings.Repeat("x", i)] = "a"
	}
	requireProblem(t, w.refused(with(github(), props{"tags": many})), "tags", "has 49 tags", "on an OIDC provider")
	w.existingProvider(githubURL, "sts.amazonaws.com")
	w.mustUp(trust(with(existing(nil), props{"tags": many})))
}

func TestAProviderThatExistsIsAWarningAtPreviewWithTheLineToWriteAndAnErrorAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL, "sts.amazonaws.com")
	planned := w.preview(trust(github()))
	require.NoError(t, planned.err, "a preview goes on")
	for _, r := range []*run{planned, w.up(trust(github()))} {
		require.Contains(t, r.text(), "the account has an OIDC provider of "+githubURL+" already")
		require.Contains(t, r.text(), "write github.existingProvider: true")
		require.Contains(t, r.text(), "pulumi import --protect=false")
	}
	require.Empty(t, w.aws.Inventory().Roles)
	w.mustUp(trust(existing(nil)))
}

func TestAProviderThatMayNotBeReadIsSpokenOfWhenAWSHasRefusedToMakeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL, "sts.amazonaws.com")
	w.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"GetOpenIDConnectProvider"}})
	planned := w.preview(trust(github()))
	require.NoError(t, planned.err)
	require.NotContains(t, planned.text(), "already")
	refused := w.up(trust(github()))
	require.Contains(t, refused.messages(), "EntityAlreadyExists")
	require.Contains(t, refused.said(), "write github.existingProvider: true", "AWS's answer says that it exists")
}

func TestAProviderWhoseAnswerWasLostIsGoneOnWithByTheCommandThatIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extra = map[string]string{"maxRetries": "0"}
	w.aws.Misbehave(localaws.Misbehaviour{DropAnswers: 1, Only: []string{"CreateOpenIDConnectProvider"}})
	require.Error(t, w.up(trust(github())).err)
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers, "AWS made it all the same")
	require.NotContains(t, w.resources(), "OpenIdConnectProvider deploy-github")

	refused := w.up(trust(github()))
	require.Error(t, refused.err)
	component := w.resource("CiOidcTrust deploy").URN
	require.Contains(t, refused.messages(), "Its tags say that this component made it")
	require.Contains(t, refused.messages(), "pulumi import --protect=false --parent deploy="+string(component)+
		" aws:iam/openIdConnectProvider:OpenIdConnectProvider deploy-github "+githubArn)

	imported := w.run(framework.ImportOp([]deploy.Import{{
		Type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider", Name: "deploy-github",
		ID: resource.ID(githubArn), Parent: component,
	}}), false, nil)
	require.NoError(t, imported.err, imported.messages())
	done := w.mustUp(trust(github()))
	require.NotContains(t, done.plan(), "create OpenIdConnectProvider deploy-github")
	require.Empty(t, w.preview(trust(github())).plan())
	require.NoError(t, w.destroy().err)
	require.Empty(t, w.aws.Inventory().Providers, "it is the stack's own again")
}

func TestASecretOrganizationDoesNotShowInTheWarningThatItsProviderExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(circleciURL, organization)
	planned := w.preview(trust(props{"circleci": with(circleci(), props{"organizationId": secret(organization)})}))
	require.NoError(t, planned.err)
	require.Contains(t, planned.text(), "the account has an OIDC provider of the section already")
	require.NotContains(t, planned.text(), organization)
}

func TestTwoComponentsOfOneIssuerAreToldToShareItsProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	both := func(p *running) error {
		for _, name := range []string{"first", "second"} {
			if _, err := p.component(name, github(), deploytest.ResourceOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
	refused := w.up(both)
	require.Error(t, refused.err)
	require.Len(t, w.aws.Inventory().Providers, 1)
	again := w.preview(both)
	require.Contains(t, again.text(), "write github.existingProvider: true")
}

// tagList are tags from keys and values in turn.
func tagList(pairs ...string) []types.Tag {
	var tags []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	return tags
}
