package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	pkgresource "github.com/pulumi/pulumi/pkg/v3/resource"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/stack"
	"github.com/pulumi/pulumi/pkg/v3/secrets/b64"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/require"
)

// A run is what an operation of the engine left behind.
type run struct {
	err    error
	events []engine.Event
	seen   map[string]*deploytest.RegisterResourceResponse // what the program saw of its components, by name
	stop   []func() error                                  // end the servers of the plugins

	logMutex sync.Mutex
	logged   []logLine // what our plugin had the engine say

	failed  []string // what our Constructs failed with
	started []string // the versions of the AWS plugin that the engine started, once for each time
}

// A logLine is a message of a plugin about a resource.
type logLine struct {
	severity diag.Severity
	urn      resource.URN
	message  string
}

// sink notes what plugins log, as the engine's own turns it into events.
func (r *run) sink() diag.Sink {
	return &deploytest.NoopSink{LogfF: func(severity diag.Severity, d *diag.Diag, _ ...any) {
		r.logMutex.Lock()
		defer r.logMutex.Unlock()
		r.logged = append(r.logged, logLine{severity, d.URN, d.Message})
	}}
}

func (w *world) preview(p program) *run { return w.run(engine.Update, true, p) }
func (w *world) up(p program) *run      { return w.run(engine.Update, false, p) }
func (w *world) destroy() *run          { return w.run(engine.Destroy, false, nil) }
func (w *world) refresh() *run          { return w.run(engine.Refresh, false, nil) }

// mustUp previews and updates, and expects both to go well.
func (w *world) mustUp(p program) *run {
	w.t.Helper()
	planned := w.preview(p)
	require.NoError(w.t, planned.err, planned.messages())
	done := w.up(p)
	require.NoError(w.t, done.err, done.messages())
	return done
}

func (w *world) run(op framework.TestOp, dry bool, p program) *run {
	w.t.Helper()
	r := &run{seen: map[string]*deploytest.RegisterResourceResponse{}}
	options := w.options
	options.T, options.SkipDisplayTests = w.t, true
	options.HostF = deploytest.NewPluginHostF(r.sink(), r.sink(),
		deploytest.NewLanguageRuntimeF(p.language(r), w.required...), nil, nil, r.plugins(w.installed)...)
	defer r.stopPlugins(w.t)
	plan := framework.TestPlan{
		Project: "shop", Stack: w.stack, Config: w.configuration(), Decrypter: config.NopDecrypter, Options: options,
	}
	snapshot, err := op.Run(plan.GetProject(), plan.GetTarget(w.t, w.snapshot), options, dry, nil,
		func(_ workspace.Project, _ deploy.Target, _ engine.JournalEntries, events []engine.Event, err error) error {
			r.events = events
			return err
		})
	r.err = err
	if !dry && snapshot != nil {
		w.snapshot = snapshot
	}
	return r
}

// text is everything the engine said: messages, and the inputs and outputs that a display may show, as events carry
// them. Secrets stand in it as the engine marks them, so what is found here in clear is in clear for everybody.
func (r *run) text() string {
	var b strings.Builder
	if r.err != nil {
		fmt.Fprintln(&b, r.err)
	}
	for _, event := range r.events {
		switch payload := event.Payload().(type) {
		case engine.DiagEventPayload:
			fmt.Fprintln(&b, colors.Never.Colorize(payload.Prefix+payload.Message))
		case engine.StdoutEventPayload:
			fmt.Fprintln(&b, payload.Message)
		case engine.ErrorEventPayload:
			fmt.Fprintln(&b, payload.Error)
		case engine.ResourcePreEventPayload:
			writeStep(&b, payload.Metadata)
		case engine.ResourceOutputsEventPayload:
			writeStep(&b, payload.Metadata)
		case engine.ResourceOperationFailedPayload:
			writeStep(&b, payload.Metadata)
		}
	}
	for _, line := range r.logged {
		fmt.Fprintln(&b, line.message)
	}
	return b.String()
}

func writeStep(b *strings.Builder, m engine.StepEventMetadata) {
	fmt.Fprintln(b, m.Op, m.URN, m.Diffs, m.Keys)
	for _, state := range []*engine.StepEventStateMetadata{m.Old, m.New, m.Res} {
		if state != nil {
			fmt.Fprintln(b, state.ID, state.URN, inClear(state.Inputs), inClear(state.Outputs))
		}
	}
}

// inClear writes properties as a display may show them: without what is marked secret.
func inClear(properties resource.PropertyMap) string {
	return resource.NewProperty(properties).RedactSecrets()
}

// messages are the errors, as a person reads them.
func (r *run) messages() string {
	var b strings.Builder
	for _, event := range r.events {
		if payload, ok := event.Payload().(engine.DiagEventPayload); ok {
			fmt.Fprintln(&b, colors.Never.Colorize(payload.Message))
		}
	}
	return b.String()
}

// plan lists what the operation does, one "update Role deploy" a line, sorted, less the steps that do nothing.
func (r *run) plan() []string {
	lines := []string{}
	for _, event := range r.events {
		if step, ok := event.Payload().(engine.ResourcePreEventPayload); ok {
			m := step.Metadata
			if m.Op != deploy.OpSame && m.URN.Type().Package() != "pulumi" {
				lines = append(lines, fmt.Sprintf("%s %s %s", m.Op, m.URN.Type().Name(), m.URN.Name()))
			}
		}
	}
	sort.Strings(lines)
	return lines
}

// order is the plan in the order in which it was carried out.
func (r *run) order() []string {
	var lines []string
	for _, event := range r.events {
		if step, ok := event.Payload().(engine.ResourceOutputsEventPayload); ok {
			lines = append(lines,
				fmt.Sprintf("%s %s %s", step.Metadata.Op, step.Metadata.URN.Type().Name(), step.Metadata.URN.Name()))
		}
	}
	return lines
}

// state is the stack's checkpoint as a backend stores it, secrets encoded.
func (w *world) state() string {
	w.t.Helper()
	if w.snapshot == nil {
		return ""
	}
	w.snapshot.SecretsManager = b64.NewBase64SecretsManager()
	deployment, err := stack.SerializeDeployment(context.Background(), w.snapshot, false)
	require.NoError(w.t, err)
	text, err := json.MarshalIndent(deployment, "", " ")
	require.NoError(w.t, err)
	return string(text)
}

// resources are the stack's resources besides providers, as "Role deploy", sorted.
func (w *world) resources() []string {
	names := []string{}
	if w.snapshot != nil {
		for _, r := range w.snapshot.Resources {
			if r.Type.Package() != "pulumi" {
				names = append(names, fmt.Sprintf("%s %s", r.Type.Name(), r.URN.Name()))
			}
		}
	}
	sort.Strings(names)
	return names
}

// resource is one of the stack's resources, by the name that resources gives it.
func (w *world) resource(name string) *pkgresource.State {
	w.t.Helper()
	for _, r := range w.snapshot.Resources {
		if name == fmt.Sprintf("%s %s", r.Type.Name(), r.URN.Name()) {
			return r
		}
	}
	require.Failf(w.t, "no such resource", "%s is not among %v", name, w.resources())
	return nil
}
