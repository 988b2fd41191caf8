/** Archives of GNU tar, bsdtar and Python, in every format they write, before and after: what is extracted is the same. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { tar } from '../../../src/scrub/normalizers/tar.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { extracted, makeTree, shell } from './archive-tree.js';

const EPOCH = 1_600_000_000;
/** Members in an order of their own: names before what they are linked to, files before their directories. */
const SHUFFLED = `find . -mindepth 1 | LC_ALL=C sort -r >../list`;
const python = (format: string): string =>
  `python3 -c "import tarfile,sys
t=tarfile.open('../out.tar','w',format=tarfile.${format})
for n in open('../list',errors='surrogateescape'): t.add(n.rstrip(chr(10)),recursive=False)
t.close()"`;

const WRITERS: readonly {
  readonly id: string;
  readonly line: string;
  readonly long?: boolean;
  readonly needs: string;
}[] = [
  ...['gnu', 'oldgnu', 'posix'].map((format) => ({
    id: `GNU tar ${format}`,
    line: `tar --format=${format} --no-recursion -T ../list -cf ../out.tar`,
    needs: 'tar',
  })),
  ...['ustar', 'v7'].map((format) => ({
    id: `GNU tar ${format}`,
    line: `tar --format=${format} --no-recursion -T ../list -cf ../out.tar`,
    long: false,
    needs: 'tar',
  })),
  ...['pax', 'gnutar'].map((format) => ({
    id: `bsdtar ${format}`,
    line: `bsdtar --format=${format} -n -T ../list -cf ../out.tar`,
    needs: 'bsdtar',
  })),
  ...['ustar', 'v7'].map((format) => ({
    id: `bsdtar ${format}`,
    line: `bsdtar --format=${format} -n -T ../list -cf ../out.tar`,
    long: false,
    needs: 'bsdtar',
  })),
  { id: 'Python pax', line: python('PAX_FORMAT'), needs: 'python3' },
  { id: 'Python GNU', line: python('GNU_FORMAT'), needs: 'python3' },
  { id: 'Python ustar', line: python('USTAR_FORMAT'), long: false, needs: 'python3' },
];

const READERS = [
  { program: 'tar', line: 'tar xpf ../x.tar' },
  { program: 'bsdtar', line: 'bsdtar xpf ../x.tar' },
  {
    program: 'python3',
    line: `python3 -c "import tarfile; tarfile.open('../x.tar').extractall()"`,
  },
];

for (const writer of WRITERS)
  test(
    `What ${writer.id} packed twice becomes the same archive, and every reader extracts the same`,
    { skip: needs(writer.needs, ...READERS.map(({ program }) => program)) },
    (t) => {
      const folder = tempFolder(t);
      const [first, second] = [1, 9].map((seed) => {
        const tree = join(folder, `tree${seed}`);
        makeTree(tree, seed, {
          long: writer.long !== false,
          pipe: !writer.id.endsWith('v7'),
        });
        // Directory order and the order of packing differ too.
        shell(tree, seed === 1 ? SHUFFLED : SHUFFLED.replace('-r', ''));
        shell(tree, writer.line);
        return readFileSync(join(folder, 'out.tar'));
      }) as [Buffer, Buffer];
      assert.notDeepEqual(first, second);
      const after = normalized(first);
      assert.deepEqual(normalized(second), after);
      // Python starts slowly; what it reads differently are pax records.
      for (const { program, line } of READERS.slice(0, /posix|Python/.test(writer.id) ? 3 : 2))
        assert.deepEqual(
          extraction(folder, `${program}-after`, line, after),
          extraction(folder, `${program}-before`, line, first),
          program,
        );
    },
  );

test(
  'GNU tar gnu, ustar and posix and Python become the same archive where ustar can hold everything',
  { skip: needs('tar', 'python3') },
  (t) => {
    const folder = tempFolder(t);
    const tree = join(folder, 'tree');
    makeTree(tree, 3, { long: false, pipe: false });
    shell(tree, 'rm a/caf*');
    shell(tree, SHUFFLED);
    const archives = WRITERS.filter(({ id }) => /GNU tar|Python/.test(id)).map(({ id, line }) => {
      shell(tree, line);
      return { id, bytes: normalized(readFileSync(join(folder, 'out.tar'))) };
    });
    for (const { id, bytes } of archives) assert.deepEqual(bytes, archives[0]!.bytes, id);
  },
);

for (const kind of ['gnu', 'posix --sparse-version=0.0', 'posix --sparse-version=0.1', 'posix'])
  test(
    `A sparse file of GNU tar ${kind} keeps its map and its holes`,
    { skip: needs('tar', 'bsdtar') },
    (t) => {
      const folder = tempFolder(t);
      mkdirSync(join(folder, 'tree'));
      // Enough regions for blocks behind the header.
      shell(
        join(folder, 'tree'),
        `for i in $(seq 0 40); do printf data$i | dd of=hole bs=1 seek=$((i * 200000)) conv=notrunc status=none; done
         truncate -s 9M hole; ln hole twin; tar -S --format=${kind} -cf ../out.tar hole twin`,
      );
      const before = readFileSync(join(folder, 'out.tar'));
      assert.ok(before.length < 2_000_000);
      const after = normalized(before);
      for (const { program, line } of READERS.slice(0, 2))
        assert.deepEqual(
          extraction(folder, `${program}-after`, line, after),
          extraction(folder, `${program}-before`, line, before),
          program,
        );
    },
  );

test('Extended attributes stay', { skip: needs('tar', 'setfattr') }, (t) => {
  const folder = tempFolder(t);
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  shell(
    tree,
    `printf 1 >b; ln b a; setfattr -n user.z -v 1 b; setfattr -n user.a -v 0x0a00ff b
     tar --xattrs --format=posix -cf ../out.tar b a`,
  );
  const before = readFileSync(join(folder, 'out.tar'));
  const line = 'tar --xattrs -xpf ../x.tar';
  assert.deepEqual(
    extraction(folder, 'after', line, normalized(before)),
    extraction(folder, 'before', line, before),
  );
});

function normalized(bytes: Uint8Array): Buffer {
  const input = { bytes, name: 'a.tar', sourceDateEpoch: EPOCH };
  const result = tar.normalize(input);
  if (result.kind !== 'changed') assert.fail(JSON.stringify(result));
  assert.equal(tar.normalize({ ...input, bytes: result.bytes }).kind, 'normal');
  return Buffer.from(result.bytes);
}

function extraction(folder: string, name: string, line: string, bytes: Uint8Array): unknown {
  const target = join(folder, name);
  mkdirSync(target);
  writeFileSync(join(folder, 'x.tar'), bytes);
  shell(target, line);
  return extracted(target);
}
