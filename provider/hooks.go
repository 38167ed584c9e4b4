package provider

import (
	"context"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// hooks registers what the engine calls back. Pulumi's SDK opens a server for the callbacks of each context and never
// closes it, so one context for each operation registers those of all components.
type hooks struct {
	mu       sync.Mutex
	contexts map[string]*pulumi.Context // by the address of the engine's monitor
}

// register registers a hook under a name that nobody else in the stack has.
func (h *hooks) register(monitor, name string, hook pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ctx, known := h.contexts[monitor]
	if !known {
		var err error
		if ctx, err = pulumi.NewContext(context.Background(), pulumi.RunInfo{MonitorAddr: monitor}); err != nil {
			return nil, err
		}
		if h.contexts == nil {
			h.contexts = map[string]*pulumi.Context{}
		}
		h.contexts[monitor] = ctx
	}
	return ctx.RegisterResourceHook(name, hook, &pulumi.ResourceHookOptions{OnDryRun: true})
}

// clear closes what was opened: the operation is over, or another engine has come.
func (h *hooks) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ctx := range h.contexts {
		_ = ctx.Close() // nothing is left to say to a monitor that may be gone already
	}
	h.contexts = nil
}
