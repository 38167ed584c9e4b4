package ci

import (
	"encoding/json"
	"slices"
	"strings"
)

// NotProved is the finding that the role has another trust policy than the one that was proved for it.
var NotProved = Rule{
	ID: "policy-not-proved", Severity: Medium,
	Summary: "the role's trust policy is not the one that was proved: a transform or ignoreChanges changed what was " +
		"written, so nothing is promised about who gets in",
	Remediation: "Take the change away, and write what you need in the sections or in additionalTrustStatements; or " +
		"audit the output trustPolicy.",
	Source: "https://www.pulumi.com/docs/iac/concepts/resources/options/transforms/",
}

// ComponentRules are the findings that the component can have beside those of its sections, by id.
func ComponentRules() []Rule {
	rules := append(slices.Concat(AdditionalRules(), PermissionRules(), ProviderRules()), NotProved)
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// SamePolicy reports that two policy documents say the same, however they are written: white space, the order of
// members and of lists, and a list of one item in the place of the item mean nothing to IAM.
func SamePolicy(a, b string) bool {
	var left, right any
	if json.Unmarshal([]byte(a), &left) != nil || json.Unmarshal([]byte(b), &right) != nil {
		return false
	}
	return normal(left) == normal(right)
}

// normal is a JSON value as text, with lists in order, each item once, and a list of one item as the item.
func normal(value any) string {
	var texts []string
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			key, _ := json.Marshal(name)
			texts = append(texts, string(key)+":"+normal(member))
		}
		slices.Sort(texts)
		return "{" + strings.Join(texts, ",") + "}"
	case []any:
		for _, item := range v {
			texts = append(texts, normal(item))
		}
		slices.Sort(texts)
		if texts = slices.Compact(texts); len(texts) == 1 {
			return texts[0]
		}
		return "[" + strings.Join(texts, ",") + "]"
	}
	text, _ := json.Marshal(value) // a text, a number, a boolean or null
	return string(text)
}
