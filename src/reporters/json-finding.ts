/** One finding as JSON. */

import type { TreePath } from '../core/path.js';
import type { Finding, FindingBasis } from '../core/report.js';
import { jsonOwner, jsonRemedy } from './json-explanation.js';
import { bytesBase64, bytesText, jsonInteger } from './json-text.js';

export function jsonFinding(finding: Finding): object {
  const { id, kind, title, basis, attributes, nature, causes, remedies, owners, count, sizeBytes } =
    finding;
  return {
    id,
    kind,
    title,
    basis: jsonBasis(basis),
    attributes,
    nature,
    causes: causes.map(({ cause, confidence, count: times }) => ({
      cause,
      confidence,
      count: times,
    })),
    remedies: remedies.map(jsonRemedy),
    owners: owners.map(({ owner, count: times }) => ({ ...jsonOwner(owner), count: times })),
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
    case 'cause':
      return { kind: basis.kind, cause: basis.cause };
    case 'package': {
      const { kind, manager, name, before, after } = basis;
      return { kind, manager, name, before, after };
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
