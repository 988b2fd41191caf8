import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { dockerArchive } from '../../../src/sources/oci/index.js';
import { dockerSave, file, folder } from '../../helpers/build-image.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { scanImage, type Scanned } from './scan-image.js';

test('a compressed archive of docker save says what is damaged, and is refused where nothing is to be had', async (t) => {
  const at = tempFolder(t);
  const path = join(at, 'd.tar.gz');
  const open = async (bytes: Uint8Array): Promise<Scanned> => {
    writeFileSync(path, bytes);
    return scanImage(dockerArchive.open(path));
  };
  const image = {
    layers: [{ members: [folder('etc'), file('etc/a')] }, { members: [file('b')] }],
  };
  const whole = gzipSync(dockerSave(image));
  const asTwice = await open(gzipSync(dockerSave({ layers: [...image.layers].toReversed() })));
  assert.deepEqual(asTwice.paths, ['b', 'etc', 'etc/a']);
  for (let length = 0; length < whole.length; length += 7)
    await open(whole.subarray(0, length)).then(
      ({ diagnostics }) => assert.notDeepEqual(diagnostics, []),
      (error: unknown) => assert.equal((error as { code?: unknown }).code, 'SOURCE_UNUSABLE'),
    );
  const packed = gzipSync(dockerSave(image), { level: 0 });
  const wrong = Buffer.from(packed);
  wrong[wrong.indexOf('etc/a') + 512] = 0x21;
  // The layer has not the bytes of its diff_id, nor gzip those of its checksum.
  assert.notDeepEqual((await open(wrong)).diagnostics, []);
  writeFileSync(path, whole);
  assert.throws(() => dockerArchive.open(`${join(at, 'none.tar.gz')}`), {
    code: 'SOURCE_UNUSABLE',
  });
  await assert.rejects(scanImage(dockerArchive.open(`${path}:other`)), { code: 'SOURCE_UNUSABLE' });
});
