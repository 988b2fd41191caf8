/** A report whose contents are explained, as real builds give it: chains of members, secrets, consequences, drift. */

import type { Change, Finding, Report } from '../../src/core/report.js';
import type { ExplainedChange, Explanation } from '../../src/core/explanation.js';
import { comparePaths, treePathFromText } from '../../src/core/path.js';
import { changed } from './sample-changes.js';
import { report } from './sample-report.js';
import { digest } from './sample-sides.js';

/** A member's name that drives terminals where it can. */
export const EVIL_MEMBER = 'etc/\u001b[2J\n\u009b31m\u00ffx';
export const MANY = 4000;

export function explainedChange(values: Partial<ExplainedChange>): ExplainedChange {
  return {
    chain: [],
    format: 'gzip',
    field: 'MTIME',
    kind: 'time',
    before: '1767322445 (2026-01-02T02:54:05Z)',
    after: '1767408845 (2026-01-03T02:54:05Z)',
    offset: { before: 4, after: 4 },
    cause: 'time.field',
    confidence: 'high',
    witness: {
      before: '1767322445 (2026-01-02T02:54:05Z)',
      after: '1767408845 (2026-01-03T02:54:05Z)',
      against: 'facts.startedAt..endedAt',
    },
    follows: null,
    ...values,
  };
}

export function explanation(changes: readonly ExplainedChange[]): Explanation {
  return {
    status: changes.every(({ confidence }) => confidence === 'high' || confidence === 'medium')
      ? 'explained'
      : changes.some(({ confidence }) => confidence !== null)
        ? 'partly'
        : 'unknown',
    reason: null,
    sameExcept: null,
    problems: [],
    changes,
    counts: changes.map(({ cause, confidence, field, format, follows }) => ({
      cause,
      confidence,
      field,
      format,
      consequence: follows !== null,
      count: 1,
    })),
  };
}

const crc = explainedChange({
  field: 'CRC32',
  kind: 'checksum',
  before: 'aa',
  after: 'bb',
  cause: 'hash.derived',
  confidence: 'high',
  follows: 'MTIME',
});
const secret = explainedChange({
  format: 'secret',
  field: 'content',
  kind: 'secret',
  before: '(secret, 33 bytes)',
  after: '(secret, 33 bytes)',
  offset: { before: 0, after: 0 },
  cause: 'rand.key',
  confidence: 'medium',
  witness: { before: '(secret, 33 bytes)', after: '(secret, 33 bytes)', against: 'class: secret' },
});
const memberSecret = { ...secret, chain: [EVIL_MEMBER], confidence: 'low' } as const;

function file(
  path: string,
  finding: string,
  why: Explanation | null,
  owner: Change['owner'] = null,
): Change {
  const [old, now] = [digest(`${path} 1`), digest(`${path} 2`)];
  const change = changed(
    treePathFromText(path),
    finding,
    { size: 33, sha256: old },
    { size: 33, sha256: now },
  );
  return { ...change, explanation: why, owner };
}

const bash = { kind: 'package', manager: 'deb', name: 'bash', version: '5.2' } as const;

export function explainedReport(): Report {
  const members = Array.from({ length: MANY }, (_, i) =>
    explainedChange({ chain: ['main', `usr/lib/m${i}`], format: 'cpio', field: 'c_mtime' }),
  );
  const changes = [
    file(
      'boot/initrd.img',
      'cause:time.field',
      explanation([...members, crc, explainedChange({ chain: [EVIL_MEMBER] })]),
      { kind: 'tool', name: 'dracut' },
    ),
    file('usr/share/x.gz', 'cause:time.field', explanation([explainedChange({}), crc])),
    file('etc/machine-id', 'content:machine-id', explanation([secret])),
    file('var/keys.tar', 'content:/var', explanation([memberSecret])),
    file(
      'usr/bin/bash',
      'drift:deb:bash',
      explanation([explainedChange({ cause: 'dep.version' })]),
      bash,
    ),
    file(
      'var/lib/x.md5sums',
      'cause:hash.derived',
      explanation([{ ...crc, follows: '/usr/bin/bash' }]),
    ),
    file('var/large', 'content:/var', {
      status: 'not-inspected',
      reason: 'the after build has no facts of it',
      sameExcept: null,
      problems: [],
      changes: [],
      counts: [],
    }),
    file(
      'var/odd',
      'content:/var',
      explanation([explainedChange({ cause: 'unknown', confidence: null, witness: null })]),
    ),
  ].toSorted((a, b) => comparePaths(a.path, b.path));
  return report(changes, FINDINGS);
}

const remedy = {
  text: 'Set SOURCE_DATE_EPOCH to the time of the sources, and compress with gzip -n, which writes neither name nor time.',
  rule: 'normalize-gzip',
  source: 'gzip(1)',
} as const;

function finding(values: Partial<Finding> & Pick<Finding, 'id' | 'title' | 'basis'>): Finding {
  return {
    kind: 'content',
    attributes: ['content'],
    nature: 'nondeterminism',
    causes: [],
    remedies: [],
    owners: [],
    count: 0,
    sizeBytes: 0,
    ...values,
  };
}

const FINDINGS: readonly Finding[] = [
  finding({
    id: 'cause:time.field',
    title: 'a time in a field that holds times',
    basis: { kind: 'cause', cause: 'time.field' },
    causes: [{ cause: 'time.field', confidence: 'high', count: 2 }],
    remedies: [remedy],
    owners: [{ owner: { kind: 'tool', name: 'dracut' }, count: 1 }],
  }),
  finding({
    id: 'content:machine-id',
    title: '/etc/machine-id: random identity of the machine',
    basis: {
      kind: 'catalogue',
      row: 'machine-id',
      what: 'random identity of the machine',
      remedy: 'ship it empty',
      rule: 'machine-id',
    },
    causes: [{ cause: 'rand.key', confidence: 'medium', count: 1 }],
    remedies: [{ text: 'ship it empty', rule: 'machine-id', source: null }],
  }),
  finding({
    id: 'content:/var',
    title: '3 paths below /var',
    basis: { kind: 'directory', directory: treePathFromText('var') },
    nature: 'unknown',
    causes: [
      { cause: 'rand.key', confidence: 'low', count: 1 },
      { cause: 'unknown', confidence: null, count: 1 },
    ],
  }),
  finding({
    id: 'drift:deb:bash',
    title: 'bash 5.1 -> 5.2',
    basis: { kind: 'package', manager: 'deb', name: 'bash', before: '5.1', after: '5.2' },
    nature: 'input-drift',
    causes: [{ cause: 'dep.version', confidence: 'high', count: 1 }],
    owners: [{ owner: bash, count: 1 }],
  }),
  finding({
    id: 'cause:hash.derived',
    title: '/var/lib/x.md5sums: follows from another difference',
    basis: { kind: 'cause', cause: 'hash.derived' },
    nature: 'consequence',
    causes: [{ cause: 'hash.derived', confidence: 'high', count: 1 }],
  }),
];
