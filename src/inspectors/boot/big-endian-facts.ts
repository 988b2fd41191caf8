/** Facts for the fields of a header in big-endian order. */

import type { Fact, FactKind } from '../../core/facts.js';
import { fieldValue } from './field-facts.js';

/** Fields in the order of the bytes, from the first on; those of more than four bytes are text or hex. Zeros are not told. */
export function bigEndianFacts(
  head: Uint8Array,
  fields: readonly (readonly [name: string, bytes: number, kind: FactKind])[],
): Fact[] {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let offset = 0;
  return fields.flatMap(([name, length, kind]): Fact[] => {
    const at = offset;
    offset += length;
    const raw =
      length === 4
        ? view.getUint32(at)
        : length === 1
          ? view.getUint8(at)
          : head.subarray(at, at + length);
    const value = fieldValue(raw, kind);
    return value === null ? [] : [{ name, kind, value, offset: at }];
  });
}
