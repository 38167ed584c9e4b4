package ci

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"

// placeholder, replaced by branch h/meet
type Demand struct{ Fit, Refuse []trust.Value }

type Meeting struct{}

func (m *Meeting) Field(string) Span { return Span{} }

func (m *Meeting) Witness(map[string]string) ([]string, bool) { return nil, false }

type Span struct {
	Kind SpanKind
	Text string
}

type SpanKind int

const (
	Open SpanKind = iota
	Prefix
	Exact
)
