import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { whyRefused, type FactsOf } from '../../../src/app/content/refusal.js';
import type { FactPart, Facts } from '../../../src/core/facts.js';
import type { TreePath } from '../../../src/core/path.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function facts(format: string, more: Partial<Facts> = {}): Facts {
  const none = { facts: [], tables: [], content: null, problems: [] };
  return { format, version: 1, size: 1, key: null, ...none, ...more };
}

function holding(key: string, part: Partial<FactPart>): Partial<Facts> {
  const whole = { size: 1, digest: 'inner', format: 'text', skipped: null, ...part };
  const rows = [{ key, values: [], offset: 0, part: whole }];
  return { tables: [{ name: '', ordered: true, columns: [], rows }] };
}

/** Facts of the file and of `inner`. */
async function isRefused(
  path: string,
  content: string | Uint8Array,
  outer: readonly Facts[] = [facts('text')],
  inner: readonly Facts[] = [facts('text')],
): Promise<boolean> {
  const bytes = Buffer.from(content);
  const factsOf: FactsOf = (digest) =>
    Promise.resolve(digest === sha256(bytes) ? outer : digest === 'inner' ? inner : []);
  return (await whyRefused(path as TreePath, bytes, sha256(bytes), factsOf)) !== null;
}

const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA'.repeat(4)}\n`;
const NAMES = '>0="-----BEGIN PGP PRIVATE KEY BLOCK-----\n[50:x]';

test('plain files that were looked into are kept', async () => {
  assert.equal(await isRefused('etc/hosts', 'localhost'), false);
  assert.equal(await isRefused('var/lib/x', Buffer.of(0, 1, 2), [facts('blocks')]), false);
  assert.equal(await isRefused('var/lib/x', 'nobody looked', []), true);
});

test('secrets are refused by path and by content, wherever in the file they are', async () => {
  assert.ok(await isRefused('etc/shadow', 'root:*:1:'));
  assert.ok(await isRefused('usr/etc/ssh/ssh_host_rsa_key', 'x'));
  assert.ok(await isRefused('srv/store.p12', 'x'));
  assert.ok(await isRefused('srv/notes', PEM));
  for (const at of [5000, 1024 * 1024 - 100, 1024 * 1024 - 20, 3_000_000]) {
    assert.ok(await isRefused('srv/notes', `${'x'.repeat(at)}\n${PEM}`), `${at}`);
    assert.equal(await isRefused('srv/notes', `${'x'.repeat(at)}\n${NAMES}`), false, `${at}`);
  }
  const json = JSON.stringify({ more: 'x'.repeat(5000), key: PEM });
  assert.ok(await isRefused('srv/account.json', json));
  assert.ok(await isRefused('srv/copy', 'a:x\nroot:$6$salt$abcdefghijkl:19000:0\n'));
  assert.ok(await isRefused('srv/htpasswd', 'me:$apr1$abcdefgh$0123456789\n'));
  assert.equal(await isRefused('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'), false);
});

test('an archive is refused unless what it holds was looked into, and none of it is secret', async () => {
  const archive = gzipSync('x');
  const open = (key: string, part: Partial<FactPart> = {}): readonly Facts[] => [
    facts('blocks'),
    facts('gzip', holding(key, part)),
  ];
  assert.ok(await isRefused('a.gz', archive, [facts('blocks')]));
  assert.ok(await isRefused('a.gz', archive, [facts('gzip')]));
  assert.equal(await isRefused('a.gz', archive, open('a')), false);
  assert.ok(await isRefused('a.gz', archive, open('etc/shadow', { digest: 'keyed' })));
  assert.ok(await isRefused('a.gz', archive, open('a', { skipped: 'nested too deeply' })));
  assert.ok(await isRefused('a.gz', archive, open('a'), [facts('passwd', { key: 'k' })]));
  assert.ok(await isRefused('a.gz', archive, open('a'), [facts('secret')]));
  assert.ok(await isRefused('a.gz', archive, open('a'), []));
  assert.ok(await isRefused('a.gz', archive, open('a.7z'), [facts('blocks')]));
  assert.ok(await isRefused('a.gz', archive, open('a'), [facts('squashfs')]));
  const damaged = facts('text', { problems: [{ offset: 0, detail: 'not gzip' }] });
  assert.ok(await isRefused('a.gz', archive, open('a'), [damaged]));
  assert.equal(await isRefused('a.gz', archive, open('etc/shadow', { size: 0 })), false);
});

test('heads of archives that nobody looks into are refused', async () => {
  const blocks = [facts('blocks')];
  for (const head of ['PK\x03\x04', '070701', '!<arch>\n', 'MZ', 'Rar!', '\xfe\xed\xfe\xed'])
    assert.ok(await isRefused('x', Buffer.from(`${head}...`, 'latin1'), blocks), head);
  const tar = Buffer.alloc(1024);
  tar.write('ustar', 257);
  assert.ok(await isRefused('x', tar, blocks));
});
