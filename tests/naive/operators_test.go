package naive

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The rows of this file are AWS's own examples (the tables of the operators page, of the
// page on multivalued keys and of the one on several keys or values), and below them the
// rules the pages state in words.

type row struct {
	name      string
	condition string
	keys      map[string][]string
	want      bool
}

func conditionHolds(t *testing.T, version, condition string, keys map[string][]string) bool {
	t.Helper()
	policy := `{"Version": "` + version +
		`", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
		"Principal": {"Federated": "` + provider + `"}, "Condition": ` + condition + `}}`
	allowed, err := Decide([]byte(policy),
		Request{Provider: provider, Issuer: "example.com", Partition: "aws", Context: keys})
	require.NoError(t, err, policy)
	return allowed
}

func run(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, r.want, conditionHolds(t, "2012-10-17", r.condition, r.keys), "%s with %v",
				r.condition, r.keys)
		})
	}
}

func k(pairs ...string) map[string][]string {
	m := map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = append(m[pairs[i]], pairs[i+1])
	}
	return m
}

func TestOperatorsPage(t *testing.T) {
	t.Parallel()
	job := `{"StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"}}`
	tags := `{"StringEqualsIgnoreCase": {"aws:RequestTag/environment": ["preprod", "storage"]}, ` +
		`"ForAnyValue:StringEquals": {"aws:TagKeys": "environment"}}`
	secure := `{"Bool": {"aws:SecureTransport": "false"}}`
	binary := `{"BinaryEquals": {"example:key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}`
	ip := `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`
	ips := `{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}}`
	topic := `{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"}}`
	logs := `{"ForAllValues:ArnLike": {"logs:LogGeneratingResourceArns": ` +
		`["arn:aws::cloudfront:123456789012:distribution/*", ` +
		`"arn:aws::cloudfront:123456789012:distribution/support*"]}}`
	instance := `{"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}}`
	prefix := `{"StringLike": {"s3:prefix": ["home/", "home/${aws:username}/"]}}`
	paths := `{"ForAllValues:StringNotLike": {"aws:ResourceOrgPaths": ["o-acorg/r-acroot/ou-acroot-mediaou/", ` +
		`"o-acorg/r-acroot/ou-acroot-sportsou/*"]}}`
	d := "arn:aws::cloudfront:123456789012:distribution/"
	run(t, []row{
		{"tag", job, k("aws:PrincipalTag/job-category", "iamuser-admin"), true},
		{"other tag", job, k("aws:PrincipalTag/job-category", "dev-ops"), false},
		{"no tag", job, nil, false},
		{"tags 1", tags, k("aws:TagKeys", "environment", "aws:RequestTag/environment", "preprod"), true},
		{"tags 2", tags, k("aws:TagKeys", "environment", "aws:TagKeys", "costcenter", "aws:RequestTag/environment",
			"PreProd"), true},
		{"tags 3", tags, k("aws:TagKeys", "Environment", "aws:RequestTag/Environment", "preprod"), false},
		{"tags 4", tags, k("aws:TagKeys", "costcenter", "aws:RequestTag/environment", "preprod"), false},
		{"tags 5", tags, k("aws:RequestTag/environment", "storage"), false},
		{"tags 6", tags, k("aws:TagKeys", "environment"), false},
		{"tags 7", tags, nil, false},
		{"secure", secure, k("aws:SecureTransport", "false"), true},
		{"not secure", secure, k("aws:SecureTransport", "true"), false},
		{"secure unknown", secure, nil, false},
		{"binary", binary, k("example:key", "QmluYXJ5VmFsdWVJbkJhc2U2NA=="), true},
		{"other binary", binary, k("example:key", "ASIAIOSFODNN7EXAMPLE"), false},
		{"no binary", binary, nil, false},
		{"address", ip, k("aws:SourceIp", "203.0.113.1"), true},
		{"other address", ip, k("aws:SourceIp", "198.51.100.1"), false},
		{"IPv6", ips, k("aws:SourceIp", "2001:db8:1234:5678::9"), true},
		{"other IPv6", ips, k("aws:SourceIp", "2001:db8:1234:5679::9"), false},
		{"arn", topic, k("aws:SourceArn", "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"), true},
		{"other arn", topic, k("aws:SourceArn", "arn:aws:sns:us-west-2:777788889999:TOPIC-ID"), false},
		{"no arn", topic, nil, false},
		{"arns 1", logs, k("logs:LogGeneratingResourceArns", d+"costcenter"), true},
		{"arns 2", logs, k("logs:LogGeneratingResourceArns", d+"costcenter", "logs:LogGeneratingResourceArns",
			d+"support2025"), true},
		{"arns 4", logs,
			k("logs:LogGeneratingResourceArns", "arn:aws::cloudfront:777788889999:distribution/costcenter"), false},
		{"arns 5", logs, nil, true},
		{"instance", instance, k("ec2:InstanceType", "t1.micro"), true},
		{"other instance", instance, k("ec2:InstanceType", "m2.micro"), false},
		{"no instance", instance, nil, true},
		{"home", prefix, k("aws:username", "martha_rivera", "s3:prefix", "home/martha_rivera/"), true},
		{"other home", prefix, k("aws:username", "nikki_wolf", "s3:prefix", "home/martha_rivera/"), false},
		{"home of nobody", prefix, k("s3:prefix", "home/"), false},
		{"other unit", paths, k("aws:ResourceOrgPaths", "o-acorg/r-acroot/ou-acroot-mediaou/costcenter/"), true},
		{"listed unit", paths, k("aws:ResourceOrgPaths", "o-acorg/r-acroot/ou-acroot-sportsou/costcenter/"), false},
		{"numeric", `{"NumericLessThanEquals": {"s3:max-keys": "10"}}`, k("s3:max-keys", "10"), true},
		{"numeric more", `{"NumericLessThanEquals": {"s3:max-keys": "10"}}`, k("s3:max-keys", "11"), false},
		{"issued later", `{"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}`,
			k("aws:TokenIssueTime", "2020-01-01T00:00:02Z"), true},
		{"issued then", `{"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}`,
			k("aws:TokenIssueTime", "1577836801"), false},
		{"string across colons", `{"StringLike": {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}}`,
			k("aws:SourceArn",
				"arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"), true},
		{"arn not across colons", `{"ArnLike": {"aws:SourceArn": "arn:aws:someservice:*:111122223333:finance/*"}}`,
			k("aws:SourceArn",
				"arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"), false},
		{"Null of an absent key", `{"Null": {"aws:TokenIssueTime": "true"}}`, nil, true},
		{"Null of a present key", `{"Null": {"aws:TokenIssueTime": "false"}}`, k("aws:TokenIssueTime", "1"), true},
		{"not Null of an absent key", `{"Null": {"aws:TokenIssueTime": false}}`, nil, false},
	})
}

func TestSeveralKeysAndValues(t *testing.T) {
	t.Parallel()
	block := func(arn string) string {
		return `{"StringEquals": {"aws:PrincipalTag/department": ["finance", "hr", "legal"],
		"aws:PrincipalTag/role": ["audit", "security"]},
			"` + arn + `": {"aws:PrincipalArn": ["arn:aws:iam::222222222222:user/Ana", ` +
			`"arn:aws:iam::222222222222:user/Mary"]}}`
	}
	request := func(pairs ...string) map[string][]string {
		m := k("aws:PrincipalTag/department", "hr", "aws:PrincipalTag/role", "audit", "aws:PrincipalArn",
			"arn:aws:iam::222222222222:user/Mary")
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = []string{pairs[i+1]}
		}
		return m
	}
	nikki := "arn:aws:iam::222222222222:user/Nikki"
	noRole := request()
	delete(noRole, "aws:PrincipalTag/role")
	units := `{"ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}, "Null": ` +
		`{"aws:TagKeys": "false"}}`
	anyUnit := `{"ForAnyValue:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]}}`
	run(t, []row{
		{"all match", block("ArnLike"), request("aws:PrincipalTag/department", "legal"), true},
		{"other arn", block("ArnLike"), request("aws:PrincipalArn", nikki), false},
		{"other role", block("ArnLike"), request("aws:PrincipalTag/role", "payroll"), false},
		{"no role", block("ArnLike"), noRole, false},
		{"NOR other arn", block("ArnNotLike"), request("aws:PrincipalArn", nikki), true},
		{"NOR listed arn", block("ArnNotLike"), request(), false},
		{"NOR other role", block("ArnNotLike"),
			request("aws:PrincipalTag/role", "payroll", "aws:PrincipalArn", nikki), false},
		{"all values one", units, k("aws:TagKeys", "environment"), true},
		{"all values both", units, k("aws:TagKeys", "environment", "aws:TagKeys", "cost-center"), true},
		{"all values more", units, k("aws:TagKeys", "environment", "aws:TagKeys", "dept"), false},
		{"all values none", units, nil, false},
		{"any value one", anyUnit, k("aws:TagKeys", "cost-center"), true},
		{"any value more", anyUnit, k("aws:TagKeys", "environment", "aws:TagKeys", "dept"), true},
		{"any value other", anyUnit, k("aws:TagKeys", "dept"), false},
		{"any value none", anyUnit, nil, false},
		{"any value not", `{"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}`,
			k("aws:TagKeys", "a", "aws:TagKeys", "c"), true},
		{"any value not, all listed", `{"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}`,
			k("aws:TagKeys", "a", "aws:TagKeys", "b"), false},
		{"any value not, none", `{"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}`, nil, false},
		{"all values not", `{"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}`,
			k("aws:TagKeys", "c", "aws:TagKeys", "d"), true},
		{"all values not, one listed", `{"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}`,
			k("aws:TagKeys", "c", "aws:TagKeys", "b"), false},
		{"all values, empty string", `{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}`,
			k("aws:TagKeys", ""), false},
		{"any value, empty string", `{"ForAnyValue:StringEquals": {"aws:TagKeys": ""}}`, k("aws:TagKeys", ""), true},
		{"ForAllValues:Null", `{"ForAllValues:Null": {"aws:TagKeys": "false"}}`, nil, true},
		{"ForAnyValue:Null", `{"ForAnyValue:Null": {"aws:TagKeys": "true"}}`, nil, false},
		{"no value IfExists, absent", `{"StringEqualsIfExists": {"aws:TagKeys": []}}`, nil, true},
		{"no value IfExists, present", `{"StringEqualsIfExists": {"aws:TagKeys": []}}`, k("aws:TagKeys", "a"), false},
	})
}

func TestOperatorDetails(t *testing.T) {
	t.Parallel()
	run(t, []row{
		{"case", `{"StringEquals": {"example:a": "A"}}`, k("example:a", "a"), false},
		{"key case", `{"StringEquals": {"EXAMPLE:A": "a"}}`, k("example:a", "a"), true},
		{"star in StringEquals", `{"StringEquals": {"example:a": "*"}}`, k("example:a", "a"), false},
		{"like needs wildcards", `{"StringLike": {"example:a": "a"}}`, k("example:a", "ab"), false},
		{"question mark", `{"StringLike": {"example:a": "?b"}}`, k("example:a", "éb"), true},
		{"question mark needs a character", `{"StringLike": {"example:a": "a?"}}`, k("example:a", "a"), false},
		{"stars", `{"StringLike": {"example:a": "*a*b*"}}`, k("example:a", "xaxbx"), true},
		{"not like, missing", `{"StringNotLike": {"example:a": "*"}}`, nil, true},
		{"not equals IfExists, missing", `{"StringNotEqualsIfExists": {"example:a": "a"}}`, nil, true},
		{"decimal", `{"NumericEquals": {"example:a": 10.0}}`, k("example:a", "10"), true},
		{"number and word", `{"NumericNotEquals": {"example:a": 1}}`, k("example:a", "one"), true},
		{"JSON Boolean", `{"Bool": {"example:a": true}}`, k("example:a", "true"), true},
		{"zone", `{"DateEquals": {"example:a": "2026-01-01T01:30:00+01:30"}}`, k("example:a", "1767225600"), true},
		{"day", `{"DateLessThan": {"example:a": "2026-01-02"}}`, k("example:a", "2026-01-01T23:59:59.9Z"), true},
		{"time without zone", `{"DateLessThan": {"example:a": "2026-01-02T00:00:00"}}`,
			k("example:a", "2026-01-01T00:00:00Z"), true},
		{"address as /32", `{"NotIpAddress": {"aws:SourceIp": "203.0.113.1"}}`, k("aws:SourceIp", "203.0.113.2"), true},
		{"arn wildcard in each part", `{"ArnEquals": {"example:a": "arn:a?s:*::*:role/*"}}`,
			k("example:a", "arn:aws:iam::1:role/x:y"), true},
		{"not an arn", `{"ArnLike": {"example:a": "*"}}`, k("example:a", "arn:aws:iam::1:role/x"), false},
	})
}

func TestVariables(t *testing.T) {
	t.Parallel()
	team := `{"StringNotEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}}`
	run(t, []row{
		{"replaced", `{"StringEquals": {"example:a": "x-${example:B}"}}`,
			k("example:a", "x-b", "example:b", "b"), true},
		{"default unused", `{"StringEquals": {"example:a": "x-${example:b, 'company-wide'}"}}`,
			k("example:a", "x-b", "example:b", "b"), true},
		{"default", `{"StringEquals": {"example:a": "x-${example:b, 'company-wide'}"}}`,
			k("example:a", "x-company-wide"), true},
		{"star", `{"StringLike": {"example:a": "a${*}*"}}`, k("example:a", "a*b"), true},
		{"star is literal", `{"StringLike": {"example:a": "a${*}"}}`, k("example:a", "ab"), false},
		{"question mark is literal", `{"StringLike": {"example:a": "a${?}"}}`, k("example:a", "ab"), false},
		{"dollar", `{"StringEquals": {"example:a": "${$}{x}"}}`, k("example:a", "${x}"), true},
		{"wildcard in a value is literal", `{"StringLike": {"example:a": "${example:b}"}}`,
			k("example:a", "ab", "example:b", "a*"), false},
		{"negated, no value", team, k("s3:ExistingObjectTag/Team", "a"), true},
		{"negated, same", team, k("s3:ExistingObjectTag/Team", "a", "aws:PrincipalTag/Team", "a"), false},
		{"no value", `{"StringLike": {"example:a": "*${example:b}"}}`, k("example:a", "x"), false},
		{"multivalued", `{"StringEquals": {"example:a": "${example:b}"}}`,
			k("example:a", "x", "example:b", "x", "example:b", "y"), false},
		{"not in Numeric", `{"NumericEquals": {"example:a": "${example:a}"}}`, k("example:a", "1"), false},
		{"in an ARN", `{"ArnLike": {"example:a": "arn:aws:iam::1:user/${example:b}"}}`,
			k("example:a", "arn:aws:iam::1:user/x:y", "example:b", "x:y"), true},
	})
	require.False(t,
		conditionHolds(t, "2008-10-17", `{"StringEquals": {"example:a": "${example:a}"}}`, k("example:a", "x")))
	require.True(t, conditionHolds(t, "2008-10-17", `{"StringEquals": {"example:a": "${example:a}"}}`,
		k("example:a", "${example:a}")))
}
