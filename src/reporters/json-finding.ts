/** One finding as JSON. */

import type { TreePath } from '../core/path.js';
import type { Finding, FindingBasis } from '../core/report.js';
import { bytesMember, jsonInteger } from './json-text.js';

export function jsonFinding(finding: Finding): object {
  const { id, kind, title, basis, attributes, count, sizeBytes } = finding;
  return {
    id,
    kind,
    title,
    basis: jsonBasis(basis),
    attributes,
    count,
    sizeBytes: jsonInteger(sizeBytes),
  };
}

function jsonBasis(basis: FindingBasis): object {
  switch (basis.kind) {
    case 'attributes':
      return { kind: basis.kind };
    case 'catalogue': {
      const { kind, row, what, remedy, rule } = basis;
      return { kind, row, what, remedy, rule };
    }
    case 'directory':
      return { kind: basis.kind, ...bytesMember('directory', basis.directory) };
    case 'link-set':
      return { kind: basis.kind, before: sets(basis.before), after: sets(basis.after) };
  }
}

function sets(all: readonly (readonly TreePath[])[]): object {
  return all.map((names) => names.map((name) => bytesMember('path', name)));
}
