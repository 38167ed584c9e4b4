package trust

// A Role is what is known of the role whose trust policy is audited, beside the policy.
type Role struct {
	Name string
	Arn  string
	// May is what the role's policies allow: nil where they are not known.
	May *May
}

// A May is what a role may do beyond reading what is no secret, in words: "iam:PassRole on *"; "" for nothing.
type May struct{ Write, ReadSecrets string }
