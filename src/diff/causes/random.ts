/** What is drawn by chance or given out by a running system. */

import type { FactKind } from '../../core/facts.js';
import { differByChance } from '../facts/names.js';
import { defineCauses, type Claim, type Subject } from './define.js';

const RANDOM = 'https://reproducible-builds.org/docs/randomness/';

export const random = defineCauses({
  causes: {
    'rand.uuid': {
      title: 'a UUID',
      text: 'A universally unique identifier was made: of a file system, a partition, a machine, a document.',
      signal: 'Both values are UUIDs (RFC 9562) and differ.',
      remedies: [
        {
          formats: ['gpt'],
          text: 'Give the identifiers of disk and partitions: `sgdisk -U`, `sgdisk -u`, `label-id:` and `uuid=` of sfdisk, `systemd-repart --seed=`; and the UUID of each file system.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/system-images/',
        },
        {
          formats: ['ext4'],
          text: 'Give the UUID and the seed of directory hashes: `mke2fs -U UUID -E hash_seed=UUID`; derive them from the inputs, as `systemd-repart --seed=` does.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/system-images/',
        },
        {
          formats: ['squashfs', 'erofs'],
          text: 'Give the UUID (`mkfs.erofs -U`); derive it from the inputs, as `systemd-repart --seed=` does.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/system-images/',
        },
        {
          paths: /machine-id$/,
          text: 'Ship an empty /etc/machine-id: it is written on first boot.',
          rule: 'machine-id',
          source: 'machine-id(5)',
        },
        {
          text: 'Derive the identifier from the inputs (UUID version 5), or make it on first use.',
          rule: null,
          source: RANDOM,
        },
      ],
    },
    'rand.hex': {
      title: 'an identifier or salt drawn by chance',
      text: 'A salt, a serial number or an identifier was drawn.',
      signal:
        'A field that holds such a value, or hex digits of one length without a common start. Low: what is encrypted under a salt or vector that differs, as nobody can see without the password whether it is equal.',
      remedies: [
        {
          formats: ['vfat'],
          text: 'Give the volume number: `mkfs.vfat -i NUMBER`; or `mkfs.vfat --invariant`, which gives all images the same.',
          rule: null,
          source: 'mkfs.fat(8)',
        },
        {
          formats: ['pkcs12', 'jks'],
          text: 'Make the key store anew with SOURCE_DATE_EPOCH, or ship the one of the package.',
          rule: 'java-keystore',
          source: 'https://github.com/p11-glue/p11-kit/pull/202',
        },
        {
          text: 'Derive the value from the inputs, or make it on first use.',
          rule: null,
          source: RANDOM,
        },
      ],
    },
    'rand.key': {
      title: 'a secret that was generated',
      text: 'A key, a seed or a salted password was made during the build. An image must not have it: all who use it share it.',
      signal: 'A secret of the same length on both sides, compared by keyed digest alone.',
      remedies: [
        {
          paths: /ssh_host_/,
          text: 'Remove the keys: they are made on first boot.',
          rule: 'ssh-host-keys',
          source: null,
        },
        {
          paths: /machine-id$/,
          text: 'Ship an empty /etc/machine-id.',
          rule: 'machine-id',
          source: 'machine-id(5)',
        },
        {
          paths: /random-seed$/,
          text: 'Remove the seed.',
          rule: 'random-seed',
          source: 'https://systemd.io/RANDOM_SEEDS/',
        },
        {
          paths: /shadow-?$/,
          text: 'Set the date of the last change by SOURCE_DATE_EPOCH, and give the salt with the password.',
          rule: 'shadow-lastchange',
          source: 'shadow(5)',
        },
        {
          text: 'Do not generate keys in the build: make them on first boot.',
          rule: null,
          source: RANDOM,
        },
      ],
    },
    'rand.tempname': {
      title: 'the name of a temporary file',
      text: 'A name that mktemp or a compiler made up got into the result.',
      signal: 'Names on both sides that are equal but for a part as mktemp(3) draws it.',
      remedies: [
        {
          paths: /initr(d|amfs)/,
          text: 'Give dracut a fixed `--tmpdir` and include nothing from a temporary directory: build-parameter.txt keeps its command line (fixed in dracut-ng 2026-04).',
          rule: null,
          source: 'https://github.com/dracut-ng/dracut-ng/issues/2322',
        },
        { text: 'Use a fixed name below the build directory.', rule: null, source: RANDOM },
      ],
    },
    'rand.addr': {
      title: 'an address in memory',
      text: 'A program wrote where something lay in its memory, which the kernel draws for every process.',
      signal: 'Both values look like addresses of this architecture and differ.',
      remedies: [
        {
          text: 'Print no addresses; as a stopgap run the tool under `setarch -R`.',
          rule: null,
          source: RANDOM,
        },
      ],
    },
    'rand.pid': {
      title: 'the number of a process',
      text: 'The number of the process that wrote the file is in it.',
      signal: 'A field that is named after a process has a small number on both sides.',
      remedies: [
        {
          text: 'Leave the file out of the image: it speaks of a running system.',
          rule: null,
          source: null,
        },
      ],
    },
  },
  detect,
});

function detect(subject: Subject): Claim | null {
  const { change } = subject;
  const { before, after, kind, sort } = change;
  if (sort === 'name') return typeof before === 'string' ? nameClaim(before, String(after)) : null;
  if (sort !== 'value' || before === null || after === null) return null;
  const [a, b] = [String(before), String(after)];
  if (isUuid(a) && isUuid(b))
    return { cause: 'rand.uuid', confidence: 'medium', against: 'class: UUID' };
  return BY_KIND[kind]?.(a, b, subject) ?? null;
}

type KindDetector = (before: string, after: string, subject: Subject) => Claim | null;

const BY_KIND: Readonly<Partial<Record<FactKind, KindDetector>>> = {
  random: (a, b) => ({
    cause: 'rand.hex',
    confidence: a.length === b.length ? 'medium' : 'low',
    against: 'class: drawn by chance',
  }),
  // Under another salt equal contents are other bytes; whether they are equal nobody can see without the password.
  secret: (_a, _b, { path, isSalted }) =>
    isSalted === true
      ? { cause: 'rand.hex', confidence: 'low', against: 'class: encrypted under another salt' }
      : {
          cause: 'rand.key',
          confidence: isGenerated(path) ? 'medium' : 'low',
          against: 'class: secret',
        },
  address: (a, b) => ({
    cause: 'rand.addr',
    confidence: isAddress(a) && isAddress(b) ? 'medium' : 'low',
    against: 'class: address',
  }),
  number: (a, b, { change }) =>
    /(^|[^a-z])pid([^a-z]|$)/i.test(change.field) && isPid(a) && isPid(b)
      ? { cause: 'rand.pid', confidence: 'medium', against: 'class: process number' }
      : null,
  // Other values of this kind are digests of bytes, which look drawn by chance whatever the bytes are.
  opaque: (a, b) => longWordClaim(a, b),
  path: (a, b) => nameClaim(a, b),
  text: (a, b) => nameClaim(a, b) ?? hexClaim(a, b) ?? longWordClaim(a, b),
};

const GENERATED =
  /(?:^|\/)(?:machine-id|random-seed|credential\.secret|secret_key|ssh_host_[^/]*_key|id_(?:rsa|ecdsa|ed25519|dsa)|[^/]*\.key)$|\/private\//;

/** Files that hold nothing but what was generated. */
function isGenerated(path: string): boolean {
  return GENERATED.test(path);
}

function nameClaim(before: string, after: string): Claim | null {
  return differByChance(before, after)
    ? { cause: 'rand.tempname', confidence: 'medium', against: 'class: name of mktemp(3)' }
    : null;
}

/** As the facts of texts keep long hex digits. Those of the length of a digest may be one. */
function longWordClaim(before: string, after: string): Claim | null {
  const [a, b] = [/^hex(\d+):/.exec(before), /^hex(\d+):/.exec(after)];
  return a !== null && b !== null && a[1] === b[1] && !DIGEST_LENGTHS.has(Number(a[1]))
    ? { cause: 'rand.hex', confidence: 'low', against: 'class: hex digits' }
    : null;
}

/** Digits by chance share no more than a start of two or so; counters and versions share more. */
function hexClaim(before: string, after: string): Claim | null {
  const isHex = (text: string): boolean => /^(?=.*[0-9])(?=.*[a-f])[0-9a-f]{12,}$/i.test(text);
  if (!isHex(before) || !isHex(after) || before.length !== after.length) return null;
  let shared = 0;
  while (before[shared] === after[shared]) shared++;
  return shared <= 2
    ? { cause: 'rand.hex', confidence: 'low', against: 'class: hex digits' }
    : null;
}

const DIGEST_LENGTHS: ReadonlySet<number> = new Set([32, 40, 56, 64, 96, 128]);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** As it is, or as the facts of texts keep it: `uuid4:` and a digest. */
function isUuid(text: string): boolean {
  return UUID.test(text) || /^uuid[1-8]:/.test(text);
}

/** Where stacks, libraries and heaps of 64-bit programs lie, and the kernel. */
function isAddress(text: string): boolean {
  return /^0x(?:7f[0-9a-f]{10}|5[56][0-9a-f]{10}|ffff[89a-f][0-9a-f]{11})$/i.test(text);
}

function isPid(text: string): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) <= 4_194_304;
}
