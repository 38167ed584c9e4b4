package awsplugin

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

func typeOf(urn string) (*resourceType, error) {
	token := string(resource.URN(urn).Type())
	if t, ok := resourceTypes[token]; ok {
		return t, nil
	}
	return nil, fmt.Errorf("the stand-in AWS plugin has no resource type %q", token)
}

func (s *server) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	t, err := typeOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	var defaultTags resource.PropertyMap
	if session, err := s.configured(); err == nil {
		defaultTags = session.defaultTags
	}
	checked, failures := t.check(req, olds, news, defaultTags)
	if len(failures) > 0 {
		return &pulumirpc.CheckResponse{Failures: failures}, nil
	}
	inputs, err := encode(checked)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: inputs}, nil
}

func (s *server) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	t, err := typeOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	state, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	return t.diff(state, news, req.GetIgnoreChanges()), nil
}

func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	t, err := typeOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := decode(req.GetProperties())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		planned, err := encode(t.planned(nil, inputs))
		return &pulumirpc.CreateResponse{Properties: planned}, err
	}
	session, err := s.configured()
	if err != nil {
		return nil, err
	}
	ctx, done := s.operations.begin(ctx)
	defer done()

	id, state, err := t.create(ctx, session.iam, known(inputs))
	if err != nil && id == "" {
		return nil, fmt.Errorf("creating %s (%s): %w", t.title, t.label(inputs, req.GetUrn()), err)
	}
	properties, encodeErr := t.stored(state, known(inputs), secretsOf(inputs))
	if encodeErr != nil {
		return nil, encodeErr
	}
	if err != nil {
		return nil, partial(fmt.Errorf("reading %s (%s) after creating it: %w", t.title, id, err), id, properties, nil)
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, nil
}

func (s *server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	t, err := typeOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	session, err := s.configured()
	if err != nil {
		return nil, err
	}
	prior, err := decode(req.GetProperties())
	if err != nil {
		return nil, err
	}
	oldInputs, err := decode(req.GetInputs())
	if err != nil {
		return nil, err
	}
	ctx, done := s.operations.begin(ctx)
	defer done()

	id, state, err := t.read(ctx, session.iam, req.GetId(), revealAll(prior))
	if err != nil {
		return nil, fmt.Errorf("reading %s (%s): %w", t.title, req.GetId(), err)
	}
	if state == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	secrets := secretsOf(prior, oldInputs)
	inputs, err := encode(conceal(t.inputsFrom(state, oldInputs), secrets))
	if err != nil {
		return nil, err
	}
	properties, err := t.stored(state, revealAll(prior), secrets)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{Id: id, Properties: properties, Inputs: inputs}, nil
}

func (s *server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	t, err := typeOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	state, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	for i := range t.inputs {
		key := resource.PropertyKey(t.inputs[i].name)
		if !isIgnored(req.GetIgnoreChanges(), t.inputs[i].name) {
			continue
		}
		delete(news, key)
		if value, ok := state[key]; ok {
			news[key] = value
		}
	}
	if req.GetPreview() {
		planned, err := encode(t.planned(state, news))
		return &pulumirpc.UpdateResponse{Properties: planned}, err
	}
	session, err := s.configured()
	if err != nil {
		return nil, err
	}
	ctx, done := s.operations.begin(ctx)
	defer done()

	plain := known(news)
	updateErr := t.update(ctx, session.iam, req.GetId(), revealAll(state), plain)
	if updateErr != nil {
		updateErr = fmt.Errorf("updating %s (%s): %w", t.title, req.GetId(), updateErr)
	}
	_, current, err := t.read(ctx, session.iam, req.GetId(), overlay(revealAll(state), plain))
	switch {
	case updateErr != nil && (err != nil || current == nil):
		return nil, updateErr
	case err != nil:
		return nil, fmt.Errorf("reading %s (%s) after updating it: %w", t.title, req.GetId(), err)
	case current == nil:
		return nil, fmt.Errorf("%s (%s) is gone", t.title, req.GetId())
	}
	properties, err := t.stored(current, plain, secretsOf(state, news))
	if err != nil {
		return nil, err
	}
	if updateErr != nil {
		return nil, partial(updateErr, req.GetId(), properties, req.GetNews())
	}
	return &pulumirpc.UpdateResponse{Properties: properties}, nil
}

func (s *server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	t, err := typeOf(req.GetUrn())
	if err != nil {
		return nil, err
	}
	session, err := s.configured()
	if err != nil {
		return nil, err
	}
	state, err := decode(req.GetProperties())
	if err != nil {
		return nil, err
	}
	ctx, done := s.operations.begin(ctx)
	defer done()

	if err := t.delete(ctx, session.iam, req.GetId(), revealAll(state)); err != nil && !isMissing(err) {
		return nil, fmt.Errorf("deleting %s (%s): %w", t.title, req.GetId(), err)
	}
	return &emptypb.Empty{}, nil
}

// partial reports a failure that left something behind, so that the engine records it and goes on from there next time.
func partial(err error, id string, properties, inputs *structpb.Struct) error {
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, err.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: properties, Inputs: inputs, Reasons: []string{err.Error()},
	})
}
