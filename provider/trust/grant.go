package trust

// A Grant admits the tokens of one issuer that carry every one of its claims with one of the values given, or refuses
// them where Deny is set, whatever else admits them.
type Grant struct {
	Deny bool
	// SessionTags admits tokens that carry session tags, too, which takes the action sts:TagSession.
	SessionTags bool
	// Provider is the ARN of the issuer's IAM OIDC provider.
	Provider string
	// Claims are condition key -> accepted values. "*" and "?" in a value are wildcards.
	Claims map[string][]string
	// Sentence says in plain words who is let in: "GitHub Actions: acme/web on branch main".
	Sentence string
}
