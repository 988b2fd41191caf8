#!/bin/sh
# build.sh: a live-build in its stages, with the root in chroot/ between the second and the third.
# REPRO_AUDIT_BUILD names the build, REPRO_AUDIT_DB the store (./repro-audit.db).
set -eu
: "${REPRO_AUDIT_BUILD:?names this build}"
lb bootstrap
lb chroot
repro-audit hook chroot
exec lb binary
