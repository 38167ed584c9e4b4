package localaws

// getCallerIdentity needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func getCallerIdentity(c *call) (any, error) {
	return struct {
		Arn     string
		UserID  string `xml:"UserId"`
		Account string
	}{c.caller.arn, c.caller.userID, c.account.id}, nil
}
