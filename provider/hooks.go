package provider

import (
	"context"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// hooks registers what the engine calls back. Pulumi's SDK opens a server for the callbacks of each context and never
// closes it, so one context for each operation registers those of all components.
type hooks struct {
	mu       sync.Mutex
	monitors map[string]*calledBack // by the address of the engine's monitor
}

// calledBack is an engine that calls back.
type calledBack struct {
	ctx    *pulumi.Context
	errors bool // it calls hooks for errors as well
}

// register registers a hook under a name that nobody else in the stack has.
func (h *hooks) register(monitor, name string, hook pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	engine, err := h.of(monitor)
	if err != nil {
		return nil, err
	}
	return engine.ctx.RegisterResourceHook(name, hook, &pulumi.ResourceHookOptions{OnDryRun: true})
}

// registerError registers a hook for errors under such a name. Where the engine has none of these it returns nil: the
// hook only explains, and nobody needs a newer Pulumi for that.
func (h *hooks) registerError(monitor, name string, hook pulumi.ErrorHookFunction) ([]*pulumi.ErrorHook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	engine, err := h.of(monitor)
	if err != nil || !engine.errors {
		return nil, err
	}
	registered, err := engine.ctx.RegisterErrorHook(name, hook)
	return []*pulumi.ErrorHook{registered}, err
}

// of is the engine at an address.
func (h *hooks) of(monitor string) (*calledBack, error) {
	if known, ok := h.monitors[monitor]; ok {
		return known, nil
	}
	has, err := hasErrorHooks(monitor)
	if err != nil {
		return nil, err
	}
	ctx, err := pulumi.NewContext(context.Background(), pulumi.RunInfo{MonitorAddr: monitor})
	if err != nil {
		return nil, err
	}
	if h.monitors == nil {
		h.monitors = map[string]*calledBack{}
	}
	h.monitors[monitor] = &calledBack{ctx, has}
	return h.monitors[monitor], nil
}

// hasErrorHooks asks an engine whether it calls hooks for errors: the SDK knows, but keeps it to itself, and fails a
// resource that has such a hook where the engine has none. Engines older than GetDeploymentInfo are asked for one
// feature at a time.
func hasErrorHooks(monitor string) (has bool, err error) {
	connection, err := grpc.NewClient(monitor, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return false, err
	}
	defer func() { _ = connection.Close() }() // nothing is left to ask
	client := pulumirpc.NewResourceMonitorClient(connection)
	if info, err := client.GetDeploymentInfo(context.Background(), &emptypb.Empty{}); err == nil {
		return slices.Contains(info.GetSupportedFeatures(),
			pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_ERROR_HOOKS), nil
	}
	answer, err := client.SupportsFeature(context.Background(), &pulumirpc.SupportsFeatureRequest{Id: "errorHooks"})
	return answer.GetHasSupport(), err
}

// clear closes what was opened: the operation is over, or another engine has come.
func (h *hooks) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, engine := range h.monitors {
		_ = engine.ctx.Close() // nothing is left to say to a monitor that may be gone already
	}
	h.monitors = nil
}
