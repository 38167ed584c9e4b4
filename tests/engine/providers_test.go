package engine

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

const providersType = "ci-oidc-trust:index:CiOidcProviders"

// providers is a program of one CiOidcProviders called shared.
func providers(inputs props) program {
	return func(p *running) error {
		_, err := p.register(providersType, "shared", inputs, deploytest.ResourceOptions{})
		return err
	}
}

// handed is a program of one CiOidcProviders and of roles that it hands its providers to.
func handed(shared props, roles map[string]props) program {
	return func(p *running) error {
		made, err := p.register(providersType, "shared", shared, deploytest.ResourceOptions{})
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(roles)) {
			inputs := with(roles[name], props{"providerArns": whole(made, "providerArns")})
			if _, err := p.component(name, inputs, deploytest.ResourceOptions{}); err != nil {
				return err
			}
		}
		return nil
	}
}

// whole is an output, as an SDK hands it on.
func whole(from *deploytest.RegisterResourceResponse, output string) resource.PropertyValue {
	handed := resource.Output{Element: resource.NewProperty(""), Dependencies: []resource.URN{from.URN}}
	value := resource.ToResourcePropertyValue(from.Outputs.Get(output))
	if value.IsSecret() {
		handed.Secret, value = true, value.SecretValue().Element
	}
	if !value.ContainsUnknowns() && value.IsObject() {
		handed.Known, handed.Element = true, value
	}
	return resource.NewProperty(handed)
}

func bothProviders() props {
	return props{"github": props{}, "circleci": props{"organizationId": organization}}
}

func twoRoles() map[string]props {
	return map[string]props{
		"first": bothSystems(),
		"second": {"github": props{"repositories": []any{
			repository("acme@1234567/api@3", "main"),
		}}},
	}
}

func TestOneComponentMakesTheProvidersOfManyRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	planned := w.preview(handed(bothProviders(), twoRoles()))
	require.NoError(t, planned.err, planned.messages())
	require.Equal(t, []string{
		"create CiOidcProviders shared", "create CiOidcTrust first", "create CiOidcTrust second",
		"create OpenIdConnectProvider shared-circleci", "create OpenIdConnectProvider shared-github",
		"create Role first", "create Role second",
	}, planned.plan())
	w.mustUp(handed(bothProviders(), twoRoles()))
	require.Equal(t, []string{circleciArn, githubArn}, w.aws.Inventory().Providers)
	require.Len(t, w.aws.Inventory().Roles, 2)
	require.Empty(t, w.preview(handed(bothProviders(), twoRoles())).plan())
}

func TestProvidersStayWhenTheStackGoesUnlessTheyAreNotRetained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(handed(bothProviders(), twoRoles()))
	require.NoError(t, w.destroy().err)
	require.Equal(t, []string{circleciArn, githubArn}, w.aws.Inventory().Providers)
	require.Empty(t, w.aws.Inventory().Roles)

	gone := newWorld(t)
	gone.mustUp(providers(with(bothProviders(), props{"retain": false})))
	require.NoError(t, gone.destroy().err)
	require.Empty(t, gone.aws.Inventory().Providers)
}

func TestTheFirstRoleGoesAndTheSecondKeepsItsProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(handed(bothProviders(), twoRoles()))
	roles := twoRoles()
	delete(roles, "first")
	w.mustUp(handed(bothProviders(), roles))
	require.Equal(t, []string{circleciArn, githubArn}, w.aws.Inventory().Providers)
	require.Len(t, w.aws.Inventory().Roles, 1)
}

func TestARoleWithoutAnArnForItsSectionIsRefusedAtPreviewOrAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gitHubAlone := props{"github": props{}}
	// While the providers are new the map is not known, and with it which sections it has.
	planned := w.preview(handed(gitHubAlone, twoRoles()))
	require.NoError(t, planned.err, planned.messages())
	refused := w.up(handed(gitHubAlone, twoRoles()))
	require.Error(t, refused.err)
	requireProblem(t, refused.messages(), "providerArns", "no ARN for the section circleci", "CiOidcProviders",
		"it has github, no other")
	require.Empty(t, w.resources()[slices.Index(w.resources(), "OpenIdConnectProvider shared-github")+1:])

	again := w.preview(handed(gitHubAlone, twoRoles()))
	require.Error(t, again.err)
	requireProblem(t, again.messages(), "providerArns", "no ARN for the section circleci")
	w.mustUp(handed(bothProviders(), twoRoles()))
}

func TestANullInTheMapOfProvidersCreatesNone(t *testing.T) {
	t.Parallel()
	for name, arns := range map[string]any{
		"the map": null(), "an ARN": props{"github": null()},
		"a secret map": secret(nil),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			messages := w.refused(with(github(), props{"providerArns": arns}))
			require.Contains(t, messages, "providerArns")
			require.Contains(t, messages, "is null")
		})
	}
}

func TestAnArnOfTheMapIsHeldAgainstTheSection(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		arn   func(w *world) any
		words []string
	}{
		"of another issuer": {
			func(w *world) any { return w.existingProvider(circleciURL, organization) }, []string{"another issuer"},
		},
		"of another account": {
			func(*world) any { return strings.Replace(githubArn, "123456789012", "210987654321", 1) },
			[]string{"another account", "123456789012"},
		},
		"that was deleted":     {func(*world) any { return githubArn }, []string{"it was deleted"}},
		"without the audience": {func(w *world) any { return w.existingProvider(githubURL, "b") }, []string{"missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			messages := w.refused(with(github(), props{"providerArns": props{"github": row.arn(w)}}))
			requireProblem(t, messages, "providerArns.github", row.words...)
			require.Equal(t, 1, strings.Count(messages, "- property "), messages)
		})
	}
}

func TestASecretMapOfProvidersStaysSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.existingProvider(githubURL, "sts.amazonaws.com")
	inputs := with(github(), props{"providerArns": secret(props{"github": githubArn})})
	w.mustUp(trust(inputs))
	require.True(t, w.resource("CiOidcTrust deploy").Outputs["providerArns"].IsSecret())
}

func TestProvidersOfWrongInputsAreRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.preview(providers(props{
		"github":   props{"audiences": []any{"*"}, "repositories": []any{}},
		"circleci": props{},
		"retain":   unknown(),
		"tags":     props{"aws:team": "web"},
	}))
	require.Error(t, r.err)
	requireProblem(t, r.messages(), "github.audiences[0]", "one exact audience")
	requireProblem(t, r.messages(), "github.repositories", "unknown property; GitHubProvider has")
	requireProblem(t, r.messages(), "circleci.organizationId", "is missing")
	requireProblem(t, r.messages(), "retain", "known at preview")
	requireProblem(t, r.messages(), "tags.aws:team", "does not begin with aws:")
	require.Contains(t, r.messages(), "CiOidcProviders has invalid inputs")
	requireProblem(t, w.preview(providers(props{})).messages(), "github", "no issuer to make a provider for")
}

func TestAProviderOfAnUnknownOrganizationIsMadeAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	later := func(p *running) error {
		id, err := p.upstream("upstream", resource.NewProperty(organization))
		if err != nil {
			return err
		}
		return providers(props{"circleci": props{"organizationId": id}})(p)
	}
	w.mustUp(later)
	require.Equal(t, []string{circleciArn}, w.aws.Inventory().Providers)
	require.Empty(t, w.preview(later).plan())
}

func TestAnExistingProviderIsHandedOnToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shared := with(bothProviders(), props{"github": props{"existingProvider": true}})
	requireProblem(t, w.preview(providers(shared)).messages(), "github.existingProvider", "no OIDC provider")
	w.existingProvider(githubURL, "sts.amazonaws.com")
	w.mustUp(handed(shared, twoRoles()))
	require.NotContains(t, w.resources(), "OpenIdConnectProvider shared-github")
	require.Contains(t, w.state(), githubArn)
}

func TestTheProvidersOfASecretOrganizationAreSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := w.mustUp(providers(props{"circleci": props{"organizationId": secret(organization)}}))
	require.True(t, w.resource("CiOidcProviders shared").Outputs["providerArns"].IsSecret())
	hasNo(t, []string{`"providerArns":{"circleci`}, "an event", done.text())
}
