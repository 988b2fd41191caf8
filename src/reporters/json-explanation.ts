/** Why content differs, whose it is and what to do, as JSON. */

import type {
  ExplainedChange,
  Explanation,
  InspectionProblem,
  Owner,
  Remedy,
} from '../core/explanation.js';
import { bytesBase64, bytesText, jsonInteger } from './json-text.js';

export function jsonExplanation(explanation: Explanation): object {
  const { status, reason, sameExcept, problems, changes, counts } = explanation;
  return {
    status,
    reason,
    sameExcept,
    problems: problems.map(jsonProblem),
    changes: changes.map(jsonExplained),
    counts: counts.map(({ cause, confidence, field, format, consequence, count }) => ({
      cause,
      confidence,
      field,
      format,
      consequence,
      count,
    })),
  };
}

function jsonProblem({ side, chain, format, offset, detail }: InspectionProblem): object {
  return {
    side,
    chain: jsonChain(chain),
    format,
    offset: offset === null ? null : jsonInteger(offset),
    detail,
  };
}

function jsonChain(chain: readonly string[]): readonly object[] {
  return chain.map((name) => ({ name: bytesText(name), nameBase64: bytesBase64(name) }));
}

function jsonExplained(change: ExplainedChange): object {
  const { chain, format, field, kind, before, after, offset, witness, cause, confidence, follows } =
    change;
  return {
    chain: jsonChain(chain),
    format,
    field,
    kind,
    before,
    after,
    offsetBefore: offset.before === null ? null : jsonInteger(offset.before),
    offsetAfter: offset.after === null ? null : jsonInteger(offset.after),
    cause,
    confidence,
    witness:
      witness === null
        ? null
        : { before: witness.before, after: witness.after, against: witness.against },
    follows,
  };
}

export function jsonOwner(owner: Owner): object {
  switch (owner.kind) {
    case 'package': {
      const { kind, manager, name, version } = owner;
      return { kind, manager, name, version };
    }
    case 'tool':
      return { kind: owner.kind, name: owner.name };
    case 'recipe':
      return {
        kind: owner.kind,
        place: owner.place,
        ...(owner.reason === undefined ? {} : { reason: owner.reason }),
      };
  }
}

export function jsonRemedy({ text, rule, source }: Remedy): object {
  return { text, rule, source };
}
