import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readMarshal, type MarshalNode } from '../../../src/formats/marshal.js';
import { readPycHeader } from '../../../src/formats/pyc.js';
import type { NormalizeInput } from '../../../src/scrub/normalizers/define.js';
import { pyc } from '../../../src/scrub/normalizers/pyc.js';
import {
  buildPyc,
  bytesObject,
  code,
  dict,
  frozenset,
  int,
  longTuple,
  marked,
  MTIME,
  none,
  oldCode,
  ref,
  slice,
  text,
  tuple,
  type PycFields,
} from '../../formats/build-pyc.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';

const sample = (title: string, body: string, fields?: PycFields): Sample => ({
  title,
  name: 'm.cpython-311.pyc',
  bytes: buildPyc(body, fields),
});
const pair = (title: string, before: string, after: string, fields?: PycFields): Pair => ({
  title,
  name: 'm.pyc',
  before: buildPyc(before, fields),
  after: buildPyc(after, fields),
});

const shared = code(marked(text('a b')), marked(tuple(int(1))), ref(1), ref(0), none);
const python2 = { magic: 62211, words: [MTIME] };
const interned = (value: string): string => bytesObject(value).replace('s', 't');

proveNormalizer({
  normalizer: pyc,
  samples: [
    sample('marks without references', marked(code(marked(text('a')), marked(int(1)), none))),
    sample(
      'marks, some of them needed',
      code(marked(int(5)), marked(text('a b')), marked(tuple(int(1))), ref(2), ref(1)),
    ),
    sample(
      'a set with an element that is referred to from before and from behind',
      code(marked(text('b')), frozenset(ref(0), marked(text('a')), int(7)), ref(1)),
    ),
    sample('sets in tuples in sets', code(frozenset(tuple(int(2)), frozenset(int(9), int(1))))),
    sample(
      'all that is not code',
      marked(
        code(
          'T',
          'F',
          '.',
          'S',
          none,
          `g${'\0'.repeat(8)}`,
          `y${'\0'.repeat(16)}`,
          'f\x031.5',
          'x\x011\x012',
          'l\x02\0\0\0abcd',
          'l\xff\xff\xff\xffab',
          'u\x02\0\0\0\xc3\xa9',
          'a\x01\0\0\0x',
          'A\x01\0\0\0x',
          't\x01\0\0\0x',
          `[\x01\0\0\0${none}`,
          dict([text('k'), none]),
          longTuple(none),
          `<\x01\0\0\0${none}`,
          frozenset(),
        ),
      ),
    ),
    sample('a hash of the source', marked(code(none)), { words: [3, 1, 2] }),
    sample('slices', marked(code(slice(int(1), int(2), none))), { magic: 3627 }),
    sample('Python 3.8', marked(oldCode(6, text, none)), { magic: 3413 }),
    sample('Python 3.4', marked(oldCode(5, text, none)), { magic: 3310, words: [MTIME, 3] }),
    sample(
      'Python 3.2',
      oldCode(5, (s) => bytesObject(s).replace('s', 'u'), frozenset(int(2), int(1))),
      {
        magic: 3180,
        words: [MTIME],
      },
    ),
    sample(
      'Python 2.7',
      oldCode(
        4,
        interned,
        frozenset(interned('z'), 'R\0\0\0\0', interned('y')),
        'R\x01\0\0\0',
      ).replace('R\0\0\0\0', `I${'\0'.repeat(8)}`),
      python2,
    ),
  ],
  normal: [
    sample('nothing marked', code(none, int(1))),
    sample('marks that are all needed', shared),
    sample('a set in order', code(frozenset(int(1), int(2), text('a')))),
    sample('a set of what has no order', code(frozenset(code(), text('a'), int(1)))),
    sample('Python 2.7', oldCode(4, interned, interned('a'), 'R\0\0\0\0'), python2),
  ],
  left: [
    sample('of no release', code(none), { magic: 3494 }),
    sample('of no interpreter', code(none), { magic: 12 }),
    sample('unknown flags', code(none), { words: [4, 0, 0] }),
    sample('a check of no hash', code(none), { words: [2, 0, 0] }),
    sample('no code', tuple(none)),
    sample('bytes behind', `${code(none)}N`),
    sample('a reference forwards', code(ref(0), marked(text('a')))),
    sample('a reference to itself', code(marked(tuple(ref(0))))),
    sample('a marked constant', code(marked(none))),
    sample('an unknown type', code('?')),
    sample('a slice before its time', code(slice(none, none, none))),
    sample('a marked reference', code(marked(text('a')), marked(ref(0)))),
    sample('nested without end', ')\x01'.repeat(3000)),
    sample('a count beyond the end', code('(\xff\xff\xff\x7f')),
    sample('cut off in the header', ''.padEnd(0), { words: [0, 1] }),
  ],
  pairs: [
    pair('marks', marked(code(marked(text('a')), none)), code(text('a'), none)),
    pair(
      'order of a set, its references with it',
      code(frozenset(marked(text('a')), text('b'), int(3)), ref(0)),
      code(frozenset(int(3), text('b'), marked(text('a'))), ref(0)),
    ),
  ],
  content: (bytes) => {
    try {
      const { bodyAt, dialect } = readPycHeader(bytes);
      const head = Buffer.from(bytes.subarray(0, bodyAt)).toString('latin1');
      return head + valueOf(readMarshal(bytes.subarray(bodyAt), dialect).root);
    } catch {
      return null;
    }
  },
});

/** The value without its references; sets as sets. */
function valueOf({ type, parts }: MarshalNode): string {
  const values = parts.map((part) =>
    part instanceof Uint8Array
      ? JSON.stringify(Buffer.from(part).toString('latin1'))
      : valueOf(part),
  );
  const isSet = '<>'.includes(String.fromCharCode(type));
  return `${String.fromCharCode(type)}[${(isSet ? values.toSorted() : values).join()}]`;
}

test('the time of the source is clamped only together with that of the source', () => {
  const epoch = MTIME - 1000;
  const bytes = buildPyc(code(none));
  const stamped = (
    source: NormalizeInput['source'],
    sourceDateEpoch: number | null = epoch,
  ): number | 'same' => {
    const rest = source === undefined ? {} : { source };
    const result = pyc.normalize({ bytes, name: 'm.pyc', sourceDateEpoch, ...rest });
    if (result.kind !== 'changed') return 'same';
    const stamp = new DataView(result.bytes.buffer, result.bytes.byteOffset).getUint32(8, true);
    assert.equal(result.fields[0]?.after, String(stamp));
    return stamp;
  };
  const fits = { mtimeSeconds: MTIME, mtimeAfterSeconds: epoch, sizeBytes: 3 };
  assert.equal(stamped(fits), epoch);
  assert.equal(stamped({ ...fits, mtimeSeconds: epoch }), 'same');
  assert.equal(stamped({ ...fits, sizeBytes: 0x1_0000_0003 }), epoch);
  assert.equal(stamped(undefined), 'same');
  assert.equal(stamped({ ...fits, mtimeAfterSeconds: MTIME }), 'same');
  assert.equal(stamped({ ...fits, mtimeSeconds: MTIME - 1 }), 'same');
  assert.equal(stamped({ ...fits, sizeBytes: 4 }), 'same');
  assert.equal(stamped(fits, null), 'same');
  assert.equal(stamped(fits, MTIME), 'same');
  const hashed = buildPyc(code(none), { words: [3, MTIME, 3] });
  const result = pyc.normalize({ bytes: hashed, name: '', sourceDateEpoch: epoch, source: fits });
  assert.equal(result.kind, 'normal');
});

/** Compiles real modules, each twice: the second time while somebody else holds every object. Compares, and imports. */
const COMPILE = `
import glob, importlib.util, marshal, os, sys
out = sys.argv[1]
held = []
def hold(value):
    held.append(value)
    if hasattr(value, 'co_consts'):
        for key in dir(value):
            if key.startswith('co_'): held.append(getattr(value, key))
        for one in value.co_consts: hold(one)
    elif isinstance(value, (tuple, frozenset)):
        for one in value: hold(one)
sources = sorted(glob.glob(os.path.dirname(os.__file__) + '/*.py'))[::4]
for number, path in enumerate(sources):
    code = compile(open(path, 'rb').read(), path, 'exec', dont_inherit=True)
    for kind in 'ab':
        with open(f'{out}/{number}.{kind}.pyc', 'wb') as file:
            file.write(importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code))
        hold(code)
`;
const COMPARE = `
import glob, marshal, sys
def same(one, other):
    if type(one) is not type(other) or one != other: return False
    if hasattr(one, 'co_consts'):
        return all(same(getattr(one, key), getattr(other, key)) for key in dir(one)
            if key.startswith('co_') and key not in ('co_lnotab', 'co_lines', 'co_positions', 'co_branches'))
    return all(map(same, one, other)) if isinstance(one, tuple) else True
for path in glob.glob(sys.argv[1] + '/*.a.pyc'):
    before, after = (marshal.loads(open(name, 'rb').read()[16:]) for name in (path, path + '.fixed'))
    assert same(before, after), path
print('same')
`;

test(
  'what Python holds twice while it writes no longer shows, and it reads the same code back',
  { skip: needs('python3') },
  (t) => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'out'));
    const python = (script: string): string =>
      execFileSync('python3', ['-c', script, join(folder, 'out')], { encoding: 'utf8' });
    python(COMPILE);
    const read = (file: string): Uint8Array => readFileSync(join(folder, 'out', file));
    const names = readdirSync(join(folder, 'out')).filter((file) => file.endsWith('.a.pyc'));
    assert.ok(names.length > 20);
    let differed = 0;
    for (const file of names) {
      const [one, other] = [file, file.replace('.a.', '.b.')].map((which) => {
        const bytes = read(which);
        const result = pyc.normalize({ bytes, name: which, sourceDateEpoch: null });
        assert.notEqual(result.kind, 'left', which);
        return { bytes, fixed: result.kind === 'changed' ? result.bytes : bytes };
      });
      if (Buffer.compare(one!.bytes, other!.bytes) !== 0) differed++;
      assert.equal(Buffer.compare(one!.fixed, other!.fixed), 0, file);
      writeFileSync(join(folder, 'out', `${file}.fixed`), one!.fixed);
    }
    assert.ok(differed > 0);
    assert.equal(python(COMPARE), 'same\n');
  },
);
