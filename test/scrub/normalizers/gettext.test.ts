import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readMo } from '../../../src/formats/gettext-mo.js';
import { clampDates } from '../../../src/scrub/normalizers/gettext-dates.js';
import { gettext } from '../../../src/scrub/normalizers/gettext.js';
import { buildMo, type MoFields } from '../../formats/build-mo.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { proveNormalizer, type Sample } from './harness.js';

const EPOCH = 1_600_000_000;
const LATE = '2024-05-06 07:08+0200';
const EARLY = '2010-05-06 07:08-0330';
const AT_EPOCH = '2020-09-13 12:26+0000';

const header = (pot: string, revision: string): readonly [string, string] => [
  '',
  `Project-Id-Version: p 1\nPOT-Creation-Date: ${pot}\nPO-Revision-Date: ${revision}\nContent-Type: text/plain; charset=UTF-8\n`,
];
const MESSAGES: readonly (readonly [string, string])[] = [
  ['a', 'POT-Creation-Date: 2024-05-06 07:08+0200\n'],
  ['one\0many', 'eins\0viele'],
];
const catalogue = (pot: string, revision: string, fields?: MoFields): Uint8Array =>
  buildMo([header(pot, revision), ...MESSAGES], fields);

const sample = (title: string, bytes: Uint8Array): Sample => ({
  title,
  name: 'de.mo',
  bytes,
  sourceDateEpoch: EPOCH,
});

/** Moves the text of the second message onto that of the header. */
function withSharedHeader(): Uint8Array {
  const bytes = Buffer.from(catalogue(LATE, EARLY));
  const texts = bytes.readUInt32LE(16);
  bytes.copyWithin(texts + 8, texts, texts + 8);
  return new Uint8Array(bytes);
}

proveNormalizer({
  normalizer: gettext,
  samples: [
    sample('a late template', catalogue(LATE, EARLY)),
    sample('both dates late', catalogue(LATE, LATE)),
    sample('the other byte order', catalogue(LATE, LATE, { bigEndian: true })),
    sample('a hash table', catalogue(LATE, EARLY, { hashSize: 5 })),
    sample('minor revision 1', catalogue(LATE, EARLY, { minor: 1 })),
  ],
  normal: [
    sample('early dates', catalogue(EARLY, AT_EPOCH)),
    sample('no dates', catalogue('YEAR-MO-DA HO:MI+ZONE', '')),
    sample('no header', buildMo(MESSAGES)),
    sample('nothing at all', buildMo([])),
    { ...sample('no epoch', catalogue(LATE, LATE)), sourceDateEpoch: null },
  ],
  left: [
    sample('cut off', catalogue(LATE, LATE).subarray(0, -1)),
    sample('an unknown revision', Buffer.from(catalogue(LATE, LATE)).fill(2, 6, 7)),
    sample('two headers', buildMo([header(LATE, LATE), header(LATE, LATE)])),
    sample('a header that is another message too', withSharedHeader()),
  ],
  pairs: [
    {
      title: 'POT-Creation-Date',
      name: 'de.mo',
      before: catalogue(LATE, EARLY),
      after: catalogue('2025-01-01 00:00-0500', EARLY),
      sourceDateEpoch: EPOCH,
    },
  ],
  content: (bytes) => {
    try {
      const string = ({ offset, length }: { offset: number; length: number }): string =>
        Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
      return readMo(bytes).messages.map(({ id, text }) => [
        string(id),
        id.length > 0 ? string(text) : string(text).replace(/-Date: [-\d: +]*/g, ''),
      ]);
    } catch {
      return null;
    }
  },
  outside: [
    {
      command: ['msgunfmt', '-o', '/dev/null'],
      // It looks every message up in the hash table, and ours is an empty one.
      reads: ({ title }) => title !== 'a hash table',
    },
  ],
});

test('dates keep their form and are compared as moments', () => {
  const clamp = (date: string): string =>
    clampDates(`POT-Creation-Date: ${date}\n`, '\n', EPOCH).text.slice(
      'POT-Creation-Date: '.length,
      -1,
    );
  const cases: readonly (readonly [string, string])[] = [
    ['2020-09-13 12:26+0000', AT_EPOCH],
    ['2020-09-13 12:27+0000', AT_EPOCH],
    ['2020-09-13 14:26+0200', '2020-09-13 14:26+0200'],
    ['2020-09-13 14:27+0200', AT_EPOCH],
    ['2020-09-13 07:26-0501', AT_EPOCH],
    ['2020-09-13 12:26:41+0000', '2020-09-13 12:26:40+0000'],
    ['2024-01-01 00:00 +0100', '2020-09-13 12:26 +0000'],
    ['2024-01-01 00:00', '2020-09-13 12:26'],
    ['2024-02-30 00:00+0000', '2024-02-30 00:00+0000'],
    ['2024-01-01', '2024-01-01'],
    ['2024-01-01 00:00+0000 ', '2024-01-01 00:00+0000 '],
  ];
  for (const [before, after] of cases) assert.equal(clamp(before), after);
  for (const other of ['X-POT-Creation-Date', 'Date', 'pot-creation-date'])
    assert.equal(clampDates(`${other}: ${LATE}\n`, '\n', EPOCH).fields.length, 0);
});

test(
  'what msgfmt makes of a clamped text is what becomes of the compiled catalogue',
  { skip: needs('msgfmt', 'msgunfmt') },
  (t) => {
    const folder = tempFolder(t);
    const file = (name: string): string => join(folder, name);
    // msgfmt leaves POT-Creation-Date out, at least since 0.21.
    const source = (revision: string): string =>
      [
        'msgid ""',
        'msgstr ""',
        `"PO-Revision-Date: ${revision}\\n"`,
        '"Content-Type: text/plain; charset=UTF-8\\n"',
        '',
        '#, c-format',
        'msgid "x %<PRIu64>"',
        'msgstr "y %<PRIu64>"',
        '',
      ].join('\n');
    for (const endian of ['little', 'big']) {
      const [late, clamped] = [LATE, AT_EPOCH].map((revision) => {
        writeFileSync(file('x.po'), source(revision));
        execFileSync('msgfmt', [`--endianness=${endian}`, '-o', file('x.mo'), file('x.po')]);
        return new Uint8Array(readFileSync(file('x.mo')));
      });
      const result = gettext.normalize({ bytes: late!, name: 'x.mo', sourceDateEpoch: EPOCH });
      assert.equal(result.kind, 'changed');
      assert.deepEqual(result.kind === 'changed' && result.bytes, clamped);
    }
  },
);
