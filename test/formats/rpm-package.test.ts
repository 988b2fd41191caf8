import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { decompress } from '../../src/formats/codec/decompress.js';
import { RPM_TAG, RPM_TYPE, rpmString, type RpmHeader } from '../../src/formats/rpm-header.js';
import { isRpmPackage, readRpmPackage, type RpmPackage } from '../../src/formats/rpm-package.js';
import { ByteReader } from '../../src/formats/stream/byte-reader.js';
import { rpmPayloadStream } from '../../src/formats/stream/rpm-payload.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { mutations } from '../scrub/normalizers/mutations.js';
import { cpioArchive, cpioMember } from './build-cpio.js';
import { buildRpmHeader, numbers, text, texts } from './build-rpm-header.js';
import { pieces } from './stream/feed.js';

const INTRO = Buffer.from([0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0]);
const STRIPPED_FILES = [
  texts(RPM_TAG.BASENAMES, ['dir', 'one', 'two', 'link', 'alone']),
  texts(RPM_TAG.DIRNAMES, ['/usr/']),
  numbers(RPM_TAG.DIRINDEXES, [0, 0, 0, 0, 0]),
  numbers(RPM_TAG.FILEMODES, [0o40755, 0o100644, 0o100644, 0o120777, 0o100644], RPM_TYPE.INT16),
  numbers(RPM_TAG.FILEFLAGS, [0, 0, 0, 0, 0]),
  numbers(RPM_TAG.FILEINODES, [1, 2, 2, 3, 4]),
  numbers(RPM_TAG.FILEDEVICES, [1, 1, 1, 1, 1]),
  numbers(RPM_TAG.FILESIZES, [4096, 5, 5, 3, 1]),
];

function packageOf(payload: Uint8Array): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  lead.set([3, 0], 4);
  lead.write('name-1-1', 10);
  lead.writeUInt16BE(5, 78);
  const signature = buildRpmHeader(null, [text(269, 'abc')]);
  const header = buildRpmHeader(
    [
      text(RPM_TAG.NAME, 'name'),
      text(RPM_TAG.PAYLOADFORMAT, 'cpio'),
      text(RPM_TAG.PAYLOADCOMPRESSOR, 'gzip'),
      ...STRIPPED_FILES,
    ],
    [],
  );
  const pad = Buffer.alloc((8 - ((96 + 8 + signature.length) % 8)) % 8);
  return Buffer.concat([lead, INTRO, signature, pad, INTRO, header, payload]);
}

function stripped(index: number, data: string): Buffer {
  const head = Buffer.from(`07070X${index.toString(16).padStart(8, '0')}\0\0`);
  return Buffer.concat([head, Buffer.from(data), Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

const STRIPPED = Buffer.concat([
  stripped(0, ''),
  stripped(1, ''),
  stripped(2, 'hello'),
  stripped(3, 'one'),
  stripped(4, '!'),
  cpioMember('newc', { name: 'TRAILER!!!' }),
]);

async function payloadOf(
  bytes: Uint8Array,
  header: RpmHeader,
  sizes?: readonly number[],
): Promise<{ paths: string[]; contents: string[]; end: number }> {
  const stream = rpmPayloadStream(new ByteReader(pieces(bytes, sizes)), header);
  const paths: string[] = [];
  const contents: string[] = [];
  for await (const { member, data } of stream) {
    if (member.isTrailer) continue;
    paths.push(member.path);
    contents.push(Buffer.from(await data.all(2 ** 24)).toString('latin1'));
  }
  return { paths, contents, end: stream.end!.offset };
}

test('Lead, headers and payload of a package follow each other without a hole', () => {
  const bytes = packageOf(gzipSync(STRIPPED));
  const found: RpmPackage = readRpmPackage(bufferAccess(bytes));
  assert.equal(isRpmPackage(bytes), true);
  assert.equal(found.lead.name, 'name-1-1');
  assert.equal(found.signature.offset, 96);
  assert.equal(found.header.offset, found.signature.end + found.signaturePadding.length);
  assert.equal(found.payload.offset, found.header.end);
  assert.equal(found.payload.offset + found.payload.bytes, bytes.length);
  assert.equal(rpmString(found.header.header, RPM_TAG.NAME), 'name');
  const { format, compressor, codec, isCpio } = found.payload;
  assert.deepEqual([format, compressor, codec, isCpio], ['cpio', 'gzip', 'gzip', false]);
});

test('Members that are only numbers of files have names and sizes from the header', async () => {
  const { header } = readRpmPackage(bufferAccess(packageOf(STRIPPED))).header;
  for (const sizes of [[1], [1000]]) {
    const found = await payloadOf(STRIPPED, header, sizes);
    assert.deepEqual(found.paths, ['usr/dir', 'usr/one', 'usr/two', 'usr/link', 'usr/alone']);
    assert.deepEqual(found.contents, ['', '', 'hello', 'one', '!']);
    assert.equal(found.end, STRIPPED.length);
  }
  await assert.rejects(payloadOf(stripped(5, ''), header), FormatError);
  const plain = cpioArchive('newc', [{ name: './usr/one', data: 'x' }]);
  assert.deepEqual((await payloadOf(plain, header)).paths, ['./usr/one']);
});

test('Cut or damaged, packages and payloads end in FormatErrors', async () => {
  const bytes = packageOf(STRIPPED);
  const cuts = Array.from({ length: bytes.length }, (_, i) => bytes.subarray(0, i));
  for (const damaged of [...cuts, ...mutations(bytes, 500, 8)])
    try {
      const { header, payload } = readRpmPackage(bufferAccess(damaged));
      await payloadOf(damaged.subarray(payload.offset), header.header, [50]);
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
});

for (const flags of ['w9.gzdio', 'w3.zstdio', 'w2.xzdio', 'w.ufdio'])
  test(
    `A package of rpmbuild with ${flags} holds what rpm2cpio gives`,
    { skip: needs('rpmbuild', 'rpm2cpio', 'cpio') },
    async (t) => {
      const root = tempFolder(t);
      const spec = join(root, 'x.spec');
      mkdirSync(join(root, 'rpms'));
      writeFileSync(
        spec,
        `Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n%description\nx\n%install\nmkdir -p %{buildroot}/opt/x\necho one >%{buildroot}/opt/x/one\nln %{buildroot}/opt/x/one %{buildroot}/opt/x/two\nln -s one %{buildroot}/opt/x/link\n%files\n/opt/x\n`,
      );
      execFileSync(
        'rpmbuild',
        [
          '-bb',
          '--quiet',
          '-D',
          `_topdir ${root}`,
          '-D',
          `_rpmdir ${root}/rpms`,
          '-D',
          `_binary_payload ${flags}`,
          spec,
        ],
        { stdio: 'ignore' },
      );
      const [name] = readdirSync(join(root, 'rpms/noarch'));
      const path = join(root, 'rpms/noarch', name!);
      const bytes = readFileSync(path);
      const { header, payload } = readRpmPackage(bufferAccess(bytes));
      const packed = bytes.subarray(payload.offset);
      const parts: Uint8Array[] = [];
      if (payload.codec === null) parts.push(packed);
      else
        for await (const chunk of decompress(payload.codec, pieces(packed), {
          maxOutputBytes: 2 ** 24,
        }))
          parts.push(chunk);
      const found = await payloadOf(Buffer.concat(parts), header.header);
      const listing = execFileSync('cpio', ['-t', '--quiet'], {
        input: execFileSync('rpm2cpio', [path]),
      });
      assert.deepEqual(found.paths, listing.toString().trim().split('\n'));
      assert.ok(found.contents.includes('one\n'));
    },
  );
