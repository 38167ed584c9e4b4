package account

// A Role is one IAM role as a document shows it.
type Role struct {
	Name string // RoleName; "" if the document does not tell
	Arn  string // "" if the document does not tell
	// Address is the role's place in an infrastructure program: module.ci.aws_iam_role.deploy, or a logical id.
	Address string
	File    string // the document; "" for the only one
	Line    int    // where the role begins in the document, from 1; 0 if that is not known

	// Trust is the trust policy; nil if Err says why there is none, or if Unknown does.
	Trust []byte
	// Whole says that Trust is the whole document, so that its lines are those of the file.
	Whole bool
	// Made says that Trust was put together from a template, so that its lines are those of no document.
	Made bool
	// Unknown says what of the trust policy nobody can know from the document: "parameter Organization".
	Unknown []string
	// Perhaps says that the trust policy may let web identities in, once what is Unknown is known.
	Perhaps bool

	// Policies are what the role may do: attached and inline. They mean something only if Complete says that the
	// document shows all of them.
	Policies []Policy
	Complete bool
	Boundary *Policy // the permissions boundary; nil for none

	Err error // why the trust policy cannot be read
}

// A Policy is one permission policy of a role.
type Policy struct {
	Name string
	Arn  string // "" for an inline policy
	// Document is the policy as JSON; nil if the document of the account does not show it.
	Document []byte
	// Unread says why there is no document, if more is known than that.
	Unread string
}

// Label is what people call the role: its name, else its address, else the file that it is in.
func (r *Role) Label() string {
	for _, text := range []string{r.Name, r.Address, r.File, r.Arn} {
		if text != "" {
			return text
		}
	}
	return "(no name)"
}
