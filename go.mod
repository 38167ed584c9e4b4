module github.com/ci-oidc-trust/pulumi-ci-oidc-trust

go 1.26.0

require (
	github.com/pulumi/pulumi-aws/sdk/v6 v6.83.2
	github.com/pulumi/pulumi/sdk/v3 v3.259.0
)
