package ci

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// What the tests write is JSON-like: object and list, with secret and unknown around values where they matter.
type (
	// object is what is written as a JSON object.
	object = map[string]any
	// list is what is written as a JSON array.
	list = []any
	// unknown is a value that is not known at preview.
	unknown struct{}

	hidden struct{ value any }
)

// secret is a value that no message may show.
func secret(value any) any { return hidden{value} }

// tree turns written values into what check hands over. The path of the whole is "".
func tree(path string, written any) input.Value {
	v := input.Value{Path: path, Present: true, Known: true}
	switch w := written.(type) {
	case object:
		v.Fields = map[string]input.Value{}
		for name, field := range w {
			v.Fields[name] = tree(strings.TrimPrefix(path+"."+name, "."), field)
		}
	case list:
		for i, item := range w {
			v.List = append(v.List, tree(fmt.Sprintf("%s[%d]", path, i), item))
		}
	case []string:
		for i, item := range w {
			v.List = append(v.List, tree(fmt.Sprintf("%s[%d]", path, i), item))
		}
	case hidden:
		v = tree(path, w.value)
		v.Secret = true
	case unknown:
		v.Known = false
	default:
		v.Scalar = written
	}
	return v
}

// Accounts in which trusts are made, one in each partition.
var (
	inAWS   = Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}
	inChina = Account{Partition: "aws-cn", Region: "cn-north-1", ID: "123456789012"}
	inGov   = Account{Partition: "aws-us-gov", Region: "us-gov-west-1", ID: "123456789012"}
)

// readBy reads sections with what a registry knows, and returns the problems as "path: reason" lines.
func readBy(registry *Registry, written object, account Account) ([]Trust, []string) {
	var problems input.Problems
	trusts := registry.Read(tree("", written), account, &problems)
	lines := make([]string, 0, problems.Len())
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return trusts, lines
}

// admitted evaluates the compiled policy of trusts for a token of the first one's issuer.
func admitted(trusts []Trust, account Account, claims map[string]any) bool {
	request := trusts[0].request(claims, account)
	return Compile(trusts, account, nil).Decide(&request) == trust.Allowed
}

// findingIDs are the ids of what was found, sorted.
func findingIDs(trusts []Trust) []string {
	ids := []string{}
	for _, f := range Findings(trusts) {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return ids
}

// sameStrings fails the test where two lists differ.
func sameStrings(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// prune takes out what is written as nil: a word that a test leaves out.
func prune(written object) object {
	for name, value := range written {
		if value == nil {
			delete(written, name)
		}
	}
	return written
}

// hasHigh reports a high finding among others.
func hasHigh(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == High })
}

// ids are the ids of findings.
func ids(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.ID)
	}
	return all
}
