import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readZip } from '../../../src/formats/zip.js';
import { zip } from '../../../src/scrub/normalizers/zip.js';
import {
  buildZip,
  extraRecord,
  pack,
  type ZipFile,
  type ZipOptions,
} from '../../formats/build-zip.js';
import {
  a,
  EPOCH,
  fixed,
  MODE,
  OME,
  program,
  sample,
  samples,
  TEXT,
  times,
  unicodePath,
} from './zip-samples.js';

test('Archives whose content differs stay different', () => {
  const base = { ...a, comment: 'c' };
  const variants: readonly (readonly [readonly ZipFile[], ZipOptions?])[] = [
    [[base]],
    [[{ ...base, content: `${TEXT} ` }]],
    [[{ ...base, name: 'b' }]],
    [[{ ...base, name: 'a/', content: '' }]],
    [[{ ...base, method: 0 }]],
    [[{ ...base, comment: 'd' }]],
    [[{ ...base, internalAttributes: 1 }]],
    [[{ ...base, externalAttributes: 0o100755 * MODE }]],
    [[{ ...base, externalAttributes: 0o104755 * MODE }]],
    [[{ ...base, externalAttributes: 0o120777 * MODE }]],
    [[{ ...base, externalAttributes: 0o100644 * MODE + 2 }]],
    [[{ ...base, name: 'a\xe9' }]],
    [[{ ...base, name: 'a\xe9', flags: 1 << 11 }]],
    [[{ ...base, extra: unicodePath }]],
    [[{ ...base, extra: extraRecord(0x7777, 'x') }]],
    [[base], { comment: 'c' }],
    [[base], { trailing: 'c' }],
    [[base], { prefix: '#!x\n' }],
    [[base], { prefix: '#!x\n', relative: true }],
    [[base, base]],
    [[base, program]],
    [[]],
  ];
  const results = variants.map(([files, options]) => {
    const bytes = buildZip(files, options);
    const result = zip.normalize({ bytes, name: 'a.zip', sourceDateEpoch: EPOCH });
    return Buffer.from(result.kind === 'changed' ? result.bytes : bytes).toString('base64');
  });
  assert.equal(new Set(results).size, variants.length);
});

test('The time is the epoch in UTC, within what a header can say', () => {
  const timeOf = (sourceDateEpoch: number | null): number[] => {
    const [entry] = readZip(fixed({ ...sample('', [a]), sourceDateEpoch })).entries;
    assert.equal(entry!.local.modDate, entry!.central.modDate);
    assert.equal(entry!.local.modTime, entry!.central.modTime);
    const { modDate, modTime } = entry!.central;
    return [
      1980 + (modDate >> 9),
      (modDate >> 5) & 15,
      modDate & 31,
      modTime >> 11,
      (modTime >> 5) & 63,
      (modTime & 31) * 2,
    ];
  };
  assert.deepEqual(timeOf(null), [1980, 1, 1, 0, 0, 0]);
  assert.deepEqual(timeOf(0), [1980, 1, 1, 0, 0, 0]);
  assert.deepEqual(timeOf(EPOCH), [2023, 11, 14, 22, 13, 20]);
  assert.deepEqual(timeOf(2 ** 40), [2107, 12, 31, 23, 59, 58]);
});

test('The order keeps what readers look for in its place', () => {
  const namesOf = (files: readonly string[], name: string, options?: ZipOptions): string[] => {
    const bytes = buildZip(
      files.map((file) => ({
        name: file,
        content: file.endsWith('/') ? '' : 'x',
        externalAttributes: 0,
      })),
      options,
    );
    const archive = readZip(fixed({ name, title: name, bytes }));
    assert.deepEqual(
      archive.localOrder,
      files.map((_, i) => i),
    );
    return archive.entries.map(({ central }) => central.name);
  };
  assert.deepEqual(namesOf(['b', 'a/c', 'B', 'a/'], 'a.zip'), ['B', 'a/', 'a/c', 'b']);
  assert.deepEqual(namesOf(['A', 'META-INF/container.xml', 'mimetype'], 'a.epub'), [
    'mimetype',
    'A',
    'META-INF/container.xml',
  ]);
  assert.deepEqual(namesOf(['A', 'META-INF/', 'META-INF/MANIFEST.MF'], 'a.jar'), [
    'META-INF/',
    'META-INF/MANIFEST.MF',
    'A',
  ]);
  assert.deepEqual(
    namesOf(
      ['a-1.dist-info/RECORD', 'z.py', 'a-1.dist-info/WHEEL', 'a-1.dist-info/METADATA'],
      'a.whl',
    ),
    ['z.py', 'a-1.dist-info/METADATA', 'a-1.dist-info/WHEEL', 'a-1.dist-info/RECORD'],
  );
  const zarr = ['0/c/0', '0/b/zarr.json', '1/zarr.json', '0/zarr.json', '0/.z', 'zarr.json'];
  const breadthFirst = [
    'zarr.json',
    '0/zarr.json',
    '1/zarr.json',
    '0/b/zarr.json',
    '0/.z',
    '0/c/0',
  ];
  assert.deepEqual(namesOf(zarr, 'a.ozx'), breadthFirst);
  assert.deepEqual(namesOf(zarr, 'a.zip', { comment: OME }), breadthFirst);
});

test('An OME-Zarr keeps comment, zip64 and stored entries', () => {
  const archive = readZip(fixed(samples.find(({ name }) => name === 'a.ozx')!));
  assert.equal(Buffer.from(archive.end.comment).toString(), OME);
  assert.notEqual(archive.zip64, null);
  for (const { central, local } of archive.entries) {
    assert.equal(central.method, 0);
    assert.equal(central.versionNeeded, 45);
    assert.equal(local.compressedSize, 0xffffffff);
  }
});

test('The jar marker is on the first entry, first of its extra fields', () => {
  const [first, ...others] = readZip(fixed(samples.find(({ name }) => name === 'a.jar')!)).entries;
  assert.equal(first!.central.name, 'META-INF/');
  for (const header of [first!.central, first!.local])
    assert.deepEqual(Buffer.from(header.extra), extraRecord(0xcafe, ''));
  for (const { central, local } of others)
    assert.equal(central.extra.length + local.extra.length, 0);
});

test('Stored data that was aligned is aligned again', () => {
  const dataAt = (bytes: Uint8Array): [string, number][] =>
    readZip(bytes).entries.map((e) => [
      e.central.name,
      e.offset + 30 + e.local.name.length + e.local.extra.length,
    ]);
  const aligned = (id: number, boundary: number): Buffer =>
    extraRecord(id, Buffer.concat([pack('H', [boundary]), Buffer.alloc(9)]));
  const check = (title: string, files: readonly ZipFile[], boundaries: readonly number[]): void => {
    const result = fixed({ title, name: 'a.zip', bytes: buildZip(files) });
    dataAt(result).forEach(([name, at], i) =>
      assert.equal(at % boundaries[i]!, 0, `${title}: ${name} at ${at}`),
    );
  };
  check(
    'Android field',
    [{ ...a, method: 0, localExtra: Buffer.concat([times, aligned(0xd935, 4096)]) }],
    [4096],
  );
  check(
    'Commons Compress',
    [
      {
        ...a,
        method: 0,
        localExtra: aligned(0xa11e, 0x8010),
        extra: extraRecord(0xa11e, '\x10\x80'),
      },
    ],
    [16],
  );
  check(
    'PyTorch',
    [
      { ...a, method: 0, localExtra: extraRecord(0x4246, 'ZZZ') },
      { name: 'b', content: 'b', method: 0, localExtra: extraRecord(0x4246, 'Z') },
    ],
    [64, 64],
  );
  // Padded to words, libraries to pages, with fields in front that go away.
  const library = 30 + 'lib/a.so'.length + times.length;
  const word = 4096 + 4 + 30 + 'res'.length;
  check(
    'zipalign',
    [
      {
        name: 'lib/a.so',
        content: 'xxxx',
        method: 0,
        localExtra: Buffer.concat([times, Buffer.alloc(4096 - library)]),
      },
      { name: 'res', content: 'x', method: 0, localExtra: Buffer.alloc((4 - (word % 4)) % 4) },
    ],
    [4096, 4],
  );
});

test('Zip64 stays where a number needs it', () => {
  const many = Array.from({ length: 65_536 }, (_, i) => ({ name: String(i).padStart(5, '0') }));
  const archive = readZip(
    fixed({ title: 'many', name: 'a.zip', bytes: buildZip(many, { zip64End: true }) }),
  );
  assert.equal(archive.entries.length, 65_536);
  assert.equal(archive.end.escaped.entries, true);
  const bytes = buildZip([{ ...a, zip64: 'both' }]);
  for (
    let at = bytes.indexOf(pack('Q', [55]));
    at >= 0;
    at = bytes.indexOf(pack('Q', [55]), at + 1)
  )
    pack('Q', [5e9]).copy(bytes, at);
  const [large] = readZip(fixed({ title: 'large', name: 'a.zip', bytes })).entries;
  assert.equal(large!.uncompressedSize, 5e9);
  assert.equal(large!.local.compressedSize, 0xffffffff);
  assert.equal(large!.central.versionNeeded, 45);
});
