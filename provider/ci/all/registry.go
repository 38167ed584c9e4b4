// Package all lists the CI systems.
package all

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/azuredevops"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/bitbucket"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/bitrise"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/buildkite"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/circleci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/codefresh"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/concourse"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/custom"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/depot"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/env0"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/flyio"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/forgejo"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/github"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/gitlab"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/googlecloudbuild"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/harness"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/hcpterraform"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/jenkins"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/octopusdeploy"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/pulumicloud"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/scalr"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/semaphore"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/spacelift"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/teamcity"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/terrakube"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/vercel"
)

// Registry is the registry of every CI system. A system is one line here.
func Registry() *ci.Registry {
	named := []ci.System{
		azuredevops.System{},
		bitbucket.System{},
		bitrise.System{},
		buildkite.System{},
		circleci.System{},
		codefresh.System{},
		concourse.System{},
		depot.System{},
		env0.System{},
		flyio.System{},
		forgejo.System{},
		github.System{},
		gitlab.System{},
		googlecloudbuild.System{},
		harness.System{},
		hcpterraform.System{},
		jenkins.System{},
		octopusdeploy.System{},
		pulumicloud.System{},
		scalr.System{},
		semaphore.System{},
		spacelift.System{},
		teamcity.System{},
		terrakube.System{},
		vercel.System{},
	}
	return ci.NewRegistry(append(named, custom.System{Named: ci.NewRegistry(named...)})...)
}
