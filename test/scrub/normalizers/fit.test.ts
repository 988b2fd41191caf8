import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { fit } from '../../../src/scrub/normalizers/fit.js';
import { fdt, type BuildNode } from '../../formats/build-fdt.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { proveNormalizer, type Sample } from './harness.js';

const EPOCH = 1_600_000_000;
const LATE = 1_700_000_000;

const SIGNATURE: BuildNode = { properties: { algo: 'sha256,rsa2048', 'key-name-hint': 'dev' } };
const SIGNED: BuildNode = { properties: { ...SIGNATURE.properties, value: new Uint8Array(9) } };

function image(time: number | Uint8Array, configuration: BuildNode = {}): Buffer {
  return fdt({
    properties: { timestamp: time, description: 'an image', '#address-cells': 1 },
    nodes: {
      images: {
        nodes: {
          kernel: {
            properties: { data: Buffer.from('a kernel'), type: 'kernel' },
            nodes: { 'hash-1': { properties: { algo: 'crc32', value: 0x12345678 } } },
          },
        },
      },
      configurations: { nodes: { 'conf-1': configuration } },
    },
  });
}

const sample = (title: string, bytes: Uint8Array, epoch: number | null = null): Sample => ({
  title,
  name: 'image.itb',
  bytes,
  sourceDateEpoch: epoch,
});
const asks: BuildNode = { nodes: { 'signature-1': SIGNATURE } };
const signed: BuildNode = { nodes: { 'signature-1': SIGNED } };

/** Where the time of all these images lies: header, one reservation, the root, the head of its first property. */
const TIME_AT = 40 + 16 + 8 + 12;

proveNormalizer({
  normalizer: fit,
  samples: [
    sample('a time', image(LATE)),
    sample('a time after the epoch', image(LATE), EPOCH),
    sample('data behind it', Buffer.concat([image(LATE), Buffer.from('data')])),
    sample('a signature that is asked for', image(LATE, asks)),
  ],
  normal: [
    sample('no time', image(0)),
    sample('a time before the epoch', image(EPOCH - 1), EPOCH),
    sample('no image but a blob', fdt({ properties: { timestamp: LATE } })),
    sample('signed at the epoch', image(EPOCH, signed), EPOCH),
    sample('an image without a time', fdt({ nodes: { images: {} } })),
  ],
  left: [
    sample('signed', image(LATE, signed)),
    sample('a time of 8 bytes', image(new Uint8Array(8))),
    sample('cut off', image(LATE).subarray(0, -1)),
    sample('damaged', Buffer.from(image(LATE)).fill(7, 56, 60)),
  ],
  pairs: [
    { title: 'timestamp', name: 'a.itb', before: image(1), after: image(2) },
    {
      title: 'timestamp after the epoch',
      name: 'a.itb',
      before: image(LATE),
      after: image(LATE + 1),
      sourceDateEpoch: EPOCH,
    },
  ],
  // All but the four bytes; where a mutant has the time elsewhere, the digest of what is not a timestamp differs.
  content: (bytes) => {
    const copy = Buffer.from(bytes);
    const at = copy.indexOf(Buffer.from([0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0]));
    if (at < 0) return null;
    return copy.fill(0, at + 12, at + 16).toString('latin1');
  },
});

test('the time of these samples is where they say', () => {
  assert.equal(image(LATE).readUInt32BE(TIME_AT), LATE);
});

test(
  'two runs of mkimage become one, the hashes hold and the contents stay',
  { skip: needs('mkimage', 'dumpimage', 'dtc', 'fdtget') },
  (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'kernel'), 'a kernel '.repeat(100));
    writeFileSync(join(folder, 'image.its'), SOURCE);
    const env = { PATH: process.env['PATH'], TZ: 'UTC' };
    const made = (name: string, epoch: number, ...args: readonly string[]): Buffer => {
      const options = ['-f', 'image.its', ...args, name];
      const asked = { ...env, SOURCE_DATE_EPOCH: String(epoch) };
      execFileSync('mkimage', options, { cwd: folder, env: asked, stdio: 'pipe' });
      return readFileSync(join(folder, name));
    };
    const listed = (bytes: Uint8Array): string => {
      writeFileSync(join(folder, 'listed.itb'), bytes);
      return execFileSync('dumpimage', ['-l', 'listed.itb'], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
    };
    for (const args of [[], ['-E']]) {
      const builds = [LATE, LATE + 1].map((epoch) => made('image.itb', epoch, ...args));
      assert.notDeepEqual(builds[0], builds[1]);
      const [first, second] = builds.map((bytes) => {
        const result = fit.normalize({ bytes, name: 'image.itb', sourceDateEpoch: EPOCH });
        assert.ok(result.kind === 'changed');
        return Buffer.from(result.bytes);
      });
      assert.deepEqual(first, second);
      assert.deepEqual(first, made('same.itb', EPOCH, ...args));
      const rest = (text: string): string => text.replace(/^ *Created:.*$/gm, '');
      assert.notEqual(listed(first!), listed(builds[0]!));
      assert.equal(rest(listed(first!)), rest(listed(builds[0]!)));
    }
  },
);

const SOURCE = `/dts-v1/;
/ {
  description = "an image";
  #address-cells = <1>;
  images {
    kernel {
      description = "kernel";
      data = /incbin/("kernel");
      type = "kernel";
      arch = "arm";
      os = "linux";
      compression = "none";
      load = <0x8000>;
      entry = <0x8000>;
      hash-1 { algo = "sha256"; };
    };
  };
  configurations {
    default = "conf";
    conf { kernel = "kernel"; };
  };
};
`;
