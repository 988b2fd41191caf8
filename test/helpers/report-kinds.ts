/** Reports of all kinds: every finding, gap, escape and verdict there is. */

import type { TreePath } from '../../src/core/path.js';
import type { Report } from '../../src/core/report.js';
import { diffTrees } from './diff-trees.js';
import type { Node, Tree } from './memory-tree.js';

/** A newline, a screen-clearing sequence, a byte that is no UTF-8, a bidi override (UTF-8), C1 CSI (UTF-8). */
export const NASTY = [
  'x\ny',
  '\x1b[2Jz',
  'n\xff',
  '\xe2\x80\xaegpj.exe',
  '\xc2\x9b31m',
  '\x7f',
  '::error::',
] as const;

export async function reportKinds(): Promise<Readonly<Record<string, Report>>> {
  const tree: Tree = { 'a/b': { content: 'x' } };
  return {
    same: await diffTrees(tree, tree),
    incomplete: await incomplete(),
    everyAttribute: await everyAttribute(),
    nasty: await nasty(),
    poorCapture: await diffTrees(tree, tree, {
      before: {
        capture: {
          digests: ['xxh64'],
          xattrs: 'unprivileged',
          mtime: false,
          ownership: false,
          hardLinks: false,
        },
      },
      after: {
        capture: {
          exclusions: [{ pattern: 'tmp/**', reason: 'scratch' }],
          mountPoints: ['proc' as TreePath],
        },
      },
    }),
    noDigestInCommon: await diffTrees(tree, tree, {
      before: { capture: { digests: ['xxh64'] } },
      after: { capture: { digests: [] } },
    }),
  };
}

function incomplete(): Promise<Report> {
  const at = (path: string) => path as TreePath;
  return diffTrees(
    {
      f: { coverage: 'unreadable' },
      g: { coverage: 'unstable' },
      s: { type: 'symlink', coverage: 'unreadable' },
    },
    { f: {}, g: {}, s: { type: 'symlink', target: 'x' }, v: {} },
    {
      before: {
        diagnostics: [
          { code: 'unreadable', path: at('f'), detail: 'EACCES' },
          { code: 'vanished', path: at('v'), detail: 'ENOENT' },
          { code: 'package-database', path: at('var/lib/rpm'), detail: 'damaged' },
          { code: 'not-rewritable', path: at('etc/x'), detail: 'xattrs' },
          { code: 'format', path: null, detail: 'odd' },
        ],
      },
    },
  );
}

function everyAttribute(): Promise<Report> {
  const xattrs = [{ name: 'security.capability', value: '\x01\x00\x00\x02' }];
  const digest = new Uint8Array(32).fill(7);
  const edit = {
    rule: 'logs',
    ruleVersion: 1,
    path: 'var/log/x' as TreePath,
    reason: 'log',
    secret: false,
  };
  return diffTrees(
    {
      content: { content: 'a', size: 2 ** 60 },
      device: { type: 'block', rdev: { major: 8, minor: 1 } },
      gone: { type: 'directory' },
      'gone/x': {},
      kind: { type: 'symlink', target: 'x' },
      l1: { inode: 'l' },
      l2: { inode: 'l' },
      m: { xattrs },
      row: { content: '1' },
      'd/row2': { content: '1' },
      t: { type: 'symlink', target: 'a' },
    },
    {
      content: { content: 'b', size: 2 ** 60, mode: 0o4755, uid: 1, gid: 2, mtimeNs: -5n },
      device: { type: 'block', rdev: { major: 8, minor: 2 } },
      kind: { type: 'char', rdev: { major: 1, minor: 3 } },
      l1: {},
      l2: {},
      m: { xattrs: [{ name: 'user.note', value: 'text' }] },
      new: { type: 'socket' },
      row: { content: '2' },
      'd/row2': { content: '2' },
      t: { type: 'symlink', target: 'b' },
    },
    {
      classify: (path) =>
        path.includes('row')
          ? { row: 'row', what: 'a known file', remedy: 'remove it', rule: null }
          : null,
      before: {
        build: {
          meta: {
            'rpm-ostree-inputhash': 'i',
            'ostree-content-checksum': 'x',
            n: { big: 2 ** 60 },
          },
          packages: [{ manager: 'rpm', name: 'bash', version: '5', architecture: 'x86_64' }],
          edits: [
            {
              ...edit,
              kind: 'truncate',
              oldSize: 5,
              newSize: 0,
              oldDigest: digest,
              newDigest: digest,
              oldMtimeNs: null,
              newMtimeNs: null,
            },
            {
              ...edit,
              kind: 'set-mtime',
              oldSize: null,
              newSize: null,
              oldDigest: null,
              newDigest: null,
              oldMtimeNs: -1n,
              newMtimeNs: 2n ** 62n,
            },
          ],
        },
      },
      after: {
        build: {
          meta: { 'rpm-ostree-inputhash': 'i', 'ostree-content-checksum': 'y' },
          facts: { bootId: 'b', sourceDateEpoch: 1 },
        },
      },
    },
  );
}

function nasty(): Promise<Report> {
  const [before, after]: [Record<string, Node>, Record<string, Node>] = [{}, {}];
  for (const name of NASTY) {
    before[`${name}/file`] = { content: '1', xattrs: [{ name: `user.${name}`, value: name }] };
    after[`${name}/file`] = { content: '2' };
    before[`l${name}`] = { type: 'symlink', target: name };
    after[`l${name}`] = { type: 'symlink', target: `${name}2` };
    before[`h${name}`] = { inode: name };
    before[`i${name}`] = { inode: name };
    after[`h${name}`] = {};
    after[`i${name}`] = {};
    after[`n${name}`] = {};
  }
  const evil = '\u001b[2J\u202e\u009b\n::error::x';
  return diffTrees(before, after, {
    before: {
      diagnostics: [{ code: 'unreadable', path: NASTY[1] as unknown as TreePath, detail: evil }],
    },
    after: {
      capture: { exclusions: [{ pattern: evil, reason: evil }] },
      build: {
        meta: { [evil]: evil },
        facts: { hostName: evil },
        packages: [{ manager: 'rpm', name: evil, version: evil, architecture: evil }],
      },
    },
  });
}
