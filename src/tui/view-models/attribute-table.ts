/** All attributes of a changed path, old -> new, the ones that differ first. */

import { isKnown } from '../../core/coverage.js';
import type { Entry, Omittable } from '../../core/entry.js';
import { safeBytes, safeText } from '../text/safe.js';
import {
  ATTRIBUTES,
  type Attribute,
  type AttributeChange,
  type Change,
} from '../../core/report.js';
import { formatBytes, formatCount, formatTimeNs } from '../../util/format.js';
import { humanDuration, humanTime, signedSize, symbolicMode } from '../text/humanise.js';

export interface AttributeRow {
  /** `~` differs, `=` is the same, `+` and `-`: there is only a new, only an old one. */
  readonly sign: '~' | '=' | '+' | '-';
  readonly label: string;
  /** Safe to show; null where that side has none. */
  readonly before: string | null;
  readonly after: string | null;
  /** What the difference amounts to: `+55 B`, `+1 d 3 h`; empty when there is nothing to add. */
  readonly note: string;
}

export function attributeRows(change: Change): readonly AttributeRow[] {
  const differing = change.attributes.map((attribute) => differingRow(attribute, change));
  const told = new Set(change.attributes.map(({ attribute, name }) => keyOf(attribute, name)));
  const sign = change.kind === 'added' ? '+' : change.kind === 'removed' ? '-' : '=';
  const entry = change.after ?? change.before;
  if (entry === null) return differing;
  const others = factsOf(entry)
    .filter(({ attribute, name }) => !told.has(keyOf(attribute, name)))
    .map(({ attribute, name, value }): AttributeRow => {
      const text = showValue(attribute, value);
      return {
        sign,
        label: labelOf(attribute, name),
        before: sign === '-' ? text : null,
        after: sign === '-' ? null : text,
        note: attribute === 'content' ? algorithmOf(value) : '',
      };
    });
  return [...differing, ...others];
}

function differingRow(
  { attribute, name, before, after }: AttributeChange,
  change: Change,
): AttributeRow {
  return {
    sign: before === null ? '+' : after === null ? '-' : '~',
    label: labelOf(attribute, name),
    before: before === null ? null : showValue(attribute, before),
    after: after === null ? null : showValue(attribute, after),
    note: noteOf(attribute, before, after, change),
  };
}

interface Fact {
  readonly attribute: Attribute;
  readonly name: string | null;
  readonly value: string;
}

/** What an entry says of itself, in the words of an `AttributeChange`. */
function factsOf(entry: Entry): readonly Fact[] {
  const known = <T>(attribute: Omittable, value: T): T | null =>
    isKnown(entry, attribute) ? value : null;
  const values: Readonly<Partial<Record<Attribute, string | null>>> = {
    type: entry.type,
    content: hexOf(entry.sha256 ?? entry.xxh64),
    size: entry.type === 'file' ? known('size', String(entry.size)) : null,
    mode: entry.type === 'symlink' ? null : known('mode', entry.mode.toString(8).padStart(4, '0')),
    uid: known('owner', String(entry.uid)),
    gid: known('owner', String(entry.gid)),
    mtime: known('mtime', formatTimeNs(entry.mtimeNs)),
    target: known('target', entry.target),
    rdev: entry.rdev === null ? null : known('target', `${entry.rdev.major}:${entry.rdev.minor}`),
    links: entry.link === null ? null : `one inode with /${safeBytes(entry.link)}`,
  };
  return ATTRIBUTES.flatMap((attribute): readonly Fact[] => {
    if (attribute === 'xattr')
      return entry.xattrs.map(({ name, value }) => ({ attribute, name, value }));
    const value = values[attribute] ?? null;
    return value === null ? [] : [{ attribute, name: null, value }];
  });
}

function showValue(attribute: Attribute, value: string): string {
  switch (attribute) {
    case 'mode':
      return /^[0-7]+$/.test(value)
        ? `${value} ${symbolicMode(parseInt(value, 8))}`
        : safeText(value);
    case 'size':
      return /^\d{4,}$/.test(value)
        ? `${formatBytes(Number(value))} (${formatCount(Number(value))} bytes)`
        : `${safeText(value)} bytes`;
    case 'mtime':
      return safeText(humanTime(value));
    case 'target':
    case 'xattr':
      return value === '' ? '(empty)' : safeBytes(value);
    case 'type':
    case 'content':
    case 'uid':
    case 'gid':
    case 'rdev':
    case 'links':
      return safeText(value);
  }
}

function noteOf(
  attribute: Attribute,
  before: string | null,
  after: string | null,
  change: Change,
): string {
  if (attribute === 'content') return algorithmOf(after ?? before ?? '');
  if (change.before === null || change.after === null) return '';
  if (attribute === 'mtime') return humanDuration(change.after.mtimeNs - change.before.mtimeNs);
  if (attribute !== 'size') return '';
  return signedSize(change.after.size - change.before.size);
}

function algorithmOf(hex: string): string {
  return hex.length === 64 ? 'sha256' : hex.length === 16 ? 'xxh64' : '';
}

function labelOf(attribute: Attribute, name: string | null): string {
  return name === null ? attribute : `${attribute} ${safeBytes(name)}`;
}

function keyOf(attribute: Attribute, name: string | null): string {
  return `${attribute} ${name ?? ''}`;
}

function hexOf(digest: Uint8Array | null): string | null {
  return digest === null ? null : Buffer.from(digest).toString('hex');
}
