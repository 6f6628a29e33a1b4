#!/usr/bin/env bash
# Runs the tests in another Debian's QGIS: a small system of its own, made once by debootstrap, then used again.
#   scripts/other_qgis.sh trixie                    QGIS 3.40, Python 3.13, numpy 2 (Debian 13)
#   scripts/other_qgis.sh sid tests/cli -x          QGIS 3.44, Python 3.14; what follows goes to pytest
# Needs root and the network. The systems (about 3 GB each) stand in $OTHER_QGIS_CACHE, by default
# /var/tmp/coastalhm-qgis: delete one there to have it made anew.
set -euo pipefail
suite=${1:?usage: scripts/other_qgis.sh SUITE [PYTEST ARGUMENT ...]}; shift
project=$(cd "$(dirname "$0")/.." && pwd)
cache=${OTHER_QGIS_CACHE:-/var/tmp/coastalhm-qgis}
box=$cache/$suite

fail() { printf 'other_qgis: %s\n' "$*" >&2; exit 1; }
say() { printf '== %s: %s\n' "$suite" "$*"; }

# mounts live in a namespace of the run's own: however it ends, none is left behind
if [[ ${OTHER_QGIS_INSIDE:-0} != 1 ]]; then
  [[ $(id -u) -eq 0 ]] || fail "making and entering another system needs root: sudo $0 $suite $*"
  mkdir -p "$cache"
  OTHER_QGIS_INSIDE=1 exec flock "$cache/$suite.lock" unshare --mount --pid --fork --kill-child "$0" "$suite" "$@"
fi

make_system() {
  local mirror
  command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq debootstrap >/dev/null; } \
    || fail "debootstrap is not here and could not be installed"
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -m1 -E '/debian/?$' || true)
  [[ -n $mirror ]] || fail "this machine's apt names no Debian mirror"
  say "making the system (some minutes, once)"
  rm -rf --one-file-system "$box"
  debootstrap --variant=minbase --include=ca-certificates,git,make,python3 "$suite" "$box" "$mirror" \
    >"$cache/$suite.log" 2>&1 || { tail -n 5 "$cache/$suite.log" >&2; fail "debootstrap failed, see $cache/$suite.log"; }
  # an archive that stands still is good enough for tests: its index may be past its date
  printf 'deb [check-valid-until=no] %s %s main\n' "$mirror" "$suite" >"$box/etc/apt/sources.list"
  touch "$box/.made"
}

# how this machine reaches the network: names, certificates, settings of apt and pip
share_network() {
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf; do
    [[ -f $file ]] && cp -L "$file" "$box$file"
  done
  for file in ${PIP_FIND_LINKS:-}; do  # folders of wheels, for those who are offline
    if [[ -d $file ]]; then mkdir -p "$box$file" && mount --bind "$file" "$box$file"; fi
  done
  apt-config dump Acquire | { grep -iE 'proxy|check-|retries|timeout|cainfo' || true; } >"$box/etc/apt/apt.conf.d/90machine"
}

# the work tree's files, without what git ignores; .venv stays from the last run
copy_project() {
  mkdir -p "$box/project"
  find "$box/project" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
  git -C "$project" -c safe.directory="$project" ls-files -z --cached --others --exclude-standard \
    | tar -C "$project" --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -C "$box/project" -xf -
}

inside() {
  local name settings=()
  for name in $(compgen -e | grep -E '^PIP_|^(SSL_CERT_FILE|REQUESTS_CA_BUNDLE)$|_proxy$|_PROXY$' || true); do
    settings+=("$name=${!name}")
  done
  chroot "$box" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive "${settings[@]}" bash -euo pipefail -c 'cd /project; "$@"' inside "$@"
}

[[ -f $box/.made ]] || make_system
share_network
copy_project
mount -t proc proc "$box/proc"
mount --rbind /dev "$box/dev"
inside git init -q .
inside git add -A
inside scripts/setup.sh dev
say "$(inside .venv/bin/python -c '
import platform, numpy, pandas
from qgis.core import Qgis
print(f"QGIS {Qgis.version()}, Python {platform.python_version()}, numpy {numpy.__version__}, pandas {pandas.__version__}")')"
[[ $# -gt 0 ]] || set -- tests/processing tests/cli tests/gui tests/packaging
start=$SECONDS
inside scripts/in_qgis.sh .venv/bin/python -m pytest -q -p no:cacheprovider "$@"
say "green, tests in $((SECONDS - start)) s"
