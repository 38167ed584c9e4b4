package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// The faults of docs/providers.md that no other test of a provider has.

func TestTwoStacksOfOneIssuerShareItsProviderAfterTheMessage(t *testing.T) {
	t.Parallel()
	first := newWorld(t)
	second := first.otherStack("prod")
	first.mustUp(trust(github()))
	planned := second.preview(trust(github()))
	require.NoError(t, planned.err)
	require.Contains(t, planned.said(), "write github.existingProvider: true")
	refused := second.up(trust(github()))
	require.Error(t, refused.err)
	require.Contains(t, refused.messages(), "To use it and leave it to whoever made it")
	require.Len(t, first.aws.Inventory().Roles, 1)

	second.mustUp(trust(existing(nil)))
	require.NoError(t, second.destroy().err)
	require.Equal(t, []string{githubArn}, first.aws.Inventory().Providers, "it is the first stack's")
	require.Empty(t, first.preview(trust(github())).plan())
}

func TestTheStackThatLosesARaceForAProviderCreatesNothingAndIsToldWhatToWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{EntityAlreadyExists: true}) // made between the look-up and the creation
	refused := w.up(trust(github()))
	require.Error(t, refused.err)
	require.Contains(t, refused.messages(), "EntityAlreadyExists: Provider with url", "AWS's own words stay")
	require.NotContains(t, refused.messages(), "hook", "how we come to know is nothing that a user has to know")
	require.Contains(t, refused.said(), "the account has an OIDC provider of "+githubURL+" already")
	require.Contains(t, refused.said(), "write github.existingProvider: true")
	require.Contains(t, refused.said(), "pulumi import --protect=false --parent deploy=")
	require.Empty(t, w.aws.Inventory().Roles)
	require.NotContains(t, w.resources(), "OpenIdConnectProvider deploy-github")
	w.existingProvider(githubURL, "sts.amazonaws.com")
	require.Contains(t, w.preview(trust(github())).said(), "write github.existingProvider: true")
	w.mustUp(trust(existing(nil)))
}

func TestALostRaceForOnePlacesProvidersIsToldWhatToWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{EntityAlreadyExists: true})
	refused := w.up(providers(props{"github": props{}}))
	require.Error(t, refused.err)
	require.Contains(t, refused.said(), "write github.existingProvider: true")
	require.Contains(t, refused.said(), "pulumi import --protect=false --parent shared=")
}

func TestASecretOrganizationDoesNotShowInALostRaceForItsProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{EntityAlreadyExists: true})
	refused := w.up(trust(props{"circleci": with(circleci(), props{"organizationId": secret(organization)})}))
	require.Error(t, refused.err)
	require.Contains(t, refused.said(), "the account has an OIDC provider of the section already")
	require.NotContains(t, refused.said(), organization)
}

func TestAnAnswerThatIsLostAndAskedForAgainIsToldThatTheProviderIsItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{DropAnswers: 1, Only: []string{"CreateOpenIDConnectProvider"}})
	refused := w.up(trust(github()))
	require.Error(t, refused.err)
	require.Contains(t, refused.messages(), "EntityAlreadyExists", "from the AWS plugin's second try")
	require.Contains(t, refused.said(), "Its tags say that this component made it")
}

func TestADestroyThatFailsShowsWhatAWSSaysAlthoughTheProgramThatCouldExplainIsNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(with(github(), props{"roleName": "deploy"})))
	for _, action := range []string{"DeleteRole", "DeleteOpenIDConnectProvider"} {
		w.aws.Misbehave(localaws.Misbehaviour{Deny: []string{action}})
		refused := w.destroy()
		require.Error(t, refused.err)
		require.Contains(t, refused.messages(), "AccessDenied")
		require.NotContains(t, refused.messages(), "hook")
	}
	w.aws.Misbehave(localaws.Misbehaviour{})
	require.NoError(t, w.destroy().err)
}

func TestAProviderIsNotReplacedWhileItExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(github()))
	w.options.ReplaceTargets = deploy.NewUrnTargetsFromUrns([]resource.URN{
		w.resource("OpenIdConnectProvider deploy-github").URN,
	})
	refused := w.up(trust(github()))
	require.Error(t, refused.err)
	require.Contains(t, refused.messages(), "If this is a --replace, leave that out")
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	w.options.ReplaceTargets = deploy.UrnTargets{}
	w.mustUp(trust(github()))
	require.Contains(t, w.trustPolicy(), githubArn)
}

func TestARenamedComponentKeepsItsProviderByAnAliasAndDeletesNothingWithout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(github()))
	arn := w.roleArn()
	renamed := optioned("ship", github(), deploytest.ResourceOptions{})
	require.Contains(t, w.preview(renamed).said(), `"shop/dev/CiOidcTrust/deploy" made it: if this component had that `+
		"name, give it that again")
	require.Error(t, w.up(renamed).err)
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	require.Equal(t, arn, w.roleArn())
	w.mustUp(trust(github())) // the old name again: the engine does not look for an alias of what it knows already

	aliased := optioned("ship", with(github(), props{"roleName": *w.role().RoleName}), deploytest.ResourceOptions{
		Aliases: []*pulumirpc.Alias{
			{Alias: &pulumirpc.Alias_Spec_{Spec: &pulumirpc.Alias_Spec{Name: "deploy"}}},
		},
	})
	done := w.up(aliased)
	require.NoError(t, done.err, done.messages())
	require.NotContains(t, done.said(), "the account has an OIDC provider")
	require.Equal(t, "shop/dev/CiOidcTrust/ship", w.providerTags()["ci-oidc-trust:owner"])
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
}

func TestTheFirstRolesProviderOutlivesTheRolesThatItWasHandedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(func(p *running) error {
		first, err := p.component("first", retaining(), deploytest.ResourceOptions{})
		if err != nil {
			return err
		}
		_, err = p.component("second", with(github(), props{"providerArns": whole(first, "providerArns")}),
			deploytest.ResourceOptions{})
		return err
	})
	w.mustUp(optioned("second", existing(nil), deploytest.ResourceOptions{}))
	require.Equal(t, []string{githubArn}, w.aws.Inventory().Providers)
	require.Contains(t, w.trustPolicy(), githubArn)
}

func TestAnAudienceThatOnePlaceAddsIsThereBeforeTheRoleThatRequiresIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(audiences ...any) program {
		return handed(props{"github": props{"audiences": audiences}}, map[string]props{
			"deploy": {"github": with(github()["github"].(props), props{"audiences": audiences})},
		})
	}
	w.mustUp(program("old.example"))
	w.mustUp(program("old.example", "new.example"))
	done := w.mustUp(program("new.example"))
	require.Contains(t, done.plan(), "update OpenIdConnectProvider shared-github")
	require.Contains(t, w.trustPolicy(), "new.example")
	require.NotContains(t, w.trustPolicy(), "old.example")
}

func TestAnAudienceThatTheProgramsOwnProviderWillNotHaveIsRefusedAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(required string) program {
		return handed(props{"github": props{"audiences": []any{"a.example"}}}, map[string]props{
			"deploy": {"github": with(github()["github"].(props), props{"audiences": []any{required}})},
		})
	}
	w.mustUp(program("a.example"))
	refused := w.up(program("b.example"))
	require.Error(t, refused.err)
	requireProblem(t, refused.messages(), "providerArns.github", `(missing "b.example")`)
	require.Contains(t, w.trustPolicy(), "a.example")
}

func TestAudiencesThatTheOwnersSectionDoesNotListAreAFinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	both := with(github(), props{"github": with(github()["github"].(props),
		props{"audiences": []any{"a.example", "sts.amazonaws.com"}})})
	w.mustUp(trust(both))
	planned := w.preview(trust(github()))
	require.NoError(t, planned.err)
	require.Contains(t, planned.said(), "provider-other-audiences")
	require.Contains(t, planned.said(), "a.example")
	w.mustUp(trust(github()))
	require.NotContains(t, w.preview(trust(github())).said(), "provider-other-audiences")

	someone := newWorld(t)
	someone.existingProvider(githubURL, "a.example", "sts.amazonaws.com")
	used := someone.mustUp(trust(existing(nil)))
	require.NotContains(t, used.said(), "provider-other-audiences", "it is not ours to change")
}

// otherStack is another stack in the same account.
func (w *world) otherStack(name string) *world {
	other := *w
	other.stack, other.snapshot = name, nil
	return &other
}

// said is what the plugin had the engine say: warnings and information.
func (r *run) said() string {
	var b strings.Builder
	for _, line := range r.logged {
		fmt.Fprintln(&b, line.message)
	}
	return b.String()
}
