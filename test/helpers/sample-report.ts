/** A report as two real builds might give it: every kind of change, odd names, gaps, edits. All values are fixed. */

import { comparePaths, treePathFromText, type TreePath } from '../../src/core/path.js';
import type { Change, Finding, Report } from '../../src/core/report.js';
import { added, changed, removed } from './sample-changes.js';
import { afterSide, beforeSide, DAY, digest, T0 } from './sample-sides.js';

/** Names that try something: escapes, control characters, right-to-left, wide, accented, broken UTF-8, very long. */
export const ODD_NAMES = {
  escape: 'srv/\u001b[2J\u001b[31mred\u001b[0m',
  title: 'srv/\u001b]0;owned\u0007.txt',
  newline: 'srv/two\nlines',
  rightToLeft: 'srv/\u202egpj.exe',
  wide: 'srv/\u65e5\u672c\u8a9e\u306e\u30d5\u30a1\u30a4\u30eb-\u5831\u544a\u66f8.txt',
  accented: 'srv/e\u0301te\u0301-\u00fc\u00df.txt',
  flags: 'srv/\u{1f1e9}\u{1f1ea}-\u{1f44d}\u{1f3fd}.png',
  long: `srv/${'a-long-directory-name/'.repeat(9)}and-a-file-name-that-is-rather-long-as-well.conf`,
} as const;
export const BROKEN_UTF8 = 'srv/latin1-\xe9\xff.txt' as TreePath;

const UNKNOWN = { nature: 'unknown', causes: [], remedies: [], owners: [] } as const;

export function sampleReport(): Report {
  const changes = sampleChanges().toSorted((a, b) => comparePaths(a.path, b.path));
  return report(changes, FINDINGS);
}

/** As many changes as asked for, in three findings: content, metadata, added; sizes and directories vary. */
export function largeReport(count: number): Report {
  const changes = Array.from({ length: count }, (_, i): Change => {
    const path =
      `usr/share/package-${String(Math.floor(i / 250)).padStart(5, '0')}/doc-${String(i % 250).padStart(3, '0')}/file.txt` as TreePath;
    const size = (i * 7919) % 1_000_003;
    if (i % 3 === 0)
      return changed(
        path,
        'content:big',
        { size, sha256: digest('a') },
        { size, sha256: digest('b') },
      );
    if (i % 3 === 1) return changed(path, 'metadata:mtime', { size }, { size, mtimeNs: T0 + DAY });
    return added(path, 'added:big', { size });
  });
  const finding = (id: string, kind: Finding['kind'], title: string): Finding => ({
    id,
    title,
    kind,
    basis: { kind: 'attributes' },
    attributes: [],
    ...UNKNOWN,
    count: 0,
    sizeBytes: 0,
  });
  return report(changes, [
    finding('content:big', 'content', 'content of many files'),
    finding('added:big', 'added', 'many new files'),
    finding('metadata:mtime', 'metadata', 'mtime of many files'),
  ]);
}

/** A report over these changes; counts of the findings are set from them. */
export function report(changes: readonly Change[], findings: readonly Finding[]): Report {
  const count = (kind: Change['kind']): number =>
    changes.filter((change) => change.kind === kind).length;
  return {
    before: beforeSide(),
    after: afterSide(),
    verdict: changes.length === 0 ? 'same' : 'different',
    artifact: { name: 'rootfs', role: 'rootfs' },
    artifacts: [],
    container: null,
    complete: false,
    contentBy: 'sha256',
    summary: {
      added: count('added'),
      removed: count('removed'),
      changed: count('changed'),
      unchanged: 12_968,
    },
    circumstances: [
      {
        group: 'facts',
        name: 'startedAt',
        before: '2026-01-02T02:54:05.120Z',
        after: '2026-01-03T02:54:05.009Z',
      },
      { group: 'facts', name: 'hostName', before: 'builder-3', after: 'builder-7' },
      { group: 'facts', name: 'kernel', before: '6.1.0-28-amd64', after: '6.1.0-30-amd64' },
      { group: 'facts', name: 'cpuCount', before: '8', after: '16' },
      { group: 'environment', name: 'LANG', before: 'C.UTF-8', after: null },
      { group: 'meta', name: 'ostree-content-checksum', before: 'a1b2c3', after: 'd4e5f6' },
      {
        group: 'packages',
        name: 'deb:tzdata.all',
        before: '2025b-0+deb12u1',
        after: '2025b-0+deb12u2',
      },
    ],
    remarks: [
      {
        kind: 'equal-input',
        input: 'rpm-ostree-inputhash',
        value: '9c1d',
        output: 'ostree-content-checksum',
        before: 'a1b2c3',
        after: 'd4e5f6',
      },
    ],
    findings: findings.map((finding) => ({
      ...finding,
      count: changes.filter((change) => change.finding === finding.id).length,
      sizeBytes: changes
        .filter((change) => change.finding === finding.id)
        .reduce((sum, { before, after }) => sum + (after ?? before!).size, 0),
    })),
    changes,
    diagnostics: [
      {
        code: 'unreadable',
        path: treePathFromText('root/.ssh'),
        detail: 'listing could not be read: EACCES',
        side: 'after',
      },
    ],
    notCompared: [
      {
        path: treePathFromText('root/.ssh'),
        pattern: null,
        side: 'after',
        what: 'listing',
        reason: 'it could not be read',
        declared: false,
      },
      {
        path: null,
        pattern: 'var/cache/**',
        side: 'both',
        what: 'everything',
        reason: 'rebuilt on first boot',
        declared: true,
      },
      {
        path: treePathFromText('proc'),
        pattern: null,
        side: 'both',
        what: 'everything',
        reason: 'another file system is mounted here',
        declared: true,
      },
    ],
  };
}

const FINDINGS: readonly Finding[] = [
  {
    id: 'content:fontconfig-cache',
    title: 'fontconfig caches hold the mtimes of font directories',
    kind: 'content',
    basis: {
      kind: 'catalogue',
      row: 'fontconfig-cache',
      what: 'caches that fc-cache writes; each holds the mtime of the directory it speaks of',
      remedy:
        'remove them from the image: they are made again on first use, or set the mtimes of the font directories first',
      rule: 'fontconfig-cache',
    },
    attributes: ['content', 'mtime'],
    ...UNKNOWN,
    count: 0,
    sizeBytes: 0,
  },
  finding('content:/etc', 'content', 'content below /etc', {
    kind: 'directory',
    directory: treePathFromText('etc'),
  }),
  finding('type:/usr/sbin', 'type', 'type of /usr/sbin/sendmail', { kind: 'attributes' }),
  finding('added:/srv', 'added', 'added below /srv', {
    kind: 'directory',
    directory: treePathFromText('srv'),
  }),
  finding('removed:/usr/share/doc', 'removed', 'removed below /usr/share/doc', {
    kind: 'directory',
    directory: treePathFromText('usr/share/doc'),
  }),
  finding('links:perl', 'links', 'hard links of /usr/bin/perl', {
    kind: 'link-set',
    before: [[treePathFromText('usr/bin/perl'), treePathFromText('usr/bin/perl5.36.0')]],
    after: [],
  }),
  finding('metadata:mode', 'metadata', 'mode and owner of 2 paths', { kind: 'attributes' }, [
    'mode',
    'uid',
    'gid',
  ]),
  finding('metadata:xattr', 'metadata', 'xattrs of 2 paths', { kind: 'attributes' }, ['xattr']),
  finding('metadata:mtime', 'metadata', 'mtime of 120 paths', { kind: 'attributes' }, ['mtime']),
];

function finding(
  id: string,
  kind: Finding['kind'],
  title: string,
  basis: Finding['basis'],
  attributes: Finding['attributes'] = [],
): Finding {
  return { id, kind, title, basis, attributes, ...UNKNOWN, count: 0, sizeBytes: 0 };
}

function sampleChanges(): readonly Change[] {
  const p = treePathFromText;
  const content = (path: string, id: string, old: number, now: number): Change =>
    changed(
      p(path),
      id,
      { size: old, sha256: digest(`old ${path}`) },
      { size: now, sha256: digest(`new ${path}`), mtimeNs: T0 + DAY + 306_000_000_000n },
    );
  return [
    content(
      'var/cache/fontconfig/3830d5c3ddfd5cd38a049b759396e72e-le64.cache-8',
      'content:fontconfig-cache',
      12_345,
      12_400,
    ),
    content(
      'var/cache/fontconfig/7ef2298fde41cc6eeb7af42e48b7d293-le64.cache-8',
      'content:fontconfig-cache',
      2_048,
      2_048,
    ),
    content('etc/ld.so.cache', 'content:/etc', 18_211, 18_259),
    content('etc/machine-id', 'content:/etc', 33, 33),
    changed(
      p('etc/alternatives/awk'),
      'content:/etc',
      { type: 'symlink', target: '/usr/bin/mawk' },
      { type: 'symlink', target: '/usr/bin/gawk' },
    ),
    changed(
      p('usr/sbin/sendmail'),
      'type:/usr/sbin',
      { size: 4_102, sha256: digest('sendmail') },
      { type: 'symlink', target: '../lib/exim4/exim4', mode: 0o777 },
    ),
    added(p('srv'), 'added:/srv', { type: 'directory' }),
    ...Object.values(ODD_NAMES).map((path, i) =>
      added(p(path), 'added:/srv', { size: 10 ** i, sha256: digest(path) }),
    ),
    added(BROKEN_UTF8, 'added:/srv', { size: 7, sha256: digest('x') }),
    added(p('srv/console'), 'added:/srv', {
      type: 'char',
      rdev: { major: 5, minor: 1 },
      mode: 0o600,
    }),
    added(p('srv/queue'), 'added:/srv', { type: 'fifo' }),
    removed(p('usr/share/doc/zlib1g/changelog.Debian.gz'), 'removed:/usr/share/doc', {
      size: 1_402,
      sha256: digest('zlib'),
    }),
    removed(p('usr/share/doc/zlib1g/copyright'), 'removed:/usr/share/doc', {
      size: 4_003,
      sha256: digest('copyright'),
    }),
    withLinks(
      changed(
        p('usr/bin/perl'),
        'links:perl',
        { size: 3_941_760, mode: 0o755, link: p('usr/bin/perl') },
        { size: 3_941_760, mode: 0o755 },
      ),
      '/usr/bin/perl5.36.0',
    ),
    changed(
      p('usr/bin/passwd'),
      'metadata:mode',
      { mode: 0o4755, size: 68_248 },
      { mode: 0o755, size: 68_248 },
    ),
    changed(
      p('var/mail'),
      'metadata:mode',
      { type: 'directory', mode: 0o2775, gid: 8 },
      { type: 'directory', mode: 0o775, gid: 0 },
    ),
    changed(
      p('usr/bin/ping'),
      'metadata:xattr',
      {
        size: 90_568,
        mode: 0o755,
        xattrs: [
          { name: 'security.capability', value: '\x01\0\0\x02\0 \0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
        ],
      },
      { size: 90_568, mode: 0o755 },
    ),
    changed(
      p('etc/shadow'),
      'metadata:xattr',
      {
        size: 501,
        mode: 0o640,
        gid: 42,
        xattrs: [{ name: 'security.selinux', value: 'system_u:object_r:etc_t:s0\0' }],
      },
      {
        size: 501,
        mode: 0o640,
        gid: 42,
        xattrs: [{ name: 'security.selinux', value: 'system_u:object_r:shadow_t:s0\0' }],
      },
    ),
    ...Array.from({ length: 120 }, (_, i) =>
      changed(
        p(
          `usr/lib/python3/dist-packages/module_${String(i % 12).padStart(2, '0')}/part_${String(i).padStart(3, '0')}.py`,
        ),
        'metadata:mtime',
        { size: 900 + i * 37, sha256: digest('same') },
        { size: 900 + i * 37, sha256: digest('same'), mtimeNs: T0 + DAY + BigInt(i) },
      ),
    ),
  ];
}

function withLinks(change: Change, others: string): Change {
  return {
    ...change,
    attributes: [{ attribute: 'links', name: null, before: others, after: null }],
  };
}
