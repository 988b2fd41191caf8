import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TreePath } from '../../../src/core/path.js';
import { UNICODE_GLYPHS } from '../../../src/tui/text/glyphs.js';
import { lineText, type Line } from '../../../src/tui/text/line.js';
import { displayWidth } from '../../../src/tui/text/width.js';
import { attributeRows } from '../../../src/tui/view-models/attribute-table.js';
import { buildLines } from '../../../src/tui/view-models/builds.js';
import { changeDetail } from '../../../src/tui/view-models/change-detail.js';
import { editDetail } from '../../../src/tui/view-models/edits.js';
import { gapDetail } from '../../../src/tui/view-models/gaps.js';
import { groupDetail } from '../../../src/tui/view-models/group-detail.js';
import { createModel } from '../../../src/tui/view-models/model.js';
import { changed } from '../../helpers/sample-changes.js';
import { sampleReport } from '../../helpers/sample-report.js';
import { digest } from '../../helpers/sample-sides.js';

const sample = sampleReport();
const model = createModel(sample, UNICODE_GLYPHS);
const at = (path: string) => sample.changes.find((change) => change.path === path)!;
const text = (lines: readonly Line[]): string => lines.map(lineText).join('\n');

test('every attribute of a changed file is told, the differing ones first', () => {
  const rows = attributeRows(at('etc/ld.so.cache'));
  assert.deepEqual(
    rows.map(({ sign, label }) => `${sign} ${label}`),
    ['~ content', '~ size', '~ mtime', '= type', '= mode', '= uid', '= gid'],
  );
  assert.equal(rows[1]!.before, '18.2 KB (18,211 bytes)');
  assert.equal(rows[1]!.note, '+48 B');
  assert.equal(rows[2]!.note, '+1 d 5 min');
  assert.equal(rows[0]!.note, 'sha256');
  assert.equal(rows[4]!.after, '0644 rw-r--r--');
});

test('a mode shows what was lost, a binary capability is escaped', () => {
  assert.deepEqual(attributeRows(at('usr/bin/passwd'))[0], {
    sign: '~',
    label: 'mode',
    before: '4755'.padStart(4, '0') + ' rwsr-xr-x',
    after: '0755 rwxr-xr-x',
    note: '',
  });
  const capability = attributeRows(at('usr/bin/ping'))[0]!;
  assert.equal(capability.sign, '-');
  assert.match(capability.before!, /^\\x01\\x00/);
});

test('what is new has new values only, what is gone old ones only', () => {
  for (const { sign, before } of attributeRows(at('srv')))
    assert.deepEqual([sign, before], ['+', null]);
  for (const { sign, after } of attributeRows(at('usr/share/doc/zlib1g/copyright')))
    assert.deepEqual([sign, after], ['-', null]);
});

test('a digest too long for one line stands whole below its label', () => {
  const change = changed('x' as TreePath, 'y', { sha256: digest('a') }, { sha256: digest('b') });
  const page = text(changeDetail(change, null, 78, UNICODE_GLYPHS));
  assert.ok(page.includes(`- ${Buffer.from(digest('a')).toString('hex')}`));
  assert.ok(page.includes(`+ ${Buffer.from(digest('b')).toString('hex')}`));
});

test('a group says what it is about, what to do, and names its paths', () => {
  const group = sample.findings.findIndex(({ basis }) => basis.kind === 'catalogue');
  const page = text(groupDetail(model, group, 78));
  for (const word of ['remove them from the image', 'fc-cache', '/var/cache/fontconfig/'])
    assert.ok(page.includes(word), word);
});

test('the page of the builds tells differing circumstances and equal ones', () => {
  const page = text(buildLines(sample, 100));
  assert.match(page, /~ host name +builder-3 +builder-7/);
  assert.match(page, /~ \$LANG +C\.UTF-8 +\(none\)/);
  assert.match(page, /= time zone +UTC/);
  assert.match(page, /= node +20\.20\.2/);
  assert.match(page, /rpm-ostree-inputhash/);
});

test('gaps and edits say where and why, and secrets stay out', () => {
  assert.match(text(gapDetail(model.gaps[0]!, 60)), /\/root\/\.ssh[^]*could not be read/);
  assert.deepEqual(
    model.gaps.map(({ kind }) => kind),
    ['gap', 'trouble', 'declared', 'declared'],
  );
  assert.match(text(editDetail(model.edits[0]!, 60)), /machine-id[^]*secret/);
});

test('no page is wider than it may be, at any width', () => {
  for (let width = 12; width <= 120; width += 9) {
    const pages = [
      ...sample.changes.map((change) =>
        changeDetail(change, sample.findings[0]!, width, UNICODE_GLYPHS),
      ),
      ...sample.findings.map((_, group) => groupDetail(model, group, width)),
      ...model.gaps.map((gap) => gapDetail(gap, width)),
      ...model.edits.map((edit) => editDetail(edit, width)),
    ];
    for (const line of pages.flat()) {
      // Labels alone may be wider than a very narrow page; the theme cuts them.
      if (width < 40) continue;
      assert.ok(displayWidth(lineText(line)) <= width, `${width}: ${lineText(line)}`);
    }
  }
});
