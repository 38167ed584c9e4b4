package all_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// sized are items whose sizes are wanted beside those of the pages' examples: with ids and one branch each.
var sized = map[string]string{
	"circleci, projects by branch": `circleci:
  organizationId: 6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11
  projects: [{id: 0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70, vcsOrigin: github.com/acme/web, branches: [main]}]`,
	"gitlab, path and id": `gitlab:
  projects: [{path: acme/platform/web, id: "46573356", branches: [main]}]`,
	"gitlab, by ids": `gitlab:
  identify: ids
  projects: [{path: acme/platform/web, id: "46573356", branches: [main]}]`,
	"gitlab, id alone": `gitlab:
  projects: [{id: "46573356", branches: [main]}]`,
	"gitlab, merge requests": `gitlab:
  projects: [{path: acme/platform/web, id: "46573356", mergeRequests: true}]`,
	"gitlab, groups": `gitlab:
  groups: [{path: acme/platform, id: "68413579", branches: [main]}]`,
	"hcpTerraform, apply": `hcpTerraform:
  organization: acme
  workspaces: [{project: Default Project, name: web-production, runPhases: [apply]}]`,
	"buildkite, branch": `buildkite:
  organization: acme-inc
  pipelines: [{slug: web, id: 0184990a-4782-42b5-afc1-16715b10b1f0, branches: [main]}]`,
	"github, branch": `github:
  repositories: [{repository: acme@1234567/web@89012345, branches: [main]}]`,
	"github, pullRequests and branch": `github:
  repositories: [{repository: acme@1234567/web@89012345, branches: [main], pullRequests: true}]`,
}

// fits are how many items the default quota has to hold.
var fits = map[string]int{
	"circleci, projects by branch": 8, "gitlab, path and id": 100, "gitlab, by ids": 100, "gitlab, id alone": 100,
	"gitlab, merge requests": 100, "gitlab, groups": 100, "hcpTerraform, apply": 20, "buildkite, branch": 15,
}

var (
	uuid    = regexp.MustCompile(`^\{?[0-9a-f-]{36}\}?$`)
	numeric = regexp.MustCompile(`[0-9]{4,8}$`)
)

// another is the nth name or id like a given one.
func another(text string, n int) string {
	at := numeric.FindStringIndex(text)
	owner, name, isRepository := strings.Cut(text, "/")
	repository, id, hasID := strings.Cut(name, "@")
	account, host, isAddress := strings.Cut(text, "@")
	switch {
	case uuid.MatchString(text):
		last := strings.LastIndexByte(text, '-') + 9
		return text[:last] + fmt.Sprintf("%04x", n) + text[last+4:]
	case isRepository && hasID:
		return owner + "/" + another(repository, n) + "@" + another(id, n)
	case isAddress && !isRepository:
		return another(account, n) + "@" + host
	case at != nil:
		number, _ := strconv.Atoi(text[at[0]:])
		return text[:at[0]] + fmt.Sprintf("%0*d", at[1]-at[0], number+n)
	}
	return fmt.Sprintf("%s%02d", text, n)
}

// repeated is a section whose only list of objects has n items like its first one; nil where there is none.
func repeated(section map[string]any, n int) map[string]any {
	copied := maps.Clone(section)
	for _, word := range slices.Sorted(maps.Keys(section)) {
		items, ok := section[word].([]any)
		if !ok {
			continue
		}
		first, ok := items[0].(map[string]any)
		if !ok {
			continue
		}
		named := false // by something that is not fixed
		for name, value := range first {
			_, ok := value.(string)
			named = named || ok && !fixed[name]
		}
		var like []any
		for i := range n {
			item := maps.Clone(first)
			for name, value := range first {
				if text, ok := value.(string); ok && n > 1 && !(named && fixed[name]) {
					item[name] = another(text, i)
				}
			}
			like = append(like, item)
		}
		copied[word] = like
		return copied
	}
	return nil
}

// fixed are the properties of items that are the same for many: what the item lies in, or how it is run.
var fixed = map[string]bool{"project": true, "environment": true, "space": true, "scope": true, "team": true,
	"organization": true, "access": true}

// read reads a section with all its risks accepted.
func read(section string, properties map[string]any) ([]ci.Trust, error) {
	registry := all.Registry()
	written := map[string]any{section: properties}
	written["acceptRisks"] = citest.RisksOf(registry, written)
	trusts, lines := citest.ReadBy(registry, written, citest.InAWS)
	if len(lines) > 0 {
		return nil, errors.New(lines[0])
	}
	return trusts, nil
}

// size is the length of the policy of a section, in the form that Check chooses; false if it does not fit.
func size(section string, properties map[string]any) (int, bool, error) {
	trusts, err := read(section, properties)
	if err != nil {
		return 0, false, err
	}
	var problems input.Problems
	err = ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems)
	return trust.Size(ci.Compile(trusts, citest.InAWS, nil).JSON()), problems.Len() == 0, err
}

// mayFit reports that the policy of a section has a form that fits the default quota, proved or not.
func mayFit(section string, properties map[string]any) bool {
	trusts, err := read(section, properties)
	for _, compacted := range []bool{false, true} {
		for i := range trusts {
			trusts[i].Compacted = compacted
		}
		if err == nil && trust.Size(ci.Compile(trusts, citest.InAWS, nil).JSON()) <= trust.DefaultMaxLength {
			return true
		}
	}
	return false
}

func TestSizesOfPolicies(t *testing.T) {
	written := maps.Clone(sized)
	for _, s := range all.Registry().Systems() {
		told, err := page.Of("..", s.Section())
		if err != nil {
			t.Fatal(err)
		}
		written[s.Section()+", the page's example"] = told.Example
	}
	counts := []int{1, 2, 5, 10, 20, 40}
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-44s %v items, ! if more than 2048 characters; the most that fit\n", "", counts)
	for _, name := range slices.Sorted(maps.Keys(written)) {
		document := map[string]any{}
		if err := yaml.Unmarshal([]byte(written[name]), &document); err != nil {
			t.Fatal(err)
		}
		section, _, _ := strings.Cut(name, ",")
		properties, _ := document[section].(map[string]any)
		if repeated(properties, 1) == nil {
			fmt.Fprintf(&table, "%-44s has no list of items\n", name)
			continue
		}
		fmt.Fprintf(&table, "%-44s", name)
		for _, n := range counts {
			length, fit, err := size(section, repeated(properties, n))
			mark := ""
			if !fit {
				mark = "!"
			}
			if err != nil {
				fmt.Fprintf(&table, " (%v)", err)
				break
			}
			fmt.Fprintf(&table, " %5d%-1s", length, mark)
		}
		most := sort.Search(256, func(n int) bool {
			return !mayFit(section, repeated(properties, n+1))
		})
		fmt.Fprintf(&table, " %4d\n", most)
		if most < fits[name] {
			t.Errorf("%s: %d fit, and %d should", name, most, fits[name])
		}
	}
	t.Log(table.String())
}
