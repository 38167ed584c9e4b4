package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// functions are the package's functions by token.
var functions = map[string]func(input.Value, *input.Problems) (resource.PropertyMap, error){
	"ci-oidc-trust:index:evaluateTrust": evaluateTrust,
	"ci-oidc-trust:index:auditTrust":    auditTrust,
	"ci-oidc-trust:index:renderTrust":   renderTrust,
	"ci-oidc-trust:index:diffTrust":     diffTrust,
	"ci-oidc-trust:index:permissions":   permissions,
}

// Invoke runs a function. What it returns is secret as soon as one of its arguments is: the engine leaves that to
// providers that accept secrets.
func (s *server) Invoke(
	_ context.Context, request *pulumirpc.InvokeRequest,
) (response *pulumirpc.InvokeResponse, err error) {
	err = contained(func() error {
		response, err = invoked(request)
		return err
	})
	return response, err
}

func invoked(request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	function, known := functions[request.GetTok()]
	if !known {
		return nil, rpcerror.Newf(codes.NotFound, "unknown function %s", request.GetTok())
	}
	options := plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true, KeepResources: true}
	given, err := plugin.UnmarshalProperties(request.GetArgs(), options)
	if err != nil {
		return nil, err
	}
	parsed, err := check.Package()
	if err != nil {
		return nil, err
	}
	var problems input.Problems
	args := parsed.Function(request.GetTok(), rawInputs(given), &problems)
	result, err := function(args, &problems)
	if problems.Len() > 0 {
		var failures []*pulumirpc.CheckFailure
		shown, all := problems.Shown()
		by := callerOf(os.Getenv("PULUMI_PROJECT"))
		for _, p := range shown {
			p = by.says(request.GetTok(), p)
			failures = append(failures, &pulumirpc.CheckFailure{Property: p.Path, Reason: p.Reason})
		}
		if all > len(shown) {
			failures = append(failures, &pulumirpc.CheckFailure{
				Reason: fmt.Sprintf("these are the first %d of %d problems", len(shown), all),
			})
		}
		if by.python {
			failures = inOne(failures)
		}
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}
	if err != nil {
		if args.HasSecret() {
			err = fmt.Errorf("the arguments are no good, and are secret, so that the reason cannot be shown; " +
				"ci-oidc-trust on the command line shows it")
		}
		return nil, rpcerror.New(codes.InvalidArgument, err.Error())
	}
	if args.HasSecret() {
		for key, value := range result {
			result[key] = resource.MakeSecret(value)
		}
	}
	answer, err := plugin.MarshalProperties(result, options)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.InvokeResponse{Return: answer}, nil
}

// inOne makes one failure of several, each on a line of its own: Pulumi's SDK for Python raises the first and drops the
// others, and what is missing often comes before what was misspelt.
// Source: https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/python/lib/pulumi/runtime/invoke.py
func inOne(failures []*pulumirpc.CheckFailure) []*pulumirpc.CheckFailure {
	last := len(failures) - 1
	if last < 1 {
		return failures
	}
	lines := []string{fmt.Sprintf("%d problems", len(failures))}
	for _, f := range failures[:last] {
		lines = append(lines, f.GetProperty()+": "+f.GetReason())
	}
	lines = append(lines, failures[last].GetReason()) // its property is behind it, as the SDK writes it
	return []*pulumirpc.CheckFailure{{Property: failures[last].GetProperty(), Reason: strings.Join(lines, "\n  ")}}
}

// document is a policy among the arguments. In Go one that is left out is an empty text.
func document(args input.Value, name string, problems *input.Problems) []byte {
	v := args.Field(name)
	if text, isText := v.Scalar.(string); isText && text == "" {
		problems.Add(v, "is empty; give a trust policy as JSON")
	}
	return []byte(v.Text())
}

func evaluateTrust(args input.Value, problems *input.Problems) (resource.PropertyMap, error) {
	q := verb.Question{
		TrustPolicy: document(args, "trustPolicy", problems),
		Claims:      []byte(args.Field("claims").Text()),
		Token:       args.Field("token").Text(),
		RoleArn:     args.Field("roleArn").Text(),

		Partial:      args.Field("partial").Bool(),
		IgnoreExpiry: args.Field("ignoreExpiry").Bool(),
	}
	for _, id := range args.Field("clientIds").Texts() {
		q.ClientIDs = append(q.ClientIDs, id.Text())
	}
	answer, err := verb.Evaluate(q)
	if err != nil {
		return nil, err
	}
	statements := []resource.PropertyValue{}
	for _, s := range answer.Statements {
		reasons := []string{}
		if s.Reason != "" {
			reasons = append(reasons, s.Reason)
		}
		for _, c := range s.Conditions {
			if c.Reason != "" {
				reasons = append(reasons, c.Reason)
			}
		}
		statements = append(statements, resource.NewObjectProperty(resource.PropertyMap{
			"statement": resource.NewNumberProperty(float64(s.Statement)),
			"effect":    resource.NewStringProperty(s.Effect),
			"applies":   resource.NewStringProperty(s.Applies),
			"reasons":   texts(reasons),
		}))
	}
	return resource.PropertyMap{
		"allowed":     resource.NewBoolProperty(answer.Allowed),
		"explanation": texts(answer.Explanation),
		"statements":  resource.NewArrayProperty(statements),
	}, nil
}

func auditTrust(args input.Value, problems *input.Problems) (resource.PropertyMap, error) {
	found, err := verb.Audit(document(args, "trustPolicy", problems))
	if err != nil {
		return nil, err
	}
	return resource.PropertyMap{"findings": findingList(found)}, nil
}

func renderTrust(args input.Value, problems *input.Problems) (resource.PropertyMap, error) {
	rendering, err := verb.Render(args, problems)
	if err != nil || rendering == nil {
		return nil, err
	}
	configs := resource.PropertyMap{}
	for section, config := range rendering.PipelineConfigs {
		configs[resource.PropertyKey(section)] = resource.NewStringProperty(config)
	}
	variables := resource.PropertyMap{}
	for section, values := range rendering.PipelineVariables {
		of := resource.PropertyMap{}
		for name, value := range values {
			of[resource.PropertyKey(name)] = resource.NewStringProperty(value)
		}
		variables[resource.PropertyKey(section)] = resource.NewObjectProperty(of)
	}
	return resource.PropertyMap{
		"trustPolicy":       resource.NewStringProperty(rendering.TrustPolicy),
		"grants":            texts(rendering.Grants),
		"findings":          findingList(rendering.Findings),
		"pipelineConfigs":   resource.NewObjectProperty(configs),
		"pipelineVariables": resource.NewObjectProperty(variables),
	}, nil
}

func diffTrust(args input.Value, problems *input.Problems) (resource.PropertyMap, error) {
	diff, err := verb.Compare(document(args, "before", problems), document(args, "after", problems))
	if err != nil {
		return nil, err
	}
	admitted, err := contrast(&diff.Admitted)
	if err != nil {
		return nil, err
	}
	refused, err := contrast(&diff.Refused)
	if err != nil {
		return nil, err
	}
	return resource.PropertyMap{
		"same": resource.NewBoolProperty(diff.Same), "admitted": admitted, "refused": refused,
	}, nil
}

func contrast(c *verb.Contrast) (resource.PropertyValue, error) {
	var lists [2]resource.PropertyValue
	for i, differences := range [][]verb.Difference{c.Differences, c.Beyond} {
		list := []resource.PropertyValue{}
		for _, d := range differences {
			claims, err := json.Marshal(d.Witness.Claims)
			if err != nil {
				return resource.PropertyValue{}, err
			}
			list = append(list, resource.NewObjectProperty(resource.PropertyMap{
				"issuer":    resource.NewStringProperty(d.Issuer),
				"provider":  resource.NewStringProperty(d.Provider),
				"statement": resource.NewNumberProperty(float64(d.Statement)),
				"who":       resource.NewStringProperty(d.Who),
				"why":       texts(d.Why),
				"claims":    resource.NewStringProperty(string(claims)),
				"call":      resource.NewStringProperty(d.Witness.Call),
			}))
		}
		lists[i] = resource.NewArrayProperty(list)
	}
	return resource.NewObjectProperty(resource.PropertyMap{
		"differences": lists[0], "beyond": lists[1], "otherPrincipals": texts(c.OtherPrincipals),
		"undecided": texts(c.Undecided),
	}), nil
}

func findingList(found []verb.Finding) resource.PropertyValue {
	findings := []resource.PropertyValue{}
	for _, f := range found {
		findings = append(findings, resource.NewObjectProperty(resource.PropertyMap{
			"id":          resource.NewStringProperty(f.ID),
			"severity":    resource.NewStringProperty(f.Severity),
			"message":     resource.NewStringProperty(f.Message),
			"remediation": resource.NewStringProperty(f.Remediation),
		}))
	}
	return resource.NewArrayProperty(findings)
}

func texts(list []string) resource.PropertyValue {
	values := []resource.PropertyValue{}
	for _, text := range list {
		values = append(values, resource.NewStringProperty(text))
	}
	return resource.NewArrayProperty(values)
}
