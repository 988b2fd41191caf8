/** Zip archives that vary, for the tests of their normaliser. */

import assert from 'node:assert/strict';

import { zip } from '../../../src/scrub/normalizers/zip.js';
import { buildZip, extraRecord, type ZipFile, type ZipOptions } from '../../formats/build-zip.js';
import type { Sample } from './harness.js';

export const TEXT = 'a text that repeats itself, a text that repeats itself\n';
export const EPOCH = 1_700_000_001;
export const MODE = 65536;
export const NORMAL_TIME = 0x21 * 65536;

export const times = extraRecord(0x5455, Buffer.from([3, 1, 2, 3, 4, 5, 6, 7, 8]));
export const owner = extraRecord(0x7875, Buffer.from([1, 4, 1, 0, 0, 0, 4, 2, 0, 0, 0]));
export const ntfs = extraRecord(
  0x0a,
  Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 0, 24, 0]), Buffer.alloc(24, 9)]),
);
export const unicodePath = extraRecord(0x7075, Buffer.from('\x01....\xc3\xa9', 'latin1'));

export const a: ZipFile = { name: 'a', content: TEXT };
export const directory: ZipFile = { name: 'd/', externalAttributes: 0o40775 * MODE + 16 };
export const program: ZipFile = {
  name: 'd/program',
  content: '#!/bin/sh\n',
  externalAttributes: 0o100700 * MODE,
};
export const jar: readonly ZipFile[] = [
  { name: 'a/B.class', content: TEXT, versionMadeBy: 20, externalAttributes: 0 },
  { name: 'META-INF/', versionMadeBy: 10, externalAttributes: 0, extra: extraRecord(0xcafe, '') },
  {
    name: 'META-INF/MANIFEST.MF',
    content: 'Manifest-Version: 1.0\n',
    versionMadeBy: 20,
    externalAttributes: 0,
  },
];
export const OME = '{"ome": {"version": "0.5"}}';
export const ome: readonly ZipFile[] = [
  'zarr.json',
  '0/zarr.json',
  'a/zarr.json',
  '0/b/zarr.json',
  '0/c/0',
  '0/.x',
].map((name) => ({ name, content: name, method: 0, zip64: 'both' as const }));

export const sample = (
  title: string,
  files: readonly ZipFile[],
  options?: ZipOptions,
  name = 'a.zip',
): Sample => ({
  title,
  name,
  bytes: buildZip(files, options),
});

export const samples: readonly Sample[] = [
  sample('a time', [a]),
  { ...sample('a time set to the epoch', [a, directory, program]), sourceDateEpoch: EPOCH },
  sample('order, modes, owners', [
    program,
    { ...a, extra: Buffer.concat([times, owner]) },
    directory,
  ]),
  sample('NTFS times and a Unicode name', [{ ...a, extra: Buffer.concat([ntfs, unicodePath]) }]),
  sample('descriptors of all forms', [
    { ...a, name: '1', descriptor: 'signed' },
    { ...a, name: '2', descriptor: 'bare' },
    { ...a, name: '3', descriptor: 'signed-wide', zip64: 'local' },
    { ...a, name: '4', descriptor: 'bare-wide', zip64: 'both' },
  ]),
  sample('a comment, trailing data, zip64', [{ ...a, comment: 'c' }], {
    comment: 'c',
    trailing: '\0\0',
    zip64End: true,
  }),
  sample('a jar', jar, { zip64End: true }, 'a.jar'),
  sample('a jmod', jar, { prefix: 'JM\x01\x00', relative: true }, 'a.jmod'),
  sample(
    'a Python program',
    [{ name: '__main__.py', content: 'pass' }],
    { prefix: '#!/usr/bin/python3\n' },
    'a.pyz',
  ),
  sample('an OME-Zarr', ome.toReversed(), { comment: OME }, 'a.ozx'),
  sample('stored data on words', [
    { name: 'x', content: 'x', method: 0, localExtra: Buffer.alloc(1) },
    { name: 'yy', content: 'yyyyy', method: 0, localExtra: Buffer.alloc(3) },
  ]),
];

/** What the normaliser makes of it; fails when it leaves it. */
export function fixed(input: Sample): Uint8Array {
  const { bytes, name, sourceDateEpoch = null } = input;
  const result = zip.normalize({ bytes, name, sourceDateEpoch });
  if (result.kind === 'left') assert.fail(`${input.title}: ${result.reason}`);
  return result.kind === 'changed' ? result.bytes : bytes;
}
