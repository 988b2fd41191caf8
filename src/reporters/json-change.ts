/** One changed path as JSON, with both entries whole. */

import type { Entry } from '../core/entry.js';
import type { AttributeChange, Change } from '../core/report.js';
import { bytesMember, hex, jsonInteger, valueMember } from './json-text.js';

export function jsonChange({
  path,
  kind,
  type,
  finding,
  attributes,
  before,
  after,
}: Change): object {
  return {
    ...bytesMember('path', path),
    kind,
    type,
    finding,
    attributes: attributes.map(jsonAttribute),
    before: before === null ? null : jsonEntry(before),
    after: after === null ? null : jsonEntry(after),
  };
}

function jsonAttribute({ attribute, name, before, after }: AttributeChange): object {
  if (attribute === 'xattr')
    return {
      attribute,
      ...bytesMember('name', name),
      ...valueMember('before', before),
      ...valueMember('after', after),
    };
  if (attribute === 'target')
    return { attribute, ...bytesMember('before', before), ...bytesMember('after', after) };
  return { attribute, before, after };
}

function jsonEntry(entry: Entry): object {
  return {
    type: entry.type,
    coverage: entry.coverage,
    mode: entry.mode.toString(8).padStart(4, '0'),
    uid: entry.uid,
    gid: entry.gid,
    size: jsonInteger(entry.size),
    mtimeNs: String(entry.mtimeNs),
    ...bytesMember('target', entry.target),
    rdev: entry.rdev === null ? null : { major: entry.rdev.major, minor: entry.rdev.minor },
    xattrs: entry.xattrs.map(({ name, value }) => ({
      ...bytesMember('name', name),
      ...valueMember('value', value),
    })),
    xxh64: hex(entry.xxh64),
    sha256: hex(entry.sha256),
    ...bytesMember('link', entry.link),
  };
}
