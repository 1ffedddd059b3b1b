#!/usr/bin/env bash
# Writes all generated code anew. What it writes is committed; scripts/drift.sh
# finds out whether it is what stands there.
set -euo pipefail
cd "$(dirname "$0")/.."

# Pages: *.templ → *_templ.go
if [[ -n "$(git ls-files -co --exclude-standard '*.templ')" ]]; then
	go tool templ generate -log-level error
fi

# The REST API's document, from the route table; then its types, from the document.
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
go run ./cmd/botimum openapi >"$tmp"
mkdir -p docs web/dashboard/src/api
cp "$tmp" docs/openapi.json
cd web
npx --no-install openapi-typescript ../docs/openapi.json -o dashboard/src/api/schema.gen.ts >/dev/null
