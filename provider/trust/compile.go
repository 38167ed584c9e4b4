package trust

import (
	"slices"
	"sort"
	"strings"
)

// Compile turns grants into the smallest trust policy it finds that admits exactly what they admit. The result does not
// depend on the order of the grants or of their values.
//
// Two statements become one when they differ in the values of a single key: the conditions of a statement are a
// conjunction, so (A and x) or (A and y) is A and (x or y), no more and no less. Merging goes on to a fixed point.
func Compile(grants []Grant) *Policy {
	groups := map[string][]conjunction{}
	var names []string
	for _, g := range grants {
		c := conjunction{
			deny:     g.Deny,
			tags:     g.SessionTags,
			provider: g.Provider,
			values:   make([][]string, 0, len(g.Claims)),
		}
		for key := range g.Claims {
			c.keys = append(c.keys, key)
		}
		sort.Strings(c.keys)
		for _, key := range c.keys {
			c.values = append(c.values, normalize(g.Claims[key]))
		}
		name := g.Provider + "\x00" + c.effect() + strings.Join(c.actions(), "") + "\x00" + strings.Join(c.keys, "\x00")
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], c)
	}
	sort.Strings(names)
	policy := &Policy{Version: policyVersion}
	for _, name := range names {
		for _, c := range smallest(groups[name]) {
			policy.Statements = append(policy.Statements, c.statement())
		}
	}
	return policy
}

// A conjunction is a statement in the making: for each key, in order, the values that are accepted.
type conjunction struct {
	deny     bool
	tags     bool // session tags are allowed, too
	provider string
	keys     []string
	values   [][]string
}

// normalize sorts a set of values and drops those that another one covers.
func normalize(values []string) []string {
	sorted := slices.Clone(values)
	sort.Strings(sorted)
	sorted = slices.Compact(sorted)
	var wide []string
	for _, v := range sorted {
		if strings.HasSuffix(v, "*") {
			wide = append(wide, v)
		}
	}
	if len(wide) == 0 {
		return sorted
	}
	return slices.DeleteFunc(sorted, func(v string) bool {
		return slices.ContainsFunc(wide, func(w string) bool { return w != v && covers(w, v) })
	})
}

// smallest merges conjunctions over the same keys. The order in which keys are merged can matter, so every order is
// tried while there are few keys that vary, and the shortest result wins; equal lengths fall to the smaller text.
func smallest(set []conjunction) []conjunction {
	varying := varyingKeys(set)
	var best []conjunction
	bestText := ""
	for _, order := range orders(varying) {
		merged := merge(set, order)
		text := text(merged)
		if best == nil || len(text) < len(bestText) || len(text) == len(bestText) && text < bestText {
			best, bestText = merged, text
		}
	}
	return best
}

func varyingKeys(set []conjunction) []int {
	var varying []int
	for k := range set[0].keys {
		for _, c := range set[1:] {
			if !slices.Equal(c.values[k], set[0].values[k]) {
				varying = append(varying, k)
				break
			}
		}
	}
	return varying
}

// orders are all permutations of up to three keys; beyond that the canonical order alone.
func orders(keys []int) [][]int {
	if len(keys) <= 1 || len(keys) > 3 {
		return [][]int{keys}
	}
	var all [][]int
	for i, first := range keys {
		rest := slices.Delete(slices.Clone(keys), i, i+1)
		for _, tail := range orders(rest) {
			all = append(all, append([]int{first}, tail...))
		}
	}
	return all
}

// merge unites, key by key, the conjunctions that agree in every other key, until nothing changes.
func merge(set []conjunction, order []int) []conjunction {
	current := dedupe(set)
	for {
		before := len(current)
		for _, k := range order {
			current = mergeKey(current, k)
		}
		if len(current) == before {
			return current
		}
	}
}

func dedupe(set []conjunction) []conjunction {
	type named struct {
		id string
		c  conjunction
	}
	seen := make(map[string]bool, len(set))
	kept := make([]named, 0, len(set))
	for _, c := range set {
		if id := c.signature(-1); !seen[id] {
			seen[id] = true
			kept = append(kept, named{id, c})
		}
	}
	slices.SortFunc(kept, func(a, b named) int { return strings.Compare(a.id, b.id) })
	sorted := make([]conjunction, len(kept))
	for i, k := range kept {
		sorted[i] = k.c
	}
	return sorted
}

func mergeKey(set []conjunction, k int) []conjunction {
	index := map[string]int{}
	pools := [][]string{}
	var merged []conjunction
	for _, c := range set {
		id := c.signature(k)
		i, known := index[id]
		if !known {
			i = len(merged)
			index[id] = i
			merged, pools = append(merged, c), append(pools, nil)
		}
		pools[i] = append(pools[i], c.values[k]...)
	}
	for i := range merged {
		merged[i].values = slices.Clone(merged[i].values)
		merged[i].values[k] = normalize(pools[i])
	}
	return dedupe(merged)
}

func (c *conjunction) effect() string {
	if c.deny {
		return "Deny"
	}
	return "Allow"
}

func (c *conjunction) actions() []string {
	if c.tags {
		return []string{assumeRole, tagSession}
	}
	return []string{assumeRole}
}

// signature names the conjunction without the values of one key; -1 leaves none out.
func (c *conjunction) signature(without int) string {
	size := len(c.values)
	for _, values := range c.values {
		for _, v := range values {
			size += len(v) + 1
		}
	}
	var b strings.Builder
	b.Grow(size)
	for k, values := range c.values {
		if k != without {
			for _, v := range values {
				b.WriteString(v)
				b.WriteByte(0)
			}
		}
		b.WriteByte(1)
	}
	return b.String()
}

func text(set []conjunction) string {
	var b strings.Builder
	for _, c := range set {
		s := c.conditions()
		b.WriteString(encode(s.document()))
	}
	return b.String()
}

// statement writes the conjunction down, ready to decide.
func (c *conjunction) statement() Statement {
	s := c.conditions()
	for i := range s.Conditions {
		op, _ := parseOperator(s.Conditions[i].Operator)
		s.tests = append(s.tests, compileTest(&s.Conditions[i], op, policyVersion))
	}
	s.compile()
	return s
}

// conditions writes the conjunction down: StringEquals for a set of literals, StringLike for one with a wildcard.
func (c *conjunction) conditions() Statement {
	s := Statement{
		Effect:     c.effect(),
		Principals: Principals{ByType: map[string][]string{"Federated": {c.provider}}},
		Actions:    c.actions(),
	}
	for _, name := range []string{"StringEquals", "StringLike"} {
		for k, key := range c.keys {
			if like := slices.ContainsFunc(c.values[k], HasWildcard); like == (name == "StringLike") {
				s.Conditions = append(s.Conditions, Condition{Operator: name, Key: key, Values: c.values[k]})
			}
		}
	}
	return s
}
