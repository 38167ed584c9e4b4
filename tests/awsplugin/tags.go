package awsplugin

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// withDefaultTags merges the provider's default tags under the resource's own, as pulumi-aws v6 does in Check.
func withDefaultTags(news, defaultTags resource.PropertyMap) resource.PropertyMap {
	own := news["tags"]
	secret := own.IsSecret()
	if secret {
		own = own.SecretValue().Element
	}
	if len(defaultTags) == 0 || !own.IsNull() && !own.IsObject() {
		return news
	}
	merged := defaultTags.Copy()
	if own.IsObject() {
		for key, value := range own.ObjectValue() {
			merged[key] = value
		}
	}
	news = news.Copy()
	news["tags"] = resource.NewProperty(merged)
	if secret {
		news["tags"] = resource.MakeSecret(news["tags"])
	}
	return news
}

func tagsOf(values resource.PropertyMap) []types.Tag {
	tags := []types.Tag{}
	if value := values["tags"]; value.IsObject() {
		for _, key := range sortedKeys(value.ObjectValue()) {
			tags = append(tags, types.Tag{
				Key:   aws.String(string(key)),
				Value: aws.String(value.ObjectValue()[key].StringValue()),
			})
		}
	}
	return tags
}

// tagsValue leaves out the tags that AWS itself sets and nobody can change.
func tagsValue(tags []types.Tag) resource.PropertyMap {
	values := resource.PropertyMap{}
	for _, tag := range tags {
		if key := aws.ToString(tag.Key); !strings.HasPrefix(key, "aws:") {
			values[resource.PropertyKey(key)] = resource.NewProperty(aws.ToString(tag.Value))
		}
	}
	return values
}

// putTags stores tags the way pulumi-aws reports them.
func putTags(state resource.PropertyMap, tags []types.Tag) {
	values := tagsValue(tags)
	state["tagsAll"] = resource.NewProperty(values)
	if len(values) > 0 {
		state["tags"] = resource.NewProperty(values)
	}
}

// retag returns the tags to set and the keys to remove.
func retag(old, new resource.PropertyMap) (set []types.Tag, remove []string) {
	before := map[string]string{}
	for _, tag := range tagsOf(old) {
		before[*tag.Key] = *tag.Value
	}
	for _, tag := range tagsOf(new) {
		if value, had := before[*tag.Key]; !had || value != *tag.Value {
			set = append(set, tag)
		}
		delete(before, *tag.Key)
	}
	for _, tag := range tagsOf(old) {
		if _, gone := before[*tag.Key]; gone {
			remove = append(remove, *tag.Key)
		}
	}
	return set, remove
}
