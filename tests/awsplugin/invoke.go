package awsplugin

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// function is one row of the table of data sources.
type function struct {
	token  string
	inputs []property
	run    func(context.Context, *session, resource.PropertyMap) (resource.PropertyMap, error)
}

var functions = map[string]*function{
	getPartition.token:             getPartition,
	getRegion.token:                getRegion,
	getDefaultTags.token:           getDefaultTags,
	getCallerIdentity.token:        getCallerIdentity,
	getOpenIDConnectProvider.token: getOpenIDConnectProvider,
	getRole.token:                  getRole,
	getPolicy.token:                getPolicy,
}

func (s *server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	f, ok := functions[req.GetTok()]
	if !ok {
		return nil, fmt.Errorf("the stand-in AWS plugin has no function %q", req.GetTok())
	}
	session, err := s.configured()
	if err != nil {
		return nil, err
	}
	args, err := decode(req.GetArgs())
	if err != nil {
		return nil, err
	}
	if failures := f.check(args); len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}
	ctx, done := s.operations.begin(ctx)
	defer done()

	result, err := f.run(ctx, session, revealAll(args))
	if err != nil {
		return nil, fmt.Errorf("invoking %s: %w", f.token, err)
	}
	// The engine leaves it to providers that accept secrets to say what in a result is secret.
	if resource.NewProperty(args).ContainsSecrets() {
		for key, value := range result {
			result[key] = resource.MakeSecret(value)
		}
	}
	answer, err := encode(result)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.InvokeResponse{Return: answer}, nil
}

func (f *function) check(args resource.PropertyMap) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure
	for _, key := range sortedKeys(args) {
		if (&resourceType{inputs: f.inputs}).input(key) == nil {
			failures = append(failures, &pulumirpc.CheckFailure{
				Property: string(key),
				Reason:   fmt.Sprintf("unexpected property %q: %s has no such input", key, f.token),
			})
		}
	}
	for i := range f.inputs {
		p := &f.inputs[i]
		value := args[resource.PropertyKey(p.name)]
		reason := ""
		switch {
		case !value.IsNull():
			_, reason = p.convert(value)
		case p.required:
			reason = fmt.Sprintf("Missing required argument. "+
				"The argument %q is required, but no definition was found.", p.name)
		}
		if reason != "" {
			failures = append(failures, &pulumirpc.CheckFailure{Property: p.path(value), Reason: reason})
		}
	}
	return failures
}
