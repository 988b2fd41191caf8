/** What every normaliser must keep, as tests. A normaliser's own test file calls `proveNormalizer` once. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Normalizer, NormalizeResult } from '../../../src/scrub/normalizers/define.js';
import { chooseNormalizer, normalizeWith } from '../../../src/scrub/normalize-file.js';
import { normalizers } from '../../../src/scrub/normalizers/index.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { dumpPairs } from './dump-pairs.js';
import { mutations } from './mutations.js';

/** A file that varies, made in code. */
export interface Sample {
  /** What varies in it, or what is special about it; unique. */
  readonly title: string;
  /** Base name; decides where there is no magic number. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: null. */
  readonly sourceDateEpoch?: number | null;
}

/** Files of the same content that differ in one field only: they become equal bytes. */
export interface Pair {
  readonly title: string;
  readonly name: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly sourceDateEpoch?: number | null;
}

export interface OutsideTool {
  /** Program and arguments; the file's path comes last. It must say 0 for the sample and for what became of it. */
  readonly command: readonly string[];
  /** Samples it can read; default all. */
  readonly reads?: (sample: Sample) => boolean;
}

export interface Proof {
  readonly normalizer: Normalizer;
  /** Each must be changed. */
  readonly samples: readonly Sample[];
  /** Files that are normal already. */
  readonly normal?: readonly Sample[];
  /** Files that are recognised and must be left. */
  readonly left?: readonly Sample[];
  readonly pairs?: readonly Pair[];
  /**
   * What the file means to who reads it, everything but the fields that may vary, and as seen by code that is not the
   * normaliser's where there is any (zlib, an own reader); null for what cannot be read. Compared with deepEqual before
   * and after, also for mutants: it must be quick.
   */
  readonly content: (bytes: Uint8Array, name: string) => unknown;
  readonly outside?: readonly OutsideTool[];
  /** Mutants in all, spread over the samples; default 10,000. */
  readonly mutants?: number;
}

export function proveNormalizer(proof: Proof): void {
  const { normalizer, samples, normal = [], left = [], pairs = [] } = proof;
  const { id } = normalizer;
  dumpPairs(proof);
  const outcome = (sample: Omit<Sample, 'title'>): NormalizeResult => run(normalizer, sample);

  test(`${id}: every sample is recognised, by this normaliser before any other`, () => {
    for (const sample of [...samples, ...normal, ...left])
      assert.equal(
        chooseNormalizer(normalizers, sample.bytes, sample.name)?.id,
        id,
        `${sample.title}: is ${id} in normalizers/index.ts?`,
      );
  });

  test(`${id}: what varies is changed, told field by field, and normal the second time`, () => {
    for (const sample of samples) {
      const original = new Uint8Array(sample.bytes);
      const fixed = mustChange(outcome(sample), sample.title);
      assert.ok(isEqual(sample.bytes, original), `${sample.title}: the input was written to`);
      assert.deepEqual(run(normalizer, { ...sample, bytes: fixed }), { kind: 'normal' });
    }
  });

  test(`${id}: the content stays`, () => {
    for (const sample of samples) {
      const fixed = mustChange(outcome(sample), sample.title);
      const before = proof.content(sample.bytes, sample.name);
      assert.notEqual(before, null, `${sample.title}: content() cannot read the sample`);
      assert.deepEqual(proof.content(fixed, sample.name), before, sample.title);
    }
  });

  test(`${id}: what is normal stays, what must be left is left with a reason`, () => {
    for (const sample of normal)
      assert.deepEqual(outcome(sample), { kind: 'normal' }, sample.title);
    for (const sample of left) {
      const result = outcome(sample);
      assert.equal(result.kind, 'left', sample.title);
      assert.ok(result.kind === 'left' && result.reason.length > 5, sample.title);
    }
  });

  test(`${id}: files that differ in one field become equal`, () => {
    for (const { title, before, after, ...rest } of pairs) {
      assert.ok(!isEqual(before, after), title);
      assert.deepEqual(
        finalBytes(outcome({ ...rest, bytes: before }), before),
        finalBytes(outcome({ ...rest, bytes: after }), after),
        title,
      );
    }
  });

  test(`${id}: truncated at every byte, a file is left or keeps its content`, () => {
    for (const sample of samples)
      for (let length = 0; length < sample.bytes.length; length++)
        expectHarmless(proof, { ...sample, bytes: sample.bytes.subarray(0, length) });
  });

  test(`${id}: random mutants neither crash it nor change their content`, () => {
    const each = Math.ceil((proof.mutants ?? 10_000) / samples.length);
    for (const [i, sample] of samples.entries())
      for (const bytes of mutations(sample.bytes, each, i + 1))
        expectHarmless(proof, { ...sample, bytes });
  });

  for (const { command, reads = () => true } of proof.outside ?? [])
    test(
      `${id}: ${command.join(' ')} reads what became of the samples`,
      {
        skip: needs(command[0]!),
      },
      (t) => {
        const folder = tempFolder(t);
        for (const sample of samples.filter(reads))
          for (const bytes of [sample.bytes, mustChange(outcome(sample), sample.title)]) {
            const file = join(folder, sample.name);
            writeFileSync(file, bytes);
            const [program, ...args] = command;
            const { status, stderr } = spawnSync(program!, [...args, file], { encoding: 'utf8' });
            assert.equal(status, 0, `${sample.title}: ${stderr}`);
          }
      },
    );
}

function run(normalizer: Normalizer, sample: Omit<Sample, 'title'>): NormalizeResult {
  const { bytes, name, sourceDateEpoch = null } = sample;
  return normalizeWith(normalizer, { bytes, name, sourceDateEpoch });
}

function mustChange(result: NormalizeResult, title: string): Uint8Array {
  if (result.kind !== 'changed')
    assert.fail(`${title}: ${result.kind === 'left' ? result.reason : 'is normal already'}`);
  assert.ok(result.fields.length > 0, `${title}: no field is told`);
  for (const { before, after, field } of result.fields)
    assert.ok(before !== after && field !== '', `${title}: ${field}`);
  return result.bytes;
}

function finalBytes(result: NormalizeResult, was: Uint8Array): Uint8Array {
  assert.notEqual(result.kind, 'left');
  return result.kind === 'changed' ? new Uint8Array(result.bytes) : new Uint8Array(was);
}

/** Runs the normaliser itself, not through `normalizeWith`, which would hide a result that is no fixed point. */
function expectHarmless(proof: Proof, sample: Sample): void {
  const { normalizer, content } = proof;
  const { bytes, name, sourceDateEpoch = null } = sample;
  const original = new Uint8Array(bytes);
  const where = `${sample.title}: base64 ${Buffer.from(original).toString('base64')}`;
  // Whoever would not offer the file to the normaliser cannot harm it either; it must not crash all the same.
  const recognised = normalizer.matches(bytes.subarray(0, 512), name);
  const result = normalizer.normalize({ bytes, name, sourceDateEpoch });
  assert.ok(isEqual(bytes, original), where);
  if (!recognised || result.kind !== 'changed') return;
  const again = normalizer.normalize({ bytes: result.bytes, name, sourceDateEpoch });
  assert.equal(again.kind, 'normal', where);
  assert.deepEqual(content(result.bytes, name), content(original, name), where);
}

/** Of bytes alone: deepEqual tells a Buffer from a Uint8Array. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
