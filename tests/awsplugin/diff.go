package awsplugin

import (
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// diff compares the state with checked inputs, as Terraform does: the state is what was last seen in AWS.
func (t *resourceType) diff(state, news resource.PropertyMap, ignored []string) *pulumirpc.DiffResponse {
	answer := &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_NONE,
		DetailedDiff:    map[string]*pulumirpc.PropertyDiff{},
		HasDetailedDiff: true,
	}
	for i := range t.inputs {
		p := &t.inputs[i]
		changeKind, changed := p.change(state, news)
		if !changed || isIgnored(ignored, p.name) {
			if p.replace {
				answer.Stables = append(answer.Stables, p.name)
			}
			continue
		}
		answer.Changes = pulumirpc.DiffResponse_DIFF_SOME
		answer.Diffs = append(answer.Diffs, p.name)
		if p.replace {
			answer.Replaces = append(answer.Replaces, p.name)
			changeKind = replacing[changeKind]
		}
		answer.DetailedDiff[p.name] = &pulumirpc.PropertyDiff{Kind: changeKind}
	}
	if len(answer.Replaces) == 0 {
		for _, output := range t.outputs {
			if !slices.Contains(t.volatile, output) {
				answer.Stables = append(answer.Stables, output)
			}
		}
	}
	sort.Strings(answer.Stables)
	// Two resources cannot have one name: unless the name was generated, the old one has to go first.
	_, named := news["name"]
	answer.DeleteBeforeReplace = len(answer.Replaces) > 0 && t.nameLength > 0 && named && !isDefaulted(news, "name")
	return answer
}

var replacing = map[pulumirpc.PropertyDiff_Kind]pulumirpc.PropertyDiff_Kind{
	pulumirpc.PropertyDiff_ADD:    pulumirpc.PropertyDiff_ADD_REPLACE,
	pulumirpc.PropertyDiff_UPDATE: pulumirpc.PropertyDiff_UPDATE_REPLACE,
	pulumirpc.PropertyDiff_DELETE: pulumirpc.PropertyDiff_DELETE_REPLACE,
}

func (p *property) change(state, news resource.PropertyMap) (pulumirpc.PropertyDiff_Kind, bool) {
	key := resource.PropertyKey(p.name)
	old, was := reveal(state[key]), !isEmpty(state[key])
	new, is := reveal(news[key]), !isEmpty(news[key])
	_, written := news[key]
	switch {
	case !written && p.computed, !was && !is:
		return 0, false
	case !is:
		return pulumirpc.PropertyDiff_DELETE, true
	case !was:
		return pulumirpc.PropertyDiff_ADD, true
	default:
		return pulumirpc.PropertyDiff_UPDATE, !p.equal(old, new)
	}
}

// equal compares two plain values. An unknown value may turn out to be any.
func (p *property) equal(old, new resource.PropertyValue) bool {
	if new.ContainsUnknowns() {
		return false
	}
	if old.IsString() && new.IsString() {
		return old.StringValue() == new.StringValue() ||
			p.same != nil && p.same(old.StringValue(), new.StringValue())
	}
	if p.unordered && old.IsArray() && new.IsArray() {
		return slices.Equal(asSet(old), asSet(new))
	}
	return old.DeepEquals(new)
}

func asSet(list resource.PropertyValue) []string {
	items := textsOf(resource.PropertyMap{"list": list}, "list")
	slices.Sort(items)
	return slices.Compact(items)
}

// isEmpty tells whether Terraform sees no difference between the value and none.
func isEmpty(value resource.PropertyValue) bool {
	plain := reveal(value)
	switch {
	case plain.IsNull():
		return true
	case plain.IsString():
		return plain.StringValue() == ""
	case plain.IsBool():
		return !plain.BoolValue()
	case plain.IsArray():
		return len(plain.ArrayValue()) == 0
	case plain.IsObject():
		return len(plain.ObjectValue()) == 0
	default:
		return false
	}
}

// isIgnored tells whether a property, or a part of it, is to be treated as unchanged.
func isIgnored(ignored []string, name string) bool {
	return slices.ContainsFunc(ignored, func(path string) bool {
		return path == name || strings.HasPrefix(path, name+".") || strings.HasPrefix(path, name+"[")
	})
}
