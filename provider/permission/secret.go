package permission

import "strings"

// secretReads are the actions that read what may be or hold a secret, by what they give.
var secretReads = []power{
	{"reads secrets", []string{"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"}},
	{"reads parameters, secret ones among them", []string{
		"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory",
	}},
	{"decrypts with keys", []string{"kms:Decrypt"}},
	{"reads objects of any bucket, or a state with its secrets", []string{"s3:GetObject", "s3:GetObjectVersion"}},
	{"reads data of tables", []string{
		"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:PartiQLSelect",
		"dynamodb:GetRecords",
	}},
	{"reads code and environment of functions", []string{
		"lambda:GetFunction", "lambda:GetFunctionConfiguration",
	}},
	{"reads environments of containers", []string{"ecs:DescribeTaskDefinition"}},
	{"reads what instances start with", []string{
		"ec2:DescribeInstanceAttribute", "ec2:DescribeLaunchTemplateVersions", "ec2:GetLaunchTemplateData",
		"autoscaling:DescribeLaunchConfigurations",
	}},
	{"reads passwords of instances and databases", []string{
		"ec2:GetPasswordData", "lightsail:GetRelationalDatabaseMasterUserPassword",
	}},
	{"reads logs", []string{"logs:GetLogEvents", "logs:FilterLogEvents", "logs:GetQueryResults"}},
	{"signs in to databases", []string{
		"rds-db:connect", "redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM",
		"redshift-serverless:GetCredentials",
	}},
}

// secrets are uses that read what may be or hold a secret, one of each kind.
func (r *rulebook) secrets() []Use {
	var u uses
	states := r.states()
	for _, kind := range secretReads {
		for _, action := range kind.actions {
			if !u.has(kind.words) {
				r.each(func(of *policy, s *statement) {
					if use, found := r.readsSecret(action, s, states); found && !u.has(kind.words) {
						use.Power, use.Policy = kind.words, of.name
						u.add(use)
					}
				})
			}
		}
	}
	return u.list
}

func (r *rulebook) readsSecret(action string, s *statement, states []string) (Use, bool) {
	lower := strings.ToLower(action)
	if !s.actions.covers(lower) {
		return Use{}, false
	}
	object := strings.HasPrefix(lower, "s3:")
	for _, resource := range s.parts() {
		if s.excused(lower, resource) || !s.resources.not && !meantFor(action, resource.patterns[0]) {
			continue
		}
		if object && !s.resources.not && !holdsState(resource.patterns[0], states) {
			continue
		}
		if r.reach(wants{}, &statement{actions: set{patterns: []string{lower}}, resources: resource}) {
			return Use{Action: action, Resource: resource.String(), Statement: s.number}, true
		}
	}
	return Use{}, false
}

// holdsState reports that a pattern of objects names no bucket, or a state of Terraform, OpenTofu or Pulumi.
func holdsState(pattern string, states []string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) < 6 {
		return true
	}
	bucket, _, _ := strings.Cut(parts[5], "/")
	if strings.Trim(bucket, "*?") == "" {
		return true
	}
	lower := strings.ToLower(parts[5])
	for _, word := range []string{"tfstate", ".pulumi/", "terraform", "pulumi", "tofu"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	for _, state := range states {
		if match(pattern, state) {
			return true
		}
	}
	return false
}

// states are the ARNs of states whose locks the role may take.
func (r *rulebook) states() []string {
	var states []string
	r.each(func(_ *policy, s *statement) {
		for _, resource := range s.resources.patterns {
			if state, found := strings.CutSuffix(resource, lockSuffix); found && literal(state) {
				states = append(states, state)
			}
		}
		for _, item := range s.lockItems() {
			states = append(states, "arn:aws:s3:::"+item, "arn:aws-cn:s3:::"+item, "arn:aws-us-gov:s3:::"+item)
		}
	})
	return states
}
