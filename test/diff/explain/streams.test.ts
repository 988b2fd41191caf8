import assert from 'node:assert/strict';
import test from 'node:test';

import type { Facts } from '../../../src/core/facts.js';
import {
  APART,
  explain,
  fact,
  facts,
  part,
  row,
  seconds,
  table,
  told,
} from '../../helpers/fact-builders.js';

const [OLD, NEW] = [seconds('2026-01-10T11:00:00Z'), seconds('2026-02-10T11:00:00Z')];

/** An image of one compressed segment with one member, as initramfs images are told. */
const image = (member: number, segment: readonly [number, string, string, string]): Facts =>
  facts('initramfs', {
    tables: [
      table('', { mtime: 'time' }, [row('init', [member], part('init'))]),
      table('gzip members', { MTIME: 'time', FNAME: 'path', data: 'stream', CRC32: 'checksum' }, [
        row('2', segment),
      ]),
    ],
  });

test('compressed bytes beside the members that they hold follow from a member, not from their own header', async () => {
  const explanation = await explain(
    image(OLD, [OLD + 1, 'mkinitramfs-MAIN_xoTHa6', 'a', 'x']),
    image(NEW, [NEW + 1, 'mkinitramfs-MAIN_L5JeXd', 'b', 'y']),
    { builds: APART },
  );
  assert.deepEqual(told(explanation), [
    'init!mtime time.field high',
    'gzip members!2!MTIME time.field high',
    'gzip members!2!FNAME rand.tempname medium',
    'gzip members!2!data <- init!mtime',
    'gzip members!2!CRC32 <- init!mtime',
  ]);
  assert.equal(explanation.status, 'explained');
});

test('members that lie in the image as they are say nothing of compressed bytes beside them', async () => {
  const early = (time: number) => ({ ...row('early', [time], part('u')), offset: 0 });
  const withEarly = (time: number, of: Facts): Facts => {
    const [members, ...others] = of.tables;
    return { ...of, tables: [{ ...members!, rows: [early(time), ...members!.rows] }, ...others] };
  };
  const sides = (main: number) =>
    [
      withEarly(OLD, image(OLD, [OLD, 'x', 'a', 'x'])),
      withEarly(NEW, image(main, [OLD, 'x', 'b', 'y'])),
    ] as const;
  assert.deepEqual(told(await explain(...sides(NEW), { builds: APART })), [
    'early!mtime time.field high',
    'init!mtime time.field high',
    'gzip members!2!data <- init!mtime',
    'gzip members!2!CRC32 <- init!mtime',
  ]);
  assert.deepEqual(told(await explain(...sides(OLD), { builds: APART })), [
    'early!mtime time.field high',
    'gzip members!2!data codec.level medium',
    'gzip members!2!CRC32 <- gzip members!2!data',
  ]);
});

test('compressed bytes that differ over equal members are a matter of the compressor', async () => {
  const explanation = await explain(
    image(OLD, [OLD, 'x', 'a', 'x']),
    image(OLD, [NEW, 'x', 'b', 'x']),
    { builds: APART },
  );
  assert.deepEqual(told(explanation), [
    'gzip members!2!MTIME time.field high',
    'gzip members!2!data codec.level medium',
  ]);
});

test('sums of the only unit of a compressed file follow from what it holds, not from the time beside them', async () => {
  const of = (time: number, content: string) =>
    facts('gzip', {
      facts: [
        fact('MTIME', 'time', time),
        fact('data', 'stream', content),
        fact('CRC32', 'checksum', content),
      ],
      tables: [table('', {}, [row('content', [], part(content, 'x'))])],
    });
  const inner = (time: number) => facts('x', { facts: [fact('made', 'time', time)] });
  const explanation = await explain(of(OLD, 'a'), of(NEW, 'b'), {
    builds: APART,
    before: { a: inner(OLD) },
    after: { b: inner(NEW) },
  });
  assert.deepEqual(told(explanation), [
    'MTIME time.field high',
    'content!made time.field high',
    'data <- content!made',
    'CRC32 <- content!made',
  ]);
});

test('later units of a compressed file follow from its content too', async () => {
  const of = (content: string) =>
    facts('gzip', {
      tables: [
        table('', {}, [row('content', [], part(content, 'x'))]),
        table('members', { data: 'stream', CRC32: 'checksum' }, [row('2', [content, content])]),
      ],
    });
  const inner = (time: number) => facts('x', { facts: [fact('made', 'time', time)] });
  const explanation = await explain(of('a'), of('b'), {
    builds: APART,
    before: { a: inner(OLD) },
    after: { b: inner(NEW) },
  });
  assert.deepEqual(told(explanation), [
    'content!made time.field high',
    'members!2!data <- content!made',
    'members!2!CRC32 <- content!made',
  ]);
});

test('a size follows from a section that grew, never from the time in the header', async () => {
  const of = (time: number, size: number, section: string) =>
    facts('pe', {
      facts: [fact('TimeDateStamp', 'time', time), fact('SizeOfImage', 'size', size)],
      tables: [table('', { VirtualSize: 'size' }, [row('.osrel', [size], part(section, 'x'))])],
    });
  const inner = (version: string) => facts('x', { facts: [fact('VERSION', 'text', version)] });
  const known = { before: { a: inner('1') }, after: { b: inner('2'), bb: inner('10') } };
  assert.deepEqual(
    told(await explain(of(OLD, 1, 'a'), of(NEW, 2, 'bb'), { builds: APART, ...known })),
    [
      'TimeDateStamp time.field high',
      '.osrel!VERSION unknown null',
      'SizeOfImage <- .osrel!VERSION',
      '.osrel!VirtualSize <- .osrel!VERSION',
    ],
  );
  // As long as before.
  assert.ok(
    told(await explain(of(OLD, 1, 'a'), of(NEW, 2, 'b'), { builds: APART, ...known })).includes(
      'SizeOfImage unknown null',
    ),
  );
  assert.deepEqual(told(await explain(of(OLD, 1, 'a'), of(NEW, 2, 'a'), { builds: APART })), [
    'TimeDateStamp time.field high',
    'SizeOfImage unknown null',
    '.osrel!VirtualSize unknown null',
  ]);
});

test('places follow from nothing that keeps its length', async () => {
  const of = (format: string, padding: string, offset: number, layout: string) =>
    facts(format, {
      facts: [
        fact('padding', 'slack', padding),
        fact('e_shoff', 'offset', offset),
        fact('symbols', 'layout', layout),
      ],
    });
  assert.deepEqual(told(await explain(of('elf', 'a', 1, 'x'), of('elf', 'b', 2, 'y'))), [
    'padding codec.slack medium',
    'symbols order.sections low',
    'e_shoff <- symbols',
  ]);
  // Elsewhere a layout may hold what differs, but not where that carries nothing.
  assert.deepEqual(told(await explain(of('x', 'a', 1, 'x'), of('x', 'b', 1, 'y'))), [
    'padding codec.slack medium',
    'symbols codec.form medium',
  ]);
});
