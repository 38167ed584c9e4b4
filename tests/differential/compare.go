package differential

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive/generate"
)

// Engine is the request in the engine's terms.
func Engine(r naive.Request) trust.Request {
	known := map[string][]string{}
	for name, values := range r.Context {
		known[strings.ToLower(name)] = values
	}
	for _, name := range CallKeys {
		if _, ok := known[name]; !ok {
			known[name] = nil // the naive evaluator takes what it is not told for missing
		}
	}
	if r.RoleSessionName == "" {
		known["sts:rolesessionname"] = nil
	}
	return trust.Request{
		Provider: r.Provider, Issuer: r.Issuer, Partition: r.Partition, Claims: r.Claims,
		RoleARN: r.RoleARN, RoleSessionName: r.RoleSessionName, Context: known,
	}
}

// CallKeys are keys of the call that generated policies test and that no token fills.
var CallKeys = []string{
	"aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:sourceip", "aws:vpcsourceip", "aws:sourcearn",
	"aws:useragent",
}

// A Reading is a policy as both have read it.
type Reading struct {
	policy      []byte
	engine      *trust.Policy
	engineErr   error
	document    *naive.Document
	documentErr error
}

// Read lets both read a policy.
func Read(policy []byte) *Reading {
	r := &Reading{policy: policy}
	r.engine, r.engineErr = trust.ParsePolicy(policy)
	r.document, r.documentErr = naive.Read(policy)
	return r
}

// Compare asks both for their answer: the code by which STS refuses the token, or else what the policy says. It returns
// "" when they agree, and otherwise what each said of what.
func (p *Reading) Compare(r naive.Request) string {
	engine, second := p.ask(r), p.askNaively(r)
	if engine.answer == second.answer {
		return ""
	}
	claims, _ := json.Marshal(r.Claims)
	context, _ := json.Marshal(r.Context)
	return fmt.Sprintf("engine: %s %v\nnaive: %s %v\npolicy: %s\nprovider %s, issuer %s, partition %s, role %s, "+
		"session %s\nclaims: %s\ncontext: %s",
		engine.answer, engine.err, second.answer, second.err, p.policy, r.Provider, r.Issuer, r.Partition, r.RoleARN,
		r.RoleSessionName, claims, context)
}

type answered struct {
	answer string
	err    error
}

func (p *Reading) ask(r naive.Request) answered {
	if p.engineErr != nil {
		return answered{"error", p.engineErr}
	}
	request := Engine(r)
	if refusal := request.Refused(generate.Now, nil); refusal != nil {
		return answered{refusal.Code, errors.New(refusal.Reason)}
	}
	return answered{p.engine.Decide(&request).String(), nil}
}

func (p *Reading) askNaively(r naive.Request) answered {
	if p.documentErr != nil {
		return answered{"error", p.documentErr}
	}
	allowed, err := p.document.Decide(r)
	if err != nil {
		return answered{"error", err}
	}
	var refusal *naive.Refusal
	if err := naive.Refuse(r.Claims, r.RoleARN, generate.Now); errors.As(err, &refusal) {
		return answered{refusal.Code, refusal}
	}
	return answered{map[bool]string{true: "allowed", false: "denied"}[allowed], nil}
}
