#!/usr/bin/env bash
# Finds out whether the programs are there that a step needs, installs those that
# Debian has, and says in plain words what else to do.
#   tools.sh all | node | chromium | postgres
set -euo pipefail

fail() { echo "$1" >&2; exit 1; }

check_node() {
	command -v node >/dev/null && command -v npm >/dev/null || fail "Node is missing: install Node 20.19 or newer (https://nodejs.org), then try again."
	local major
	major=$(node -p 'process.versions.node.split(".")[0]')
	((major >= 20)) || fail "Node $(node --version) is too old: install Node 20.19 or newer."
}

has_chromium() { [[ -n "${CHROMIUM:-}" ]] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }

has_postgres() { [[ -n "${BOTIMUM_TEST_POSTGRES:-}" ]] || command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }

# debian installs packages; apt-get is asked for them by name and version list once.
debian() {
	local sudo=()
	if ((EUID != 0)); then
		command -v sudo >/dev/null || fail "$* missing, and only root can install them: run apt-get install $*"
		sudo=(sudo)
	fi
	command -v apt-get >/dev/null || fail "$* missing: install them with this system's package manager."
	echo "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	"${sudo[@]}" apt-get update -qq
	"${sudo[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

want=()
case "${1:-all}" in
node) check_node ;;
chromium) has_chromium || want+=(chromium) ;;
postgres) has_postgres || want+=(postgresql) ;;
all)
	command -v go >/dev/null || fail "Go is missing: install Go 1.26 or newer (https://go.dev/dl)."
	check_node
	has_chromium || want+=(chromium)
	has_postgres || want+=(postgresql)
	;;
*) fail "usage: tools.sh all|node|chromium|postgres" ;;
esac
if ((${#want[@]})); then debian "${want[@]}"; fi
