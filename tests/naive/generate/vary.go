package generate

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// A Variant is a request that differs from another in one thing.
type Variant struct {
	Request naive.Request
	Change  string // what differs: "" for nothing
}

// Vary makes near misses of a request: one without a claim or a key of the call, one with another text in one of them.
func Vary(r *rand.Rand, req naive.Request) []Variant {
	d := &draft{Rand: r}
	names := slices.Sorted(maps.Keys(req.Claims))
	variants := []Variant{d.without(req, pick(d, names)), d.instead(req, pick(d, names))}
	return slices.DeleteFunc(variants, func(v Variant) bool { return v.Change == "" })
}

func (d *draft) without(req naive.Request, claim string) Variant {
	if known := slices.Sorted(maps.Keys(req.Context)); len(known) > 0 && d.chance(0.5) {
		key := pick(d, known)
		req.Context = maps.Clone(req.Context)
		delete(req.Context, key)
		return Variant{req, "without " + key}
	}
	req.Claims = maps.Clone(req.Claims)
	delete(req.Claims, claim)
	return Variant{req, "without " + claim}
}

func (d *draft) instead(req naive.Request, claim string) Variant {
	switch d.Intn(8) {
	case 0:
		req.Provider += "x"
		return Variant{req, "another provider"}
	case 1:
		if req.Partition == "aws" {
			req.Partition = "aws-cn"
		} else {
			req.Partition = "aws"
		}
		return Variant{req, "another partition"}
	case 2:
		req.RoleSessionName = d.spoil(req.RoleSessionName)
		return Variant{req, "session " + req.RoleSessionName}
	}
	have := texts(req.Claims[claim])
	i := d.Intn(len(have) + 1)
	if oneText[claim] {
		i = 0
	}
	other := d.word()
	if i < len(have) {
		other = d.spoil(have[i])
	}
	changed := append(slices.Clone(have), other)
	if i < len(have) && (oneText[claim] || d.chance(0.7)) {
		changed = slices.Clone(have)
		changed[i] = other
	}
	if slices.Equal(changed, have) {
		return Variant{}
	}
	values := make([]any, len(changed))
	for i, v := range changed {
		values[i] = v
	}
	req.Claims = maps.Clone(req.Claims)
	req.Claims[claim] = values
	if len(values) == 1 {
		req.Claims[claim] = values[0]
	}
	return Variant{req, fmt.Sprintf("%s %q", claim, changed)}
}

// oneText are claims of which nobody recorded what STS says to a list in them.
var oneText = map[string]bool{"sub": true, "azp": true}

// texts are the texts in a claim.
func texts(claim any) []string {
	switch c := claim.(type) {
	case string:
		return []string{c}
	case []any:
		var all []string
		for _, item := range c {
			all = append(all, texts(item)...)
		}
		return all
	}
	return nil
}
