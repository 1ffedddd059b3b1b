#!/usr/bin/env bash
# Fails if the generators write anything but what stands there: somebody changed
# a source and forgot to run them, changed generated code by hand, or did not
# commit it. Files are compared before and after, so that work which is not
# committed yet does not count as drift.
set -euo pipefail
cd "$(dirname "$0")/.."

sums() {
	{ git ls-files -co --exclude-standard '*_templ.go'; echo docs/openapi.json; echo internal/pages/static/tokens.css; echo web/dashboard/src/api/schema.gen.ts; } | sort -u |
		while read -r file; do
			if [[ -f $file ]]; then sha256sum "$file"; else echo "missing $file"; fi
		done
}

before=$(sums)
scripts/generate.sh
after=$(sums)
if [[ "$before" != "$after" ]]; then
	echo "generated code is out of date; it was written anew: look at it and commit it" >&2
	diff <(echo "$before") <(echo "$after") >&2 || true
	git --no-pager diff --stat -- '*_templ.go' docs/openapi.json internal/pages/static/tokens.css web/dashboard/src/api/schema.gen.ts >&2
	exit 1
fi
