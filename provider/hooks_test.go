package provider

import (
	"context"
	"net"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// oldMonitor is that of an engine which answers for one feature at a time, and may have no hooks for errors.
type oldMonitor struct {
	pulumirpc.UnimplementedResourceMonitorServer
	errorHooks bool
}

func (m *oldMonitor) SupportsFeature(
	_ context.Context, asked *pulumirpc.SupportsFeatureRequest,
) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{HasSupport: asked.GetId() != "errorHooks" || m.errorHooks}, nil
}

func (m *oldMonitor) RegisterErrorHook(
	context.Context, *pulumirpc.RegisterErrorHookRequest,
) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func TestAnEngineWithoutHooksForErrorsMakesTheProviderAllTheSame(t *testing.T) {
	for _, has := range []bool{false, true} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		server := grpc.NewServer()
		pulumirpc.RegisterResourceMonitorServer(server, &oldMonitor{errorHooks: has})
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		var h hooks
		t.Cleanup(h.clear)
		registered, err := h.registerError(listener.Addr().String(), "name",
			func(*pulumi.ErrorHookArgs) (bool, error) { return false, nil })
		require.NoError(t, err)
		require.Equal(t, has, len(registered) == 1, "the resource would fail with a hook that is not there")
	}
}
