/** Java key stores of CA certificates: every entry bears the time at which it was put in. */

import type { TreePath } from '../../core/path.js';
import { isJks, jksDigest, readJks } from '../../formats/jks.js';
import { defineRule, type PlanContext } from '../define.js';

export const javaKeystore = defineRule({
  id: 'java-keystore',
  version: 1,
  summary: 'Sets the times of CA certificates in Java key stores to SOURCE_DATE_EPOCH.',
  rationale:
    'Java shows the time in listings and uses it for nothing. The digest of the store is checked first and made anew; stores with another password than the one everybody knows, with private keys, or of a package stay. PKCS #12 stores stay too: salts and keys are random in them, so they have to be made anew with SOURCE_DATE_EPOCH set.',
  source: 'p11-kit 418; rpm-ostree 4305; debuerreotype 72',
  defaultOn: true,
  timeValued: true,
  wants: [
    'etc/pki/ca-trust/extracted/java/cacerts',
    'etc/ssl/certs/java/cacerts',
    'etc/default/cacerts',
    'usr/share/pki/trust/java-cacerts',
    'var/lib/ca-certificates/java-cacerts',
  ],
  *plan({ path, type }, context) {
    const { sourceDateEpoch, ownership, files } = context;
    if (type !== 'file' || sourceDateEpoch === null || ownership.isOwned(path)) return;
    const bytes = files.read(path);
    if (bytes === null || !isJks(bytes)) return;
    const content = withTimes(bytes, path, context, BigInt(sourceDateEpoch) * 1000n);
    if (content === null) return;
    yield {
      kind: 'rewrite',
      rule: 'java-keystore',
      path,
      reason: 'time at which each certificate was put in',
      content,
    };
  },
});

/** Null when there is nothing to do, or nothing that may be done. */
function withTimes(
  bytes: Uint8Array,
  path: TreePath,
  context: PlanContext,
  createdMs: bigint,
): Uint8Array | null {
  const { entries, digestAt } = readJks(bytes);
  if (entries.every((entry) => entry.createdMs === createdMs)) return null;
  const leave = (why: string): null => {
    context.report({ code: 'not-rewritable', path, detail: `${why}, so java-keystore left it` });
    return null;
  };
  if (entries.some(({ kind }) => kind === 'private-key')) return leave('it holds private keys');
  const digest = jksDigest(bytes.subarray(0, digestAt), PASSWORD);
  if (Buffer.compare(digest, bytes.subarray(digestAt)) !== 0)
    return leave('its digest is not that of the usual password');
  const content = new Uint8Array(bytes);
  const view = new DataView(content.buffer);
  for (const { createdAt } of entries) view.setBigUint64(createdAt, createdMs);
  content.set(jksDigest(content.subarray(0, digestAt), PASSWORD), digestAt);
  return content;
}

/** The password of every store of CA certificates, as the JDK's documentation says. */
const PASSWORD = 'changeit';
