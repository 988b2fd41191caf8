/** Differences that come from elsewhere: from other inputs, from other files, from what ought not to be there. */

import type { BuildPair, Drift } from './builds.js';
import { defineCauses, type Claim, type Subject } from './define.js';

export const inputs = defineCauses({
  causes: {
    'dep.version': {
      title: 'another version of a package',
      text: 'The package that owns the file, or that the record is about, was installed in another version: the inputs of the builds differ. This is no lack of reproducibility.',
      signal:
        'The lists of packages of the two builds have the package in different versions, and it owns the file, names the record, or its versions are the two values.',
      remedies: [
        {
          text: 'Pin the versions: a lockfile (rpm-ostree), a snapshot archive (snapshot.debian.org), a digest of the base image.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/definition-strategies/',
        },
      ],
    },
    'hash.derived': {
      title: 'follows from another difference',
      text: 'A digest, sum, size, signature or copy of something that differs itself. It goes away with what it follows from.',
      signal:
        'On both sides the value is the digest of the same other file or member, the bytes are those of another file that changed, or the field covers bytes that differ.',
      remedies: [{ text: 'Nothing: look at what it follows from.', rule: null, source: null }],
    },
    'meta.mtime': {
      title: 'only the time of modification',
      text: 'The same bytes, with another mtime: the file was made or copied during the build.',
      signal: 'Contents are equal, mtimes differ. High: each lies in the time of its own build.',
      remedies: [
        {
          text: 'Clamp the mtimes to SOURCE_DATE_EPOCH; ostree keeps none.',
          rule: 'mtime-clamp',
          source: 'https://reproducible-builds.org/docs/archives/',
        },
      ],
    },
    'log.residue': {
      title: 'a log or cache of the build',
      text: 'A log, cache, history or lock that the build itself wrote was left in the image.',
      signal:
        'The path is a place for logs, caches or histories, and lines or bytes came and went in it.',
      remedies: [
        {
          paths: /(^|\/)var\/log\//,
          text: 'Empty or remove logs at the end of the build.',
          rule: 'log',
          source: 'bootc container lint (var-log)',
        },
        {
          paths: /__pycache__/,
          text: 'Set PYTHONDONTWRITEBYTECODE=1 for the build.',
          rule: 'pyc-unowned',
          source: 'https://docs.python.org/3/using/cmdline.html',
        },
        {
          text: 'Remove it at the end of the build, or mount a temporary file system over the place.',
          rule: null,
          source: null,
        },
      ],
    },
    unknown: {
      title: 'unknown',
      text: 'Nothing that was recorded of the builds explains the difference, or there is not enough to be sure. The offsets say where to look.',
      signal: 'No cause has a witness on both sides.',
      remedies: [
        {
          text: 'Build again on one machine under one varied circumstance at a time; keep contents (`--keep-content`) for a diff of the bytes.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/env-variations/',
        },
      ],
    },
  },
  detect,
});

function detect(subject: Subject): Claim | null {
  return driftClaim(subject) ?? residueClaim(subject);
}

function driftClaim({ change, builds }: Subject): Claim | null {
  const { before, after, kind, row, piece } = change;
  const chain = row?.chain ?? piece.chain;
  for (const name of chain) {
    const drift = driftNamed(name, builds);
    if (drift !== null) return claimOf(drift);
  }
  const mayBeVersion = kind === 'version' || kind === 'text' || kind === 'number';
  if (!mayBeVersion || typeof before !== 'string' || typeof after !== 'string') return null;
  const named = [...builds.drifted].filter(([, drift]) => isPair(drift, before, after));
  // Several packages of one source have one version: naming the first is naming them all.
  return named.length === 0 ? null : claimOf(named[0]![0]);
}

function claimOf(name: string): Claim {
  return { cause: 'dep.version', confidence: 'high', against: `packages.${name}` };
}

/** The key of a record in a package database: `bash`, `bash.x86_64`, `bash:amd64`, `bash-5.2-1.x86_64`. */
function driftNamed(key: string, { drifted }: BuildPair): string | null {
  if (drifted.size === 0) return null;
  const plain = key.replace(/[.:](?:x86_64|i686|aarch64|noarch|amd64|arm64|i386|all|any)$/, '');
  if (drifted.has(plain)) return plain;
  const release = /^(.+)-([^-]+-[^-]+)$/.exec(plain);
  if (release === null) return null;
  const [, name, version] = release as unknown as readonly [string, string, string];
  const drift = drifted.get(name);
  const versions = drift === undefined ? [] : [...drift.before, ...drift.after];
  return versions.some((each) => withoutEpoch(each) === withoutEpoch(version)) ? name : null;
}

/** Whether the values are versions of the package on their sides: whole, without epoch, or without release. */
function isPair({ before: old, after: now }: Drift, before: string, after: string): boolean {
  const forms = [
    (v: string) => v,
    withoutEpoch,
    (v: string) => withoutEpoch(v).replace(/-[^-]*$/, ''),
  ];
  return forms.some(
    (form) => old.some((each) => form(each) === before) && now.some((each) => form(each) === after),
  );
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, '');
}

const RESIDUE =
  /^(?:usr\/)?(?:var\/log|var\/cache|var\/tmp|tmp|run|root\/\.cache|root\/\.npm)\/|^(?:root|home\/[^/]+)\/\.(?:bash_history|viminfo|lesshst|wget-hsts)$|^var\/lib\/[^/]+\/history/;

/** Only for what says nothing else: came and went, or has no meaning. */
function residueClaim({ change, path }: Subject): Claim | null {
  const isLoose = change.sort === 'line' || change.sort === 'range' || change.sort === 'member';
  return isLoose && RESIDUE.test(path)
    ? { cause: 'log.residue', confidence: 'medium', against: 'class: place for logs and caches' }
    : null;
}
