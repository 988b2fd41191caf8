import assert from 'node:assert/strict';
import test from 'node:test';

import { differByChance } from '../../../src/diff/facts/names.js';

test('names of mktemp(3), of temporary files of Python and of compilers differ by chance', () => {
  for (const [a, b] of [
    ['mkinitramfs-MAIN_xoTHa6', 'mkinitramfs-MAIN_L5JeXd'],
    ['dracut.Ab3xYz', 'dracut.Qr9LmN'],
    ['/var/tmp/dracut.Ab3xYz/initramfs', '/var/tmp/dracut.Qr9LmN/initramfs'],
    ['tmp.k3JvB1xQ0z', 'tmp.PfW8sL2mTa'],
    ['tmpabc_defg', 'tmpzyx_wvut'],
    ['ccQ1w2E3.o', 'ccZ9y8X7.o'],
  ] as const)
    assert.equal(differByChance(a, b), true, `${a} ${b}`);
});

test('machines, versions, dates, short digests and words do not', () => {
  for (const [a, b] of [
    ['foo-armv7l', 'foo-mips64'],
    ['report_2026Q3', 'report_2026Q4'],
    ['image-Fedora42', 'image-Fedora43'],
    ['core-ab12cd', 'core-ef34ab'],
    ['core-AB12CD', 'core-EF34AB'],
    ['chunk-3f2a1b9c', 'chunk-9e8d7c6b'],
    ['lib_Config', 'lib_Window'],
    ['a-RELEASE1', 'a-RELEASE2'],
    ['base-Debian12', 'base-Ubuntu24'],
    ['one_xoTHa6', 'two_L5JeXd'],
    ['same_xoTHa6', 'same_xoTHa6'],
  ] as const)
    assert.equal(differByChance(a, b), false, `${a} ${b}`);
});
