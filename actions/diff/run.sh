#!/usr/bin/env bash
# What the action does: it compares the files that changed since a commit, and fails as the command line does.
set -euo pipefail
program=$(bash "$(dirname "${BASH_SOURCE[0]}")/../build.sh")
case $DIFF_SINCE in
  "" | -* | 0000000*) echo "::error title=ci-oidc-trust::there is no commit to compare with; set since" && exit 2 ;;
esac
specs=()
while IFS= read -r spec; do [ -z "$spec" ] || specs+=("$spec"); done <<<"$DIFF_FILES"
# A line that fits no file, now or then, compares nothing for ever: its files were renamed, or it has a slip.
for spec in "${specs[@]}"; do
  [ -n "$(git ls-files -- "$spec" && git diff --name-only --no-renames --relative "$DIFF_SINCE" -- "$spec")" ] || {
    echo "::error title=ci-oidc-trust::no file fits a line of files; say which files hold the trust policies" && exit 2
  }
done
files=()
changed=$(mktemp)
trap 'rm -f "$changed"' EXIT
git diff --name-only -z --no-renames --diff-filter=AM --relative "$DIFF_SINCE" -- "${specs[@]}" >"$changed"
while IFS= read -r -d '' file; do files+=("$file"); done <"$changed"
if [ "${#files[@]}" -eq 0 ]; then
  echo "no trust policy changed since $DIFF_SINCE"
  exit 0
fi
"$program" diff --since "$DIFF_SINCE" -- "${files[@]}"
