import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const SRC = resolve(import.meta.dirname, '../../../src');

/** What each layer may import, itself apart; siblings of one level never import each other. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  util: [],
  core: ['util'],
  formats: ['core', 'util'],
  fs: ['core', 'util'],
  sources: ['fs', 'formats', 'core', 'util'],
  packages: ['fs', 'formats', 'core', 'util'],
  inspectors: ['fs', 'formats', 'core', 'util'],
  scrub: ['fs', 'formats', 'core', 'util'],
  store: ['fs', 'formats', 'core', 'util'],
  diff: ['fs', 'formats', 'core', 'util'],
  reporters: ['fs', 'formats', 'core', 'util', ''],
  app: [
    'sources',
    'packages',
    'inspectors',
    'scrub',
    'store',
    'diff',
    'reporters',
    'fs',
    'formats',
    'core',
    'util',
  ],
  tui: ['app', 'core', 'util'],
  cli: [
    'tui',
    'app',
    'sources',
    'packages',
    'scrub',
    'store',
    'diff',
    'reporters',
    'fs',
    'core',
    'util',
    '',
  ],
  '': [
    'app',
    'core',
    'util',
    'diff',
    'store',
    'sources',
    'scrub',
    'reporters',
    'packages',
    'tui',
    'cli',
  ],
};

/** Loaded on first use only: each costs start-up time that most commands must not pay. */
const LAZY = ['ink', 'react', 'fast-glob', 'diff'];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g;

function sourceFiles(): readonly string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
}

function importsOf(file: string): readonly string[] {
  return [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)].map(
    (match) => (match[1] ?? match[2] ?? match[3])!,
  );
}

const layerOf = (file: string): string =>
  file.includes('/') ? file.slice(0, file.indexOf('/')) : '';

test('every import goes down the layers, and no sibling imports another', () => {
  const forbidden = sourceFiles().flatMap((file) =>
    importsOf(file)
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(SRC, resolve(SRC, dirname(file), target)))
      .filter(
        (target) =>
          layerOf(target) !== layerOf(file) && !ALLOWED[layerOf(file)]!.includes(layerOf(target)),
      )
      .map((target) => `${file} -> ${target}`),
  );
  assert.deepEqual(forbidden, []);
});

test('the check sees an import when there is one', () => {
  assert.ok(importsOf('cli/main.ts').includes('../core/errors.js'));
  assert.ok(sourceFiles().length > 60);
});

test('ink, react and fast-glob are imported by no module that every command loads', () => {
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const text = readFileSync(join(SRC, file), 'utf8');
    for (const match of text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s(?!type\s)[^'"]*?from\s+'([^']+)'/g,
    )) {
      const target = match[1]!;
      assert.ok(!LAZY.includes(target), `${file} imports ${target} eagerly`);
      if (!target.startsWith('.')) continue;
      const path = relative(SRC, resolve(SRC, dirname(file), target)).replace(/\.js$/, '');
      visit(sourceFiles().includes(`${path}.ts`) ? `${path}.ts` : `${path}.tsx`);
    }
  };
  visit('cli/main.ts');
  visit('cli/commands/diff.ts');
});
