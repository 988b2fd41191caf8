#!/bin/sh
# build.sh DESCRIPTION ROOT TARGET: a kiwi build in two steps, with the root on the host in between.
# REPRO_AUDIT_BUILD names the build, REPRO_AUDIT_DB the store (./repro-audit.db).
set -eu
: "${REPRO_AUDIT_BUILD:?names this build}"
kiwi-ng system prepare --description "$1" --root "$2"
repro-audit hook "$2"
exec kiwi-ng system create --root "$2" --target-dir "$3"
