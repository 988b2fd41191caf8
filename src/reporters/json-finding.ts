/** One finding as JSON. */

import type { TreePath } from '../core/path.js';
import type { Finding, FindingBasis } from '../core/report.js';
import { bytesBase64, bytesText, jsonInteger } from './json-text.js';

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
      return {
        kind: basis.kind,
        directory: bytesText(basis.directory),
        directoryBase64: bytesBase64(basis.directory),
      };
    case 'link-set':
      return { kind: basis.kind, before: sets(basis.before), after: sets(basis.after) };
  }
}

function sets(all: readonly (readonly TreePath[])[]): object {
  return all.map((names) =>
    names.map((name) => ({ path: bytesText(name), pathBase64: bytesBase64(name) })),
  );
}
