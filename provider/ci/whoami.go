package ci

import contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"

// WhoamiNote stands above the command Whoami, which is commented out.
const WhoamiNote = "# Refused? This says who the job is to AWS, and what would let it in:"

// Whoami is the command that tells a job who it is. The go command holds what it fetches against the public database of
// checksums.
//
// Source: https://go.dev/ref/mod#checksum-database
func Whoami(args string) string {
	return "go run github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/cmd/ci-oidc-trust@v" + contract.Version() +
		" whoami" + args
}
