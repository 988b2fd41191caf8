import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';

import { tar } from '../../../src/scrub/normalizers/tar.js';
import { normalizeTgz, tgz } from '../../../src/scrub/normalizers/tgz.js';
import { gzipMember } from '../../formats/build-gzip.js';
import { tarArchive, tarMember, type TarFields } from '../../formats/build-tar.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';
import { tarContent } from './tar-content.js';

const EPOCH = 1_600_000_000;
const archive = (fields: TarFields, blocks = 1): Buffer =>
  tarArchive([tarMember({ data: 'content', ...fields })], blocks);
const sample = (title: string, bytes: Uint8Array): Sample => ({
  title,
  name: 'a-1.tar.gz',
  bytes,
  sourceDateEpoch: EPOCH,
});
const pair = (title: string, before: TarFields, after: TarFields): Pair => ({
  ...sample(title, Buffer.alloc(0)),
  before: gzipSync(archive(before)),
  after: gzipSync(archive(after)),
});
const normalTar = archive({}, 20);

proveNormalizer({
  normalizer: tgz,
  samples: [
    sample('a time in the archive', gzipSync(archive({ mtime: EPOCH + 5 }))),
    sample('a time in the gzip header', gzipMember(normalTar.toString('latin1'), { mtime: 5 })),
    sample(
      'both',
      gzipMember(archive({ mode: 0o100644 }).toString('latin1'), { mtime: 5, name: 'a' }),
    ),
    { ...sample('an npm package', gzipSync(npmPackage(501))), name: 'p-1.0.0.tgz' },
  ],
  normal: [sample('compressed by something else', gzipMember(normalTar.toString('latin1')))],
  left: [
    sample('two members', Buffer.concat([gzipSync(normalTar), gzipSync(normalTar)])),
    sample('data behind', Buffer.concat([gzipSync(normalTar), Buffer.from('more')])),
    sample('no archive', gzipSync('text')),
    sample('an archive that is left', gzipSync(archive({ typeflag: 'V' }))),
    sample('a wrong CRC', wrongCrc(gzipSync(archive({ mtime: EPOCH + 5 })))),
    sample(
      'an extra field',
      gzipMember(archive({ mtime: 5 }).toString('latin1'), { extra: Buffer.from('RA\x01\x00x') }),
    ),
  ],
  pairs: [
    pair('mtime', { mtime: EPOCH + 1 }, { mtime: EPOCH + 2 }),
    pair('uname', { uname: 'alice' }, { uname: 'bob' }),
    {
      ...sample('owner of an npm package', Buffer.alloc(0)),
      name: 'p-1.0.0.tgz',
      before: gzipSync(npmPackage(501)),
      after: gzipSync(npmPackage(1000)),
    },
  ],
  content: (bytes) => {
    try {
      return tarContent(gunzipSync(bytes));
    } catch {
      return null;
    }
  },
  outside: [
    { command: ['tar', 'tvzf'] },
    { command: ['bsdtar', 'tvf'] },
    { command: ['gzip', '-t'] },
  ],
});

test('tgz: compressed data stays where the archive in it is normal', () => {
  const stored = deflateRawSync(normalTar, { level: 0 });
  const bytes = Buffer.concat([
    gzipSync(normalTar).subarray(0, 10),
    stored,
    gzipSync(normalTar).subarray(-8),
  ]);
  bytes[4] = 9;
  const result = tgz.normalize({ bytes, name: 'a.tgz', sourceDateEpoch: null });
  assert.ok(result.kind === 'changed');
  assert.deepEqual(Buffer.from(result.bytes.subarray(10)), bytes.subarray(10));
});

test('tgz: the archive is what the tar normaliser makes of it, with the choice of owners', () => {
  const inner = archive({ uid: 1000 });
  const input = { name: 'a.tgz', sourceDateEpoch: EPOCH };
  const alone = tar.normalize({ ...input, name: 'a.tar', bytes: inner });
  const packed = normalizeTgz({ ...input, bytes: gzipSync(inner) }, { owners: 'keep' });
  assert.ok(alone.kind === 'changed' && packed.kind === 'changed');
  assert.deepEqual(gunzipSync(packed.bytes), Buffer.from(alone.bytes));
  const root = normalizeTgz({ ...input, bytes: gzipSync(inner) }, { owners: 'root' });
  assert.ok(root.kind === 'changed');
  assert.equal(gunzipSync(root.bytes).toString('latin1', 108, 115), '0000000');
});

function npmPackage(uid: number): Buffer {
  return tarArchive(
    ['package/index.js', 'package/package.json'].map((name) => tarMember({ name, uid, data: '1' })),
  );
}

function wrongCrc(bytes: Buffer): Buffer {
  bytes[bytes.length - 8]! ^= 1;
  return bytes;
}
