package localaws

func putRoleBoundary(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	arn, err := c.form.required("PermissionsBoundary")
	if err != nil {
		return nil, err
	}
	return nil, c.account.setBoundary(r, arn)
}

func deleteRoleBoundary(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	if r.boundary == "" {
		return nil, noSuchEntity("Role with name %s does not have a permissions boundary.", r.name)
	}
	r.boundary = ""
	return nil, nil
}

// setBoundary: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
func (a *account) setBoundary(r *role, arn string) error {
	if err := a.checkPolicyARN(arn); err != nil {
		return err
	}
	if !a.policyExists(arn) {
		return noSuchEntity("Scope ARN: %s does not exist or is not attachable.", arn)
	}
	r.boundary = arn
	return nil
}
