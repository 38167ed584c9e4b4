module example.com/ci-oidc-trust-go

go 1.26.0

require github.com/pulumi/pulumi/sdk/v3 v3.276.0
