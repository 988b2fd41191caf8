/** One changed path as JSON, with both entries whole. */

import { isKnown } from '../core/coverage.js';
import type { Entry, Omittable } from '../core/entry.js';
import type { AttributeChange, Change } from '../core/report.js';
import { jsonExplanation, jsonOwner } from './json-explanation.js';
import { bytesBase64, bytesText, hex, jsonInteger, valueBase64, valueText } from './json-text.js';

export function jsonChange({
  path,
  kind,
  type,
  finding,
  attributes,
  explanation,
  owner,
  before,
  after,
}: Change): object {
  return {
    path: bytesText(path),
    pathBase64: bytesBase64(path),
    kind,
    type,
    finding,
    attributes: attributes.map(jsonAttribute),
    explanation: explanation === null ? null : jsonExplanation(explanation),
    owner: owner === null ? null : jsonOwner(owner),
    before: before === null ? null : jsonEntry(before),
    after: after === null ? null : jsonEntry(after),
  };
}

function jsonAttribute({ attribute, name, before, after }: AttributeChange): object {
  if (attribute === 'xattr')
    return {
      attribute,
      name: bytesText(name),
      nameBase64: bytesBase64(name),
      before: valueText(before),
      beforeBase64: valueBase64(before),
      after: valueText(after),
      afterBase64: valueBase64(after),
    };
  if (attribute === 'target')
    return {
      attribute,
      before: bytesText(before),
      beforeBase64: bytesBase64(before),
      after: bytesText(after),
      afterBase64: bytesBase64(after),
    };
  return { attribute, before, after };
}

function jsonEntry(entry: Entry): object {
  const known = <T>(attribute: Omittable, value: T): T | null =>
    isKnown(entry, attribute) ? value : null;
  const target = known('target', entry.target);
  const rdev = known('target', entry.rdev);
  return {
    type: entry.type,
    coverage: entry.coverage,
    mode: known('mode', entry.mode.toString(8).padStart(4, '0')),
    uid: known('owner', entry.uid),
    gid: known('owner', entry.gid),
    size: known('size', jsonInteger(entry.size)),
    mtimeNs: known('mtime', String(entry.mtimeNs)),
    target: bytesText(target),
    targetBase64: bytesBase64(target),
    rdev: rdev === null ? null : { major: rdev.major, minor: rdev.minor },
    xattrs: entry.xattrs.map(({ name, value }) => ({
      name: bytesText(name),
      nameBase64: bytesBase64(name),
      value: valueText(value),
      valueBase64: valueBase64(value),
    })),
    xxh64: hex(entry.xxh64),
    sha256: hex(entry.sha256),
    link: bytesText(entry.link),
    linkBase64: bytesBase64(entry.link),
  };
}
