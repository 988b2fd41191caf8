/** The same content, put in another order, packed otherwise, with other padding, signed anew. */

import type { FactKind } from '../../core/facts.js';
import type { FoundChange } from '../facts/found-change.js';
import { orderOf } from '../facts/sequence.js';
import { defineCauses, type Claim, type Subject } from './define.js';

const ORDER = 'https://reproducible-builds.org/docs/stable-inputs/';

export const structure = defineCauses({
  causes: {
    'order.member': {
      title: 'members of an archive in another order',
      text: 'The archive has the same members, in the order in which a directory was read, threads finished or a hash table was walked.',
      signal: 'The same names on both sides in another sequence.',
      remedies: [
        {
          formats: ['tar'],
          text: 'Use `tar --sort=name` with LC_ALL=C.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/archives/',
        },
        {
          formats: ['cpio', 'initramfs'],
          text: 'Sort the list of files with LC_ALL=C; dracut does so with `--reproducible`.',
          rule: null,
          source: 'https://github.com/dracut-ng/dracut-ng/pull/1431',
        },
        {
          text: 'Sort the list of members with LC_ALL=C before the archive is made.',
          rule: null,
          source: ORDER,
        },
      ],
    },
    'order.lines': {
      title: 'lines of a text in another order',
      text: 'A list was written in the order in which a directory was read or jobs finished.',
      signal: 'Lines that both sides have stand in another sequence.',
      remedies: [
        { text: 'Sort the list with LC_ALL=C when it is written.', rule: null, source: ORDER },
      ],
    },
    'order.keys': {
      title: 'keys or elements in another order',
      text: 'A map or a set was written in the order of its hash table, which is seeded anew in every process.',
      signal: 'The same keys on both sides in another sequence.',
      remedies: [
        {
          formats: ['pyc'],
          text: 'Compile with PYTHONHASHSEED=0.',
          rule: 'normalize-pyc',
          source: 'https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED',
        },
        {
          text: 'Write maps with sorted keys; set PYTHONHASHSEED=0, PERL_HASH_SEED=0.',
          rule: null,
          source: ORDER,
        },
      ],
    },
    'order.rows': {
      title: 'rows or pages of a database in another order',
      text: 'The database holds the same rows, inserted in another order, or lies otherwise in its pages after another history.',
      signal:
        'The same rows on both sides in another sequence, or a layout that differs while all rows are equal.',
      remedies: [
        {
          formats: ['rpmdb', 'sqlite'],
          paths: /rpm/,
          text: 'Write the database anew in a canonical order (rule rpmdb); rpm-ostree sorts packages before it installs them since August 2025.',
          rule: 'rpmdb',
          source: 'https://github.com/coreos/rpm-ostree/pull/5469',
        },
        {
          text: 'Insert in a sorted order, and run VACUUM (SQLite) at the end.',
          rule: null,
          source: 'https://www.sqlite.org/lang_vacuum.html',
        },
      ],
    },
    'order.sections': {
      title: 'sections or symbols in another order',
      text: 'A linker was given its objects in the order in which a directory was read, or put threads together as they finished.',
      signal: 'The same sections or symbols on both sides in another sequence.',
      remedies: [
        { text: 'Sort the list of objects that the linker is given.', rule: null, source: ORDER },
      ],
    },
    'codec.level': {
      title: 'the same content, compressed otherwise',
      text: 'What comes out of the decompressor is the same; level, number of threads, block size or version of the compressor were others.',
      signal:
        'Equal content under unequal compressed bytes, or a header field that tells level, check or block size.',
      remedies: [
        {
          formats: ['xz', 'zstd'],
          text: 'Give the number of threads and the block size: output of xz and zstd with several threads depends on them.',
          rule: null,
          source: 'https://github.com/systemd/mkosi/pull/4091',
        },
        {
          text: 'Use one version of the compressor, one level and one thread.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/archives/',
        },
      ],
    },
    'codec.form': {
      title: 'the same values, written in another form',
      text: 'What the file says is the same; white space, quotes, the order of tables, padding or references between equal values are others, as another version or another history of the program writes them.',
      signal: 'All values are equal, and only the digest of how they are put together differs.',
      remedies: [
        {
          formats: ['pyc'],
          text: 'Write the module anew in one form: marshal marks objects by how often the compiling process referred to them.',
          rule: 'normalize-pyc',
          source: 'https://github.com/python/cpython/issues/78274',
        },
        {
          formats: ['json', 'oci-json'],
          text: 'Write with one program, sorted keys and one indentation (`jq -S .`).',
          rule: null,
          source: null,
        },
        {
          text: 'Use one version of the program that writes the file, and let it write the file in one go.',
          rule: null,
          source: null,
        },
      ],
    },
    'codec.slack': {
      title: 'bytes that carry nothing',
      text: 'Padding, free pages, deleted records or holes of structures hold what lay in memory or what was there before.',
      signal: 'All differing bytes lie where the format says that nothing is.',
      remedies: [
        {
          formats: ['sqlite', 'rpmdb'],
          text: 'Run VACUUM, or write the database anew.',
          rule: 'rpmdb',
          paths: /rpm/,
          source: 'https://www.sqlite.org/lang_vacuum.html',
        },
        { text: 'Fill buffers with zeros before they are written.', rule: null, source: null },
      ],
    },
    'sig.embedded': {
      title: 'a signature',
      text: 'The signed bytes are the same; the signature has another time, salt or key.',
      signal:
        'A field that holds a signature or certificates differs, and nothing that it covers does.',
      remedies: [
        {
          text: 'Compare without the signature, and sign in a step of its own after the comparison; use a deterministic scheme (Ed25519, RSA PKCS #1 v1.5) and a lasting key.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/embedded-signatures/',
        },
      ],
    },
  },
  detect,
});

function detect({ change, builds }: Subject): Claim | null {
  if (change.sort === 'order') return orderClaim(change, builds);
  if (change.sort === 'value' && change.kind === 'layout') return layoutClaim(change);
  const claim = change.sort === 'value' ? BY_KIND[change.kind] : undefined;
  return claim === undefined ? null : { ...claim, confidence: 'medium' };
}

/** What a difference of this kind means when it follows from no other. */
const BY_KIND: Readonly<Partial<Record<FactKind, Pick<Claim, 'cause' | 'against'>>>> = {
  stream: { cause: 'codec.level', against: 'class: equal content' },
  codec: { cause: 'codec.level', against: 'class: setting of a compressor' },
  slack: { cause: 'codec.slack', against: 'class: bytes without meaning' },
  signature: { cause: 'sig.embedded', against: 'class: signature' },
};

/** What differs where all values are equal: in databases the places of rows, in programs those of symbols, elsewhere the form. */
function layoutClaim({ piece, row, field }: FoundChange): Claim {
  if (PROGRAMS.has(piece.format))
    // Places may have changed as well as their order.
    return {
      cause: 'order.sections',
      confidence: 'low',
      against: 'class: equal symbols in other places',
    };
  if (!DATABASES.has(piece.format))
    return {
      cause: 'codec.form',
      confidence: 'medium',
      against: 'class: equal values in another form',
    };
  // Cells of an index may be others, as nothing else tells what it holds.
  const isIndex =
    field === 'cells' &&
    (piece.format === 'rpmdb' || row?.chain.at(-1)?.startsWith('index ') === true);
  return {
    cause: 'order.rows',
    confidence: isIndex ? 'low' : 'medium',
    against: 'class: equal rows in other places',
  };
}

const DATABASES: ReadonlySet<string> = new Set(['sqlite', 'rpmdb', 'rpmdb-ndb', 'rpmdb-bdb']);
const PROGRAMS: ReadonlySet<string> = new Set(['elf', 'pe']);

function orderClaim({ sequences, row, piece }: FoundChange, builds: Subject['builds']): Claim {
  if (sequences === null)
    return { cause: 'order.lines', confidence: 'medium', against: 'class: equal lines' };
  const orders = [orderOf(sequences.before), orderOf(sequences.after)].toSorted().join(' ');
  if (orders === 'collated sorted') {
    const locales =
      builds.before.description.facts.locale !== builds.after.description.facts.locale;
    return locales
      ? { cause: 'loc.collate', confidence: 'high', against: 'facts.locale' }
      : {
          cause: 'loc.collate',
          confidence: 'medium',
          against: 'class: sorted by bytes and by a locale',
        };
  }
  const against = 'class: equal names in another sequence';
  const cause = PROGRAMS.has(piece.format)
    ? 'order.sections'
    : row?.table === '' && row.hasPart
      ? 'order.member'
      : KEYED.has(piece.format)
        ? 'order.keys'
        : 'order.rows';
  return { cause, confidence: 'medium', against };
}

/** Formats whose rows are keys of maps and elements of sets. */
const KEYED: ReadonlySet<string> = new Set([
  'json',
  'toml',
  'ini',
  'yaml',
  'pyc',
  'dconf',
  'gvdb',
  'plist',
]);
