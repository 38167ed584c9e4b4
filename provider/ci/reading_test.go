package ci

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// What the tests write is JSON-like: object and list, with secret and unknown around values where they matter.
type (
	object  = map[string]any
	list    = []any
	secret  struct{ value any }
	unknown struct{}
)

// tree turns written values into what check hands over.
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
	case secret:
		v = tree(path, w.value)
		v.Secret = true
	case unknown:
		v.Known = false
	default:
		v.Scalar = written
	}
	return v
}

var (
	inAWS   = Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}
	inChina = Account{Partition: "aws-cn", Region: "cn-north-1", ID: "123456789012"}
	inGov   = Account{Partition: "aws-us-gov", Region: "us-gov-west-1", ID: "123456789012"}
)

const (
	organization = "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	project      = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"
	otherProject = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71"
	origin       = "github.com/acme/web"
	acmeWeb      = "acme@1234567/web@89012345"
)

// allRisks accepts every finding.
func allRisks() []string { return slices.Sorted(maps.Keys(Rules())) }

// read reads sections, and returns the problems as "path: reason" lines.
func read(written object, account Account) ([]Trust, []string) {
	var problems input.Problems
	trusts := Read(tree("", written), account, &problems)
	lines := make([]string, 0, problems.Len())
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return trusts, lines
}

// mustRead reads sections in which nothing is wrong, with every risk accepted.
func mustRead(t testing.TB, written object, account Account) []Trust {
	t.Helper()
	if _, given := written["acceptRisks"]; !given {
		written = maps.Clone(written)
		written["acceptRisks"] = allRisks()
	}
	trusts, lines := read(written, account)
	if len(lines) > 0 {
		t.Fatalf("%v has problems:\n%s", written, strings.Join(lines, "\n"))
	}
	return trusts
}

// github is a section with one repository.
func github(repository string, words object) object {
	item := object{"repository": repository}
	maps.Copy(item, words)
	return object{"github": object{"repositories": list{item}}}
}

// circleci is a section with one project.
func circleci(words object) object {
	item := object{"id": project}
	maps.Copy(item, words)
	return object{"circleci": object{"organizationId": organization, "projects": list{item}}}
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

func sameStrings(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
