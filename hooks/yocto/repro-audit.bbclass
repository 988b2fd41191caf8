# inherit repro-audit     (in an image recipe)
#
# Scrubs the root with the shell script, whose tools pseudo sees, then records it. Needs, in conf/local.conf,
#   HOSTTOOLS += "node repro-audit"
#   REPRO_AUDIT_HOOKS = "/path/to/repro-audit/hooks"

REPRO_AUDIT_HOOKS ??= ""
REPRO_AUDIT_DB ??= "${DEPLOY_DIR}/repro-audit.db"
REPRO_AUDIT_BUILD ??= "${IMAGE_NAME}"

repro_audit () {
    sh ${REPRO_AUDIT_HOOKS}/rpm-ostree/postprocess/repro-audit-postprocess.sh ${IMAGE_ROOTFS}
    repro-audit snapshot ${IMAGE_ROOTFS} --db ${REPRO_AUDIT_DB} --build ${REPRO_AUDIT_BUILD}
}

IMAGE_PREPROCESS_COMMAND:append = " repro_audit;"
