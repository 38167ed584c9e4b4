package recipe

import (
	"regexp"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

var distribution = regexp.MustCompile(`^(?:arn:([a-z-]+):cloudfront::([0-9]{12}):distribution/)?([A-Z0-9]{8,32})$`)

// s3Site is what publishing a site calls: `aws s3 sync --delete` into its bucket, and an invalidation of the
// distribution before it.
// Source: https://docs.aws.amazon.com/cli/latest/reference/s3/sync.html
func s3Site(at place, v input.Value, problems *input.Problems) []statement {
	bucket := readBucket(v.Field("bucket"), problems)
	statements := []statement{
		at.allow("SiteList", []string{"s3:ListBucket"}, bucket.whole(at)),
		at.allow("SiteWrite", []string{"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
			bucket.objects(at, "*")),
	}
	id := v.Field("distribution")
	if !id.HasText() {
		return statements
	}
	parts := distribution.FindStringSubmatch(id.Text())
	if parts == nil {
		problems.Add(id, "must be the distribution's id, such as E1A2B3C4D5E6F7, or its ARN", input.Got(id))
		return nil
	}
	if parts[1] != "" {
		at.own(id, parts[1], parts[2], problems)
	}
	return append(statements, at.allow("SiteInvalidation",
		[]string{"cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"},
		[]string{at.arn("cloudfront", "", "distribution/"+parts[3])}))
}
