import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FormatError } from '../../../src/core/errors.js';
import type { KeyedFacts } from '../../../src/core/facts.js';
import { bufferAccess } from '../../../src/core/random-access.js';
import { defineInspector, type Inspector } from '../../../src/inspectors/define.js';
import { inspectFile, type InspectOptions } from '../../../src/inspectors/engine/inspect.js';
import { DEFAULT_LIMITS, type InspectLimits } from '../../../src/inspectors/engine/limits.js';
import { blocksInspector } from '../../../src/inspectors/generic/blocks.js';
import { textInspector } from '../../../src/inspectors/generic/text.js';
import { secretInspector } from '../../../src/inspectors/secret.js';

/** A container for tests: `box(` then members `name=content` between `;`, and `)`. `stream` hands them on as streams. */
const box = (streams: boolean, damageAt = -1): Inspector =>
  defineInspector({
    id: 'box',
    version: 1,
    summary: 'Members in brackets.',
    streams,
    claims: ({ head }) => Buffer.from(head).toString('latin1').startsWith('box('),
    inspect: async (piece, context) => {
      const text = Buffer.from(await piece.whole(1 << 20)).toString('latin1');
      if (!text.endsWith(')')) throw new FormatError('box', text.length, 'no end');
      const rows = [];
      for (const [i, member] of splitMembers(text.slice(4, -1)).entries()) {
        context.spend(1);
        const [name, ...content] = member.split('=');
        const bytes = Buffer.from(content.join('='), 'latin1');
        const input = streams ? streamOf(bytes, i === damageAt) : bufferAccess(bytes);
        const part = await context.part(name!, input);
        rows.push({ key: name!, values: [], offset: null, part });
      }
      return { facts: [], tables: [{ name: '', ordered: true, columns: [], rows }] };
    },
  });

/** At semicolons that are in no inner bracket. */
function splitMembers(text: string): readonly string[] {
  const members: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (i === text.length || (text[i] === ';' && depth === 0)) {
      members.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return members;
}

// oxlint-disable-next-line require-await
async function* streamOf(bytes: Uint8Array, damaged: boolean): AsyncGenerator<Uint8Array> {
  const half = Math.ceil(bytes.length / 2);
  yield bytes.subarray(0, half);
  if (damaged) throw new FormatError('codec', half, 'damaged');
  yield bytes.subarray(half);
}

async function look(
  text: string,
  {
    streams = false,
    damageAt = -1,
    name = 'f',
    limits = {},
    ...changes
  }: {
    readonly streams?: boolean;
    readonly damageAt?: number;
    readonly name?: string;
    readonly limits?: Partial<InspectLimits>;
  } & Partial<Pick<InspectOptions, 'known' | 'now'>> = {},
) {
  const found: KeyedFacts[] = [];
  const result = await inspectFile(
    { name, bytes: bufferAccess(Buffer.from(text, 'latin1')), digest: null },
    {
      inspectors: [box(streams, damageAt), secretInspector, textInspector, blocksInspector],
      limits: { ...DEFAULT_LIMITS, ...limits },
      key: { id: 'k', bytes: Buffer.from('key') },
      isTime: () => false,
      known: () => false,
      found: (facts) => void found.push(facts),
      now: () => 0,
      ...changes,
    },
  );
  const details = result.problems.map(({ detail }) => detail);
  return { ...result, details, found, formats: found.map(({ facts }) => facts.format) };
}

const partsOf = ({ found }: { readonly found: readonly KeyedFacts[] }) =>
  found.at(-1)!.facts.tables[0]!.rows.map(({ key, part }) => ({ key, ...part! }));

for (const streams of [false, true])
  test(`members ${streams ? 'as streams' : 'at hand'} are found before what holds them, level by level`, async () => {
    const looked = await look('box(a=hello;b=box(c=deep;d=))', { streams });
    assert.deepEqual([looked.format, looked.details], ['box', []]);
    assert.deepEqual(looked.formats, ['text', 'text', 'box', 'box']);
    assert.deepEqual(
      partsOf(looked).map(({ key, size, format }) => [key, size, format]),
      [
        ['a', 5, 'text'],
        ['b', 14, 'box'],
      ],
    );
    assert.equal(looked.found.at(-1)!.digest, looked.digest);
  });

test('what is nested too deeply is hashed and says so', async () => {
  const looked = await look('box(a=box(b=box(c=x)))', { limits: { depth: 1 } });
  const inner = looked.found.find(({ facts }) => facts.format === 'box')!.facts.tables[0]!.rows[0]!;
  assert.equal(inner.part!.format, null);
  assert.notEqual(inner.part!.skipped, null);
  assert.equal(inner.part!.digest.length, 64);
});

test('too many members end the format, and the bytes are told in another', async () => {
  const looked = await look('box(a=1;b=2;c=3)', { limits: { members: 2 } });
  assert.equal(looked.format, 'text');
  assert.equal(looked.details.length, 1);
});

test('when the time is over, the bytes are told in another format', async () => {
  let clock = 0;
  const looked = await look('box(a=1;b=2)', { limits: { time: 10 }, now: () => (clock += 20) });
  assert.equal(looked.format, 'text');
  assert.ok(looked.details.length > 0);
});

test('a format that was wrong is tried no further, and is told', async () => {
  const looked = await look('box(a=1');
  assert.equal(looked.format, 'text');
  assert.deepEqual(looked.details, ['f: not box: box at offset 7: no end']);
  assert.equal(looked.found[0]!.facts.problems.length, 1);
});

test('a stream that breaks off keeps what came, and the damage is told of its container', async () => {
  const looked = await look('box(a=12345678;b=fine)', { streams: true, damageAt: 0 });
  assert.deepEqual(
    partsOf(looked).map(({ key, size }) => [key, size]),
    [
      ['a', 4],
      ['b', 4],
    ],
  );
  assert.equal(looked.details.length, 1);
});

test('a stream too long to be held goes to an inspector that needs it once', async () => {
  const long = `box(${'a'.repeat(10)}=${'x'.repeat(3_000_000)})`;
  const outer = defineInspector({
    ...box(true),
    id: 'outer',
    claims: ({ head }) => Buffer.from(head.subarray(0, 4)).toString('latin1') === 'box(',
    inspect: async (_, context) => {
      const part = await context.part('long', streamOf(Buffer.from('x'.repeat(3_000_000)), false));
      const rows = [{ key: 'long', values: [], offset: null, part }];
      return { facts: [], tables: [{ name: '', ordered: true, columns: [], rows }] };
    },
  });
  const found: KeyedFacts[] = [];
  await inspectFile(
    { name: 'f', bytes: bufferAccess(Buffer.from(long)), digest: null },
    {
      inspectors: [outer, secretInspector, textInspector, blocksInspector],
      limits: { ...DEFAULT_LIMITS, heldBytes: 2_000_000 },
      key: { id: 'k', bytes: Buffer.from('key') },
      isTime: () => false,
      known: () => false,
      found: (facts) => void found.push(facts),
      now: () => 0,
    },
  );
  assert.deepEqual(
    found.map(({ facts }) => [facts.format, facts.size]),
    [
      ['blocks', 3_000_000],
      ['outer', long.length],
    ],
  );
});

test('secrets by name and by content have a keyed digest and no fact, in members too', async () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
  for (const [name, content] of [
    ['etc/ssh/ssh_host_rsa_key', 'hunter2'],
    ['anywhere', pem],
  ] as const) {
    const file = await look(content, { name });
    assert.deepEqual([file.format, file.found[0]!.facts.key], ['secret', 'k']);
    assert.equal(file.found[0]!.facts.content, null);
    // The key lies behind the first bytes, or the whole would be a secret itself.
    const member = await look(`box(first=${'x'.repeat(5000)};${name}=${content})`);
    const part = partsOf(member).at(-1);
    assert.equal(part!.format, 'secret');
    const plain = (await look(content, { name: 'x' })).digest;
    assert.notEqual(part!.digest, plain);
    assert.ok(!JSON.stringify(member.found).includes(plain), 'no digest without the key');
  }
});

test('facts that are known are not looked for again', async () => {
  const first = await look('box(a=hello)');
  const all = new Set(first.found.map(({ digest, facts }) => `${digest} ${facts.format}`));
  const known = (digest: string, format: string): boolean => all.has(`${digest} ${format}`);
  const again = await look('box(a=hello)', { known });
  assert.deepEqual([again.format, again.found.length], ['box', 0]);
  const other = await look('box(a=hello;b=new)', { known });
  assert.deepEqual(other.formats, ['text', 'box']);
});
