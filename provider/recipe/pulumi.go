package recipe

import (
	"regexp"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// name is the form of Pulumi's names of projects and stacks.
// Source: https://www.pulumi.com/docs/iac/concepts/stacks/
var name = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$`)

// pulumiState is what Pulumi's backend of a bucket calls for one stack: it reads the version of the layout, the
// checkpoint and the stack's tags. A preview takes no lock and writes nothing. An update locks, keeps a copy of the
// checkpoint, and writes the new one and the history.
// Source: https://github.com/pulumi/pulumi/tree/v3.276.0/pkg/backend/diy
func pulumiState(at place, v input.Value, problems *input.Problems) []statement {
	bucket := readBucket(v.Field("bucket"), problems)
	const rule = "has 1 to 100 letters, digits or _.- and does not begin with a dot"
	project := form(v.Field("project"), name, "must be the project's name: it "+rule, problems)
	stack := form(v.Field("stack"), name, "must be the stack's name alone: it "+rule, problems)
	of := func(kind string) string { return ".pulumi/" + kind + "/" + project + "/" + stack }
	base, locks := of("stacks"), ".pulumi/locks/organization/"+project+"/"+stack+"/"

	checkpoints := []string{base + ".json", base + ".json.gz", base + ".json.zst"}
	tags := base + ".pulumi-tags"
	readable := append([]string{".pulumi/meta.yaml", tags}, checkpoints...)
	prefixes := []string{base + ".json"}
	if v.Field("mode").Text() != "up" {
		return append([]statement{
			at.allow("PulumiStateList", []string{"s3:ListBucket"}, bucket.whole(at)).
				with("StringEquals", "s3:prefix", prefixes),
			at.allow("PulumiStateRead", []string{"s3:GetObject"}, bucket.objects(at, readable...)),
		}, at.key("PulumiStateKey", v.Field("kmsKeyArn"), []string{"kms:Decrypt"}, problems)...)
	}
	prefixes = append(prefixes, locks, of("history")+"/", of("backups")+"/")
	readable = append(readable, locks+"*", of("history")+"/*")
	written := []string{tags, of("history") + "/*", of("backups") + "/*", locks + "*"}
	for _, checkpoint := range checkpoints {
		written = append(written, checkpoint, checkpoint+".bak")
	}
	return append([]statement{
		at.allow("PulumiStateList", []string{"s3:ListBucket"}, bucket.whole(at)).
			with("StringEquals", "s3:prefix", prefixes),
		at.allow("PulumiStateRead", []string{"s3:GetObject"}, bucket.objects(at, readable...)),
		at.allow("PulumiStateWrite", []string{"s3:PutObject"}, bucket.objects(at, written...)),
		at.allow("PulumiStateDelete", []string{"s3:DeleteObject"},
			bucket.objects(at, append([]string{locks + "*"}, checkpoints...)...)),
	}, at.key("PulumiStateKey", v.Field("kmsKeyArn"), []string{"kms:Decrypt", "kms:GenerateDataKey"}, problems)...)
}
