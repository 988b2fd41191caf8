#!/bin/sh
# make demo: hook two builds of the same inputs and show what still differs. Without arguments the two builds are the
# fixture pair; with two directories it records those as they are and compares them.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
audit="node $here/dist/bin/repro-audit.js"
work=$here/demo
if [ -n "${1:-}" ] && [ -n "${2:-}" ]; then
  exec $audit diff "dir:$1" "dir:$2" --exit-zero
fi
rm -rf "$work"
mkdir -p "$work/a" "$work/b"
say() { printf '\n$ %s\n' "$*"; }

for build in a b; do
  tar -xzf "$here/fixtures/demo/$build.tar.gz" -C "$work/$build"
done
cd "$work"
export REPRO_AUDIT_DB=$work/repro-audit.db XDG_CACHE_HOME=$work/cache

say 'repro-audit snapshot ./a --build raw-a; repro-audit snapshot ./b --build raw-b'
$audit snapshot ./a --build raw-a --stream raw
$audit snapshot ./b --build raw-b --stream raw

say 'repro-audit diff raw-a raw-b --format text   # the same inputs, built twice'
$audit diff raw-a raw-b --format text --exit-zero

say 'SOURCE_DATE_EPOCH=1700000000 repro-audit hook ./a --build a; ... ./b --build b'
export SOURCE_DATE_EPOCH=1700000000
$audit hook ./a --build a --stream hooked
$audit hook ./b --build b --stream hooked

say 'repro-audit diff                             # what no default rule may remove'
if [ -t 0 ] && [ -t 1 ] && [ -z "${CI:-}" ]; then
  $audit diff --stream hooked --exit-zero
else
  $audit diff --stream hooked --format text --exit-zero
fi
