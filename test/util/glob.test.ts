import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { compileGlob, globAlternatives, globDirectory } from '../../src/util/glob.js';

/** Pattern, what it matches, what it does not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'var/log/*',
    ['var/log/a', 'var/log/.a', 'var/log/a\nb', 'var/log/\xff'],
    ['var/log', 'var/log/a/b', 'xvar/log/a', 'srv/var/log/a'],
  ],
  ['/var/log/*', ['var/log/a'], ['var/log/a/b']],
  ['d', ['d'], ['d2', 'd/x', 'ad']],
  ['d/**', ['d/a', 'd/a/b', 'd/.a/b'], ['d', 'd2', 'd2/a']],
  ['**/x', ['x', 'a/x', 'a/b/x', '.a/x'], ['ax', 'x/a', 'a/xx']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb', 'b']],
  ['**/a/**/b', ['a/b', 'x/a/b', 'a/a/b', 'a/x/a/y/b'], ['b', 'ba/b', 'a/bb']],
  ['**', ['a', 'a/b'], ['']],
  ['a**b', ['ab', 'axxb', 'a*b'], ['a/b', 'ax/b']],
  ['*.log', ['.log', 'a.log', 'a.log.log'], ['a.log.1', 'b/a.log']],
  ['a*b*c', ['abc', 'abbc', 'axbxc', 'abcbc'], ['ab', 'acb', 'a/bc']],
  ['a?c', ['abc', 'a\nc', 'a\xffc'], ['ac', 'a/c', 'abbc']],
  ['[a-c]x', ['ax', 'cx'], ['dx', '-x', 'x']],
  ['[!a-c]x', ['dx', '-x'], ['ax', '/x']],
  ['[]a]', [']', 'a'], ['b']],
  ['[a-]', ['a', '-'], ['b']],
  ['a[!b]c', ['axc'], ['a/c', 'abc']],
  ['{a,b{c,d}}/x', ['a/x', 'bc/x', 'bd/x'], ['b/x', 'a', '{a/x']],
  ['log{,.[0-9]*}', ['log', 'log.1', 'log.1.gz'], ['log.old', 'log2']],
  ['\\*', ['*'], ['a']],
  ['\\{a,b\\}', ['{a,b}'], ['a', 'b']],
  ['ä?', [Buffer.from('äx').toString('latin1')], ['äx', 'ax']],
  ['a.c', ['a.c'], ['abc']],
  ['(a|b)+', ['(a|b)+'], ['a']],
];

for (const [pattern, matching, others] of CASES)
  test(`the glob ${pattern} means what it says`, () => {
    const matches = compileGlob(pattern);
    for (const path of matching) assert.equal(matches(path), true, path);
    for (const path of others) assert.equal(matches(path), false, path);
  });

test('a pattern that is not well formed is refused', () => {
  for (const pattern of ['a[b', '{a', 'a{b,{c}', '[', 'x{a,b'])
    assert.throws(() => compileGlob(pattern), RangeError);
});

test('too many alternatives are refused before they are made', () => {
  assert.throws(() => compileGlob('{a,b}'.repeat(40)), RangeError);
});

test('many stars do not take exponential time', () => {
  assert.equal(compileGlob(`${'*a'.repeat(40)}b`)('a'.repeat(255)), false);
  assert.equal(compileGlob(`${'**/a*/'.repeat(20)}b`)('a/'.repeat(500)), false);
});

test('the directory of a glob holds all that it matches', () => {
  assert.equal(globDirectory('var/log/*.log'), 'var/log');
  assert.equal(globDirectory('var/l*/x'), 'var');
  assert.equal(globDirectory('**/x'), '');
  assert.equal(globDirectory('x'), '');
});

const byte = fc.constantFrom('a', 'b', '.', '/', '\n', '\xff');
const path = fc.array(byte, { maxLength: 10 }).map((bytes) =>
  bytes
    .join('')
    .replace(/\/+/g, '/')
    .replace(/^\/|\/$/g, ''),
);
const piece = fc.constantFrom(
  'a',
  'b',
  '.',
  '/',
  '*',
  '?',
  '**/',
  '/**/',
  '[ab]',
  '[!a]',
  '{a,b/a}',
);
const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) =>
  pieces
    .join('')
    .replace(/\/+/g, '/')
    .replace(/^\/|\/$/g, ''),
);

test('a glob matches exactly what a plain recursive definition says', () => {
  fc.assert(
    fc.property(pattern, path, (glob, name) => {
      const expected = globAlternatives(glob).some(
        (one) => name !== '' && reference(one.split('/'), name.split('/')),
      );
      assert.equal(
        name !== '' && compileGlob(glob)(name),
        expected,
        `${glob} on ${JSON.stringify(name)}`,
      );
    }),
    { numRuns: 3000 },
  );
});

test('a path written with escapes matches itself alone', () => {
  fc.assert(
    fc.property(path, path, (name, other) => {
      const ascii = name.replaceAll('\xff', 'x');
      const matches = compileGlob(ascii.replace(/[*?[\]{}\\,]/g, '\\$&'));
      assert.equal(matches(ascii), true);
      assert.equal(matches(other), other === ascii);
    }),
  );
});

/** The definition, without regard to time. */
function reference(glob: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return name.length === 0;
  if (first === '**' && rest.length === 0) return name.length > 0;
  if (first === '**')
    return reference(rest, name) || (name.length > 0 && reference(glob, name.slice(1)));
  return name.length > 0 && component(first, name[0]!) && reference(rest, name.slice(1));
}

function component(glob: string, name: string): boolean {
  if (glob === '') return name === '';
  if (glob[0] === '*')
    return component(glob.slice(1), name) || (name !== '' && component(glob, name.slice(1)));
  if (name === '') return false;
  if (glob[0] === '?') return component(glob.slice(1), name.slice(1));
  if (glob.startsWith('[ab]'))
    return 'ab'.includes(name[0]!) && component(glob.slice(4), name.slice(1));
  if (glob.startsWith('[!a]')) return name[0] !== 'a' && component(glob.slice(4), name.slice(1));
  return glob[0] === name[0] && component(glob.slice(1), name.slice(1));
}
