package citest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// What the tests write is JSON-like: object and list, with secret and unknown around values where they matter.
type (
	// object is what is written as a JSON object.
	object = map[string]any
	// list is what is written as a JSON array.
	list = []any
	// Unknown is a value that is not known at preview.
	Unknown struct{}

	hidden struct{ value any }
)

// Secret is a value that no message may show.
func Secret(value any) any { return hidden{value} }

// Tree turns written values into what check hands over. The path of the whole is "".
func Tree(path string, written any) input.Value {
	v := input.Value{Path: path, Present: true, Known: true}
	switch w := written.(type) {
	case object:
		v.Fields = map[string]input.Value{}
		for name, field := range w {
			v.Fields[name] = Tree(strings.TrimPrefix(path+"."+name, "."), field)
		}
	case list:
		for i, item := range w {
			v.List = append(v.List, Tree(fmt.Sprintf("%s[%d]", path, i), item))
		}
	case []string:
		for i, item := range w {
			v.List = append(v.List, Tree(fmt.Sprintf("%s[%d]", path, i), item))
		}
	case hidden:
		v = Tree(path, w.value)
		v.Secret = true
	case Unknown:
		v.Known = false
	default:
		v.Scalar = written
	}
	return v
}

// Accounts in which trusts are made, one in each partition.
var (
	InAWS   = ci.Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}
	InChina = ci.Account{Partition: "aws-cn", Region: "cn-north-1", ID: "123456789012"}
	InGov   = ci.Account{Partition: "aws-us-gov", Region: "us-gov-west-1", ID: "123456789012"}
)

// ReadBy reads sections with what a registry knows, and returns the problems as "path: reason" lines.
func ReadBy(registry *ci.Registry, written object, account ci.Account) ([]ci.Trust, []string) {
	var problems input.Problems
	trusts := registry.Read(Tree("", written), account, &problems)
	lines := make([]string, 0, problems.Len())
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return trusts, lines
}

// Admitted evaluates the compiled policy of trusts for a token of the first one's issuer.
func Admitted(trusts []ci.Trust, account ci.Account, claims map[string]any) bool {
	request := trusts[0].Request(claims, account)
	return ci.Compile(trusts, account, nil).Decide(&request) == trust.Allowed
}

// FindingIDs are the ids of what was found, sorted.
func FindingIDs(trusts []ci.Trust) []string {
	ids := []string{}
	for _, f := range ci.Findings(trusts) {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

// SameStrings fails the test where two lists differ.
func SameStrings(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// Prune takes out what is written as nil: a word that a test leaves out.
func Prune(written object) object {
	for name, value := range written {
		if value == nil {
			delete(written, name)
		}
	}
	return written
}

// HasHigh reports a high finding among others.
func HasHigh(findings []ci.Finding) bool {
	return slices.ContainsFunc(findings, func(f ci.Finding) bool { return f.Severity == ci.High })
}

// Ids are the Ids of findings.
func Ids(findings []ci.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.ID)
	}
	return all
}
