/** Public keys of OpenSSH (sshd(8), AUTHORIZED_KEYS FILE FORMAT; RFC 4253 6.6): type, key and comment of each line. */

import type { FactRow } from '../../core/facts.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

const KEY_LINE = /^(?:ssh|ecdsa-sha2|sk-ssh|sk-ecdsa)-[\w@.-]+ [A-Za-z0-9+/]{40,}={0,3}/;
const MAX_BYTES = 1024 * 1024;

export const sshPublicKeyInspector = defineInspector({
  id: 'ssh-public-key',
  version: 1,
  summary: 'OpenSSH public keys: type, key and comment of each.',
  streams: false,
  claims: ({ head }) => KEY_LINE.test(Buffer.from(head).toString('latin1')),
  inspect: async (piece, { spend }) => {
    const text = Buffer.from(await piece.whole(MAX_BYTES)).toString('latin1');
    const rows: FactRow[] = [];
    let offset = 0;
    // Lines keep their ends: whatever else a line has is told by the digest of what the fields leave.
    for (const line of text.split(/(?<=\n)/)) {
      spend(1);
      rows.push(rowOf(line, offset));
      offset += line.length;
    }
    return {
      facts: [],
      tables: [
        {
          name: '',
          ordered: true,
          columns: [
            { name: 'type', kind: 'text' },
            { name: 'key', kind: 'random' },
            { name: 'user', kind: 'user' },
            { name: 'host', kind: 'host' },
            { name: 'rest', kind: 'opaque' },
          ],
          rows,
        },
      ],
    };
  },
});

/** A comment is `user@host` where ssh-keygen(1) wrote it. */
function rowOf(line: string, offset: number): FactRow {
  const match = /^(\S+) ([A-Za-z0-9+/=]{40,})(?: ([\w.-]+)@([\w.-]+))?/.exec(line);
  if (match === null)
    return { key: 'line', values: [null, null, null, null, shortDigest(line)], offset, part: null };
  const [whole, type, key, user = null, host = null] = match;
  const rest = line.slice(whole.length);
  return {
    key: type!,
    values: [type!, shortDigest(key!), user, host, rest === '\n' ? null : shortDigest(rest)],
    offset,
    part: null,
  };
}
