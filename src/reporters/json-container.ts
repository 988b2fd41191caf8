/** The two archives as JSON. */

import type { Container } from '../core/build.js';
import type { ContainerComparison } from '../core/report.js';
import { jsonExplanation } from './json-explanation.js';
import { bytesBase64, bytesText, hex, jsonInteger } from './json-text.js';

export function jsonContainer(container: ContainerComparison | null): object | null {
  if (container === null) return null;
  const { before, after, verdict, explanation, isSetAside = false } = container;
  return {
    verdict,
    setAside: isSetAside,
    before: jsonFile(before),
    after: jsonFile(after),
    explanation: explanation === null ? null : jsonExplanation(explanation),
  };
}

function jsonFile({ name, sizeBytes, digest }: Container): object {
  return {
    name: bytesText(name),
    nameBase64: bytesBase64(name),
    sizeBytes: jsonInteger(sizeBytes),
    digest: hex(digest),
  };
}
