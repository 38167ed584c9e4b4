package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// getDefaultTags is the function of the AWS provider that tells which tags it gives to everything it makes.
const getDefaultTags = "aws:index/getDefaultTags:getDefaultTags"

type defaultTagsAnswer struct {
	Tags map[string]string `pulumi:"tags"`
}

// checkDefaultTags holds the tags that AWS will see against the rules of IAM: those of the component and those that the
// AWS provider adds. A provider whose configuration is not known at preview tells nothing before up.
func (c *component) checkDefaultTags() error {
	found, err := ask[defaultTagsAnswer](c.aws, getDefaultTags, "", noArguments{})
	if err != nil {
		return fmt.Errorf("asking the AWS provider for its default tags: %w", err)
	}
	tags := c.tree.Field("tags")
	kept := map[string]string{} // the user's, by their lower case
	for _, name := range tags.Names() {
		kept[strings.ToLower(name)] = name
	}
	added := 0 // by the AWS provider
	for name := range found.Tags {
		switch own, both := kept[strings.ToLower(name)]; {
		case !both:
			added++
		case own != name:
			c.problems.Add(tags.Fields[own], "differs from a tag of the AWS provider's defaultTags in letter case "+
				"alone, which IAM takes for the same key: write it as there")
		}
	}
	checkTagCount(tags, added, c.trusts, &c.problems)
	return nil
}

// checkTagCount counts the tags of what is created: on an OIDC provider two are ours, and on everything there are those
// that the AWS provider adds.
func checkTagCount(tags input.Value, added int, trusts []ci.Trust, problems *input.Problems) {
	all := len(tags.Names()) + added
	said := fmt.Sprintf("has %d tags", all)
	if added > 0 {
		said += fmt.Sprintf(" with the %d that the AWS provider adds (defaultTags)", added)
	}
	switch {
	case all > tagCount:
		problems.Add(tags, fmt.Sprintf("%s, and IAM takes %d", said, tagCount))
	case all > tagCount-2 && slices.ContainsFunc(trusts, createsProvider):
		problems.Add(tags, fmt.Sprintf("%s, and IAM takes %d on an OIDC provider, of which two say which component "+
			"owns it", said, tagCount))
	}
}

// createsProvider reports that the component makes the OIDC provider of a section.
func createsProvider(t ci.Trust) bool { return !t.UsesProvider() && !t.BuiltIn() }
