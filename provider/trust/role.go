package trust

// A Role is what is known of the role whose trust policy is audited, beside the policy.
type Role struct {
	Name string
	Arn  string
	// May is what the role's policies allow: nil where they are not known.
	May *May
}

// A May is what a role may do beyond reading what is no secret.
type May struct {
	Write       string // in words: "iam:PassRole on *"; "" for nothing
	ReadSecrets string
	Partly      bool // some of its policies are not known yet, so that it may do more
}
