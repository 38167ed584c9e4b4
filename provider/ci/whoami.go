package ci

// WhoamiNote stands above the command Whoami, which is commented out.
const WhoamiNote = "# Refused? With the command line on the agent, this says who the job is and what would let it in:"

// Whoami is the command that tells a job who it is. It installs nothing: the packages are in no registry yet, and a
// name that is not ours could be registered by somebody else, whose program every pipeline would then run beside its
// token.
func Whoami(args string) string { return "ci-oidc-trust whoami" + args }
