#!/usr/bin/env bash
# Writes all generated code anew. What it writes is committed; scripts/drift.sh
# finds out whether it is what stands there.
set -euo pipefail
cd "$(dirname "$0")/.."

# Pages: *.templ → *_templ.go
if [[ -n "$(git ls-files -co --exclude-standard '*.templ')" ]]; then
	go tool templ generate -log-level error
fi

# Public pages share the design tokens with the dashboard and the widget.
for surface in pages boardsite; do
	cmp -s web/tokens/tokens.css internal/$surface/static/tokens.css || cp web/tokens/tokens.css internal/$surface/static/tokens.css
done

# A file that would not change is left alone, so that nothing is built anew for it.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
put() { cmp -s "$scratch/$1" "$2" || { mkdir -p "$(dirname "$2")" && cp "$scratch/$1" "$2"; }; }

# The REST API's document, from the route table; then its types, from the document.
go run ./cmd/botimum openapi >"$scratch/openapi.json"
put openapi.json docs/openapi.json
document=$PWD/docs/openapi.json
(cd web/dashboard && npm exec --no -- openapi-typescript "$document" -o "$scratch/schema.gen.ts" >/dev/null)
put schema.gen.ts web/dashboard/src/api/schema.gen.ts
