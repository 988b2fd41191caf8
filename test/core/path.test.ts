import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { jsonPath } from '../../src/core/json-path.js';
import {
  baseName,
  comparePaths,
  displayBytes,
  displayPath,
  isUtf8,
  isWithin,
  joinPath,
  parentPath,
  ROOT_PATH,
  treePathBytes,
  treePathFromBytes,
  treePathFromText,
  utf8Text,
  type TreePath,
} from '../../src/core/path.js';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });

test('any bytes survive the way into a path and back', () => {
  fc.assert(
    fc.property(bytes, (b) =>
      assert.deepEqual(Uint8Array.from(treePathBytes(treePathFromBytes(b))), b),
    ),
  );
});

test('distinct bytes are shown as distinct text', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [x, y] = [treePathFromBytes(a), treePathFromBytes(b)];
      assert.equal(displayBytes(x) === displayBytes(y), x === y);
    }),
  );
});

test('shown text holds no control, bidi or invisible character', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        fc.string({ unit: 'binary' }).map((s) => Uint8Array.from(Buffer.from(s))),
      ),
      (b) => {
        assert.doesNotMatch(displayBytes(treePathFromBytes(b)), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      },
    ),
  );
});

test('an escape sequence, a newline and a byte that is no UTF-8 are shown escaped, UTF-8 as it is', () => {
  assert.equal(displayPath('a\x1b[2Jb' as TreePath), '/a\\x1b[2Jb');
  assert.equal(displayPath('a\nb\\' as TreePath), '/a\\nb\\\\');
  assert.equal(displayPath('\xff\xfe' as TreePath), '/\\xff\\xfe');
  assert.equal(displayPath(treePathFromText('ünï')), '/ünï');
  assert.equal(displayPath(treePathFromText('a\u202eb')), '/a\\u{202e}b');
});

test('overlong, surrogate and truncated sequences are no UTF-8', () => {
  for (const bad of ['\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x82', '\x80'])
    assert.equal(isUtf8(bad), false);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (s) =>
      assert.equal(utf8Text(Buffer.from(s).toString('latin1')), s),
    ),
  );
});

test('UTF-8 validity agrees with TextDecoder', () => {
  fc.assert(
    fc.property(bytes, (b) => {
      let valid = true;
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(b);
      } catch {
        valid = false;
      }
      assert.equal(isUtf8(treePathFromBytes(b)), valid);
    }),
  );
});

test('a JSON path that is no UTF-8 carries its bytes', () => {
  assert.deepEqual(jsonPath('\xff' as TreePath), { path: '\\xff', pathBase64: '/w==' });
  assert.deepEqual(jsonPath(treePathFromText('é')), { path: 'é' });
});

test('d2 is not within d', () => {
  assert.equal(isWithin('d2' as TreePath, 'd' as TreePath), false);
  assert.equal(isWithin('d/2' as TreePath, 'd' as TreePath), true);
  assert.equal(isWithin('d' as TreePath, 'd' as TreePath), true);
  assert.equal(isWithin('x' as TreePath, ROOT_PATH), true);
});

test('a directory is followed by what it holds, then by names that go on with a smaller byte than the slash', () => {
  const paths = ['a-b', 'a', 'a/z', 'a/b', 'b', 'a\x01'].map((p) => p as TreePath);
  assert.deepEqual(paths.toSorted(comparePaths), ['a', 'a/b', 'a/z', 'a\x01', 'a-b', 'b']);
});

test('parent, base name and join belong together', () => {
  for (const path of ['a', 'a/b', 'a/b/c'].map((p) => p as TreePath))
    assert.equal(joinPath(parentPath(path), baseName(path)), path);
  assert.equal(parentPath(ROOT_PATH), ROOT_PATH);
  assert.equal(treePathFromText('/./etc/'), 'etc');
  assert.equal(treePathFromText('.'), '');
});
