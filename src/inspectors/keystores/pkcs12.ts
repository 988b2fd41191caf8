/** PKCS #12 stores (RFC 7292): salts, vectors and times by their place; what is encrypted stays a digest. */

import type { Fact, FactRow } from '../../core/facts.js';
import type { Pkcs12Encryption } from '../../formats/pkcs12-algorithm.js';
import {
  isPkcs12,
  readPkcs12,
  type Pkcs12Bag,
  type Pkcs12Mac,
  type Pkcs12Safe,
} from '../../formats/pkcs12.js';
import type { DerValue } from '../../formats/der-values.js';
import type { Extent } from '../../formats/regions.js';
import { Told } from '../common/told.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext } from '../define.js';

const MAX_BYTES = 64 * 1024 * 1024;

const COLUMNS = [
  { name: 'kind', kind: 'text' },
  { name: 'algorithm', kind: 'text' },
  { name: 'salt', kind: 'random' },
  { name: 'iv', kind: 'random' },
  { name: 'iterations', kind: 'number' },
  { name: 'certificate', kind: 'opaque' },
  { name: 'created', kind: 'time' },
  { name: 'localKeyId', kind: 'opaque' },
  { name: 'length', kind: 'size' },
  { name: 'content', kind: 'secret' },
] as const;

export const pkcs12Inspector = defineInspector({
  id: 'pkcs12',
  version: 1,
  summary: 'PKCS #12 stores (RFC 7292): safes and bags with salts, vectors and times; MAC.',
  streams: false,
  claims: ({ head }) => isPkcs12(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const store = readPkcs12(bytes);
    const told = new Told();
    const rows = store.safes.flatMap((safe, i) =>
      safeRows(bytes, safe, `safe ${i}`, told, context),
    );
    context.spend(rows.length);
    const mac = store.mac === null ? [] : macFacts(store.mac, told);
    const rest = told.rest({ offset: 0, length: store.extent.length });
    const trailing = bytes.subarray(store.extent.offset + store.extent.length);
    return {
      facts: [
        { name: 'version', kind: 'number', value: store.version, offset: store.extent.offset },
        ...mac,
        // Tags, lengths, object identifiers.
        {
          name: 'structure',
          kind: 'layout',
          value: shortDigest(
            ...rest.map(({ offset, length }) => bytes.subarray(offset, offset + length)),
          ),
          offset: null,
        },
        ...(trailing.length === 0
          ? []
          : [
              {
                name: 'trailing bytes',
                kind: 'opaque',
                value: shortDigest(trailing),
                offset: store.extent.offset + store.extent.length,
              } as const,
            ]),
      ],
      tables: [{ name: 'safes', ordered: true, columns: COLUMNS, rows }],
    };
  },
});

function macFacts(mac: Pkcs12Mac, told: Told): readonly Fact[] {
  return [
    {
      name: 'mac.algorithm',
      kind: 'text',
      value: ALGORITHMS[mac.algorithm] ?? mac.algorithm,
      offset: null,
    },
    // It is over encrypted bytes that differ with every salt.
    {
      name: 'mac.digest',
      kind: 'digest',
      value: digestOf(mac.digest, told),
      offset: mac.digest.offset,
    },
    { name: 'mac.salt', kind: 'random', value: digestOf(mac.salt, told), offset: mac.salt.offset },
    { name: 'mac.iterations', kind: 'number', value: mac.iterations, offset: null },
  ];
}

function safeRows(
  bytes: Uint8Array,
  safe: Pkcs12Safe,
  key: string,
  told: Told,
  context: Pick<InspectContext, 'keyed'>,
): readonly FactRow[] {
  if (safe.kind === 'plain')
    return safe.bags.flatMap((bag, i) => bagRows(bytes, bag, `${key} bag ${i}`, told, context));
  const encryption = safe.kind === 'encrypted' ? safe.encryption : null;
  const settings = encryptionValues(encryption, told);
  const content = safe.kind === 'encrypted' ? extentOf(safe.data) : safe.extent;
  return [
    {
      key,
      values: [safe.kind, ...settings, null, null, null, ...secret(bytes, content, told, context)],
      offset: safe.extent.offset,
      part: null,
    },
  ];
}

function bagRows(
  bytes: Uint8Array,
  bag: Pkcs12Bag,
  key: string,
  told: Told,
  context: Pick<InspectContext, 'keyed'>,
): readonly FactRow[] {
  if (bag.kind === 'safe')
    return bag.bags.flatMap((each, i) => bagRows(bytes, each, `${key}.${i}`, told, context));
  const settings = encryptionValues(bag.encryption, told);
  const certificate = bag.certificate === null ? null : digestOf(bag.certificate, told);
  const created = bag.javaTimeMs === null ? null : String(bag.javaTimeMs / 1000);
  const id = bag.localKeyId === null ? null : digestOf(bag.localKeyId, told);
  return [
    {
      key,
      values: [
        bag.kind,
        ...settings,
        certificate,
        created,
        created === null ? id : null,
        ...secret(bytes, bag.value, told, context),
      ],
      offset: bag.extent.offset,
      part: null,
    },
  ];
}

/** Algorithm, salt, vector, iterations. */
function encryptionValues(
  encryption: Pkcs12Encryption | null,
  told: Told,
): readonly (string | number | null)[] {
  if (encryption === null) return [null, null, null, null];
  const { algorithm, derivation, cipher, salt, iv, iterations } = encryption;
  return [
    [algorithm, derivation, cipher]
      .flatMap((each) => (each === null ? [] : [ALGORITHMS[each] ?? each]))
      .join(' '),
    salt === null ? null : digestOf(salt, told),
    iv === null ? null : digestOf(iv, told),
    iterations,
  ];
}

/** Names of RFC 8018 and RFC 7292, and of the ciphers. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.5.13': 'PBES2',
  '1.2.840.113549.1.5.12': 'PBKDF2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
  '1.2.840.113549.1.12.1.1': 'pbeWithSHAAnd128BitRC4',
  '1.2.840.113549.1.12.1.3': 'pbeWithSHAAnd3-KeyTripleDES-CBC',
  '1.2.840.113549.1.12.1.5': 'pbeWithSHAAnd128BitRC2-CBC',
  '1.2.840.113549.1.12.1.6': 'pbeWithSHAAnd40BitRC2-CBC',
  '2.16.840.1.101.3.4.1.2': 'aes128-CBC',
  '2.16.840.1.101.3.4.1.22': 'aes192-CBC',
  '2.16.840.1.101.3.4.1.42': 'aes256-CBC',
  '1.2.840.113549.3.7': 'des-EDE3-CBC',
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

/** How much is left of the bytes, and a keyed digest of that; null when fields told all. */
function secret(
  bytes: Uint8Array,
  extent: Extent,
  told: Told,
  { keyed }: Pick<InspectContext, 'keyed'>,
): readonly [number | null, string | null] {
  const rest = told.rest(extent).filter(({ length }) => length > 0);
  for (const { offset, length } of rest) told.add(offset, length);
  if (rest.length === 0) return [null, null];
  const left = rest.map(({ offset, length }) => bytes.subarray(offset, offset + length));
  return [left.reduce((sum, { length }) => sum + length, 0), keyed(Buffer.concat(left))];
}

function digestOf(value: DerValue, told: Told): string {
  told.add(value.offset, value.bytes.length);
  return shortDigest(value.bytes);
}

function extentOf({ offset, bytes }: DerValue): Extent {
  return { offset, length: bytes.length };
}
