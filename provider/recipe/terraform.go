package recipe

import (
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var (
	// stateKey is the form of a state's key: without what IAM takes for wildcards and variables.
	stateKey  = regexp.MustCompile(`^[A-Za-z0-9!_.()'/=:@,+ -]{1,900}$`)
	tableName = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
	tableArn  = regexp.MustCompile(`^arn:([a-z-]+):dynamodb:([a-z0-9-]+):([0-9]{12}):table/[A-Za-z0-9_.-]{3,255}$`)
)

// terraformState is what the S3 backend of Terraform and OpenTofu calls: it lists the workspaces below env:/, reads the
// state, and locks it by an item of a table or by a file beside it. Only an apply writes the state, and its digest into
// the table.
// Source: https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
func terraformState(at place, v input.Value, problems *input.Problems) []statement {
	bucket := readBucket(v.Field("bucket"), problems)
	key := readKey(v.Field("key"), problems)
	apply := v.Field("mode").Text() == "apply"
	statements := []statement{
		at.allow("TerraformStateList", []string{"s3:ListBucket"}, bucket.whole(at)).
			with("StringEquals", "s3:prefix", []string{key, "env:/"}),
	}
	access := []string{"s3:GetObject"}
	if apply {
		access = append(access, "s3:PutObject")
	}
	statements = append(statements, at.allow("TerraformState", access, bucket.objects(at, key)))
	table := v.Field("lockTable")
	if table.Present {
		items := []string{bucket.name + "/" + key}
		if apply {
			items = append(items, bucket.name+"/"+key+"-md5")
		}
		statements = append(statements, at.allow("TerraformStateLock",
			[]string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"},
			[]string{at.table(table, problems)}).
			with("ForAllValues:StringEquals", "dynamodb:LeadingKeys", items).
			with("Null", "dynamodb:LeadingKeys", "false"))
	} else {
		statements = append(statements, at.allow("TerraformStateLock",
			[]string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, bucket.objects(at, key+".tflock")))
	}
	uses := []string{"kms:Decrypt"}
	if apply || !table.Present {
		uses = append(uses, "kms:GenerateDataKey")
	}
	return append(statements, at.key("TerraformStateKey", v.Field("kmsKeyArn"), uses, problems)...)
}

// readKey reads the key of a state. The end of some keys would make the lock of one state the file or the digest of
// another.
func readKey(v input.Value, problems *input.Problems) string {
	key := form(v, stateKey, "must be the state's key in the bucket, exactly: without *, ?, $ and control characters, "+
		"at most 900 characters", problems)
	switch {
	case key == "":
	case strings.HasPrefix(key, "/") || strings.HasSuffix(key, "/") || strings.Contains(key, "//"):
		problems.Add(v, "has a / at its beginning or end, or two in a row; write the key as the backend's key has it",
			input.Got(v))
	case strings.HasSuffix(key, ".tflock") || strings.HasSuffix(key, "-md5"):
		problems.Add(v, "ends like the lock file (.tflock) or the digest (-md5) of another state; write the state's "+
			"own key", input.Got(v))
	}
	return key
}

// table is the ARN of the lock table.
func (p place) table(v input.Value, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	if parts := tableArn.FindStringSubmatch(v.Text()); parts != nil {
		p.own(v, parts[1], parts[3], problems)
		return v.Text()
	}
	name := form(v, tableName, "must be the table's name, 3 to 255 letters, digits or _.-, or its ARN", problems)
	if name != "" && p.region == "" {
		problems.Add(v, "is a name, and the region of the table is not known: write region, or the table's ARN",
			input.Got(v))
	}
	return p.arn("dynamodb", p.region, "table/"+name)
}
