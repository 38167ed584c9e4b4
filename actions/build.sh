#!/usr/bin/env bash
# Builds the command line from the commit of this action, and prints its path: what is run is what was pinned.
# The go command comes with GitHub's runners. It fetches the toolchain that go.mod names, and checks what it fetches.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
command -v go >/dev/null || {
  echo "::error title=ci-oidc-trust::Go is needed on the runner; use actions/setup-go before this action" >&2
  exit 2
}
program=${RUNNER_TEMP:-$(mktemp -d)}/ci-oidc-trust-program
GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0 go build -C "$root" -trimpath -o "$program" ./provider/cmd/ci-oidc-trust >&2
echo "$program"
