package engine
import (
	_ "github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	_ "github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	_ "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider"
	_ "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsplugin"
	_ "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
	_ "github.com/stretchr/testify/require"
)
