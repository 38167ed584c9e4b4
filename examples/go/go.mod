module example.com/ci-oidc-trust-go

go 1.26.0

require (
	github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go v0.1.0
	github.com/pulumi/pulumi/sdk/v3 v3.259.0
)
