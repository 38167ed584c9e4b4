#!/usr/bin/env bash
# What the action does: it audits the files, and fails as the command line does.
set -euo pipefail
program=$(bash "$(dirname "${BASH_SOURCE[0]}")/../build.sh")
arguments=(audit --format "$AUDIT_FORMAT")
# An empty one is refused: it is a variable that is not set, and no wish that every finding passes.
[ "$AUDIT_FAIL_ON" = none ] || arguments+=(--fail-on "$AUDIT_FAIL_ON")
case $AUDIT_REQUIRE_ROLES in
  true) arguments+=(--require-roles) ;;
  false) ;;
  *) echo "::error title=ci-oidc-trust::require-roles is true or false" && exit 2 ;;
esac
[ -z "$AUDIT_CONFIG" ] || arguments+=(--config "$AUDIT_CONFIG")
[ -z "$AUDIT_BASELINE" ] || arguments+=(--baseline "$AUDIT_BASELINE")
files=()
while IFS= read -r file; do [ -z "$file" ] || files+=("$file"); done <<<"$AUDIT_FILES"
[ -n "$AUDIT_OUTPUT" ] || exec "$program" "${arguments[@]}" -- "${files[@]}"
exec "$program" "${arguments[@]}" -- "${files[@]}" >"$AUDIT_OUTPUT"
