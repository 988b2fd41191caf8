/** Legacy images of U-Boot (u-boot, include/image.h): 64 bytes of header, big-endian, and what they describe. */

import type { Fact, FactKind } from '../../core/facts.js';
import { windowAccess } from '../../core/random-access.js';
import { isUImage } from '../../formats/uimage.js';
import { defineInspector } from '../define.js';
import { bigEndianFacts } from './big-endian-facts.js';

export const uImageInspector = defineInspector({
  id: 'uimage',
  version: 1,
  summary:
    'Legacy U-Boot images: time, CRCs, load addresses, name, and the data behind the header.',
  streams: false,
  claims: ({ head }) => isUImage(head),
  inspect: async (piece, context) => {
    const input = await piece.random();
    const head = input.read(0, HEADER_BYTES);
    const facts: Fact[] = bigEndianFacts(head, FIELDS);
    const size = new DataView(head.buffer, head.byteOffset).getUint32(12);
    const row = async (key: string, offset: number, length: number) => ({
      key,
      values: [],
      offset,
      part: await context.part(key, windowAccess(input, offset, length)),
    });
    const end = Math.min(input.size, HEADER_BYTES + size);
    const rows = [await row('data', HEADER_BYTES, end - HEADER_BYTES)];
    if (end < input.size) rows.push(await row('appended', end, input.size - end));
    const problems =
      HEADER_BYTES + size > input.size ? [{ offset: 12, detail: 'the data are cut off' }] : [];
    return { facts, tables: [{ name: '', ordered: true, columns: [], rows }], problems };
  },
});

const HEADER_BYTES = 64;

const FIELDS: readonly (readonly [name: string, bytes: number, kind: FactKind])[] = [
  ['ih_magic', 4, 'number'],
  ['ih_hcrc', 4, 'checksum'],
  ['ih_time', 4, 'time'],
  ['ih_size', 4, 'size'],
  ['ih_load', 4, 'offset'],
  ['ih_ep', 4, 'offset'],
  ['ih_dcrc', 4, 'checksum'],
  ['ih_os', 1, 'number'],
  ['ih_arch', 1, 'number'],
  ['ih_type', 1, 'number'],
  ['ih_comp', 1, 'codec'],
  ['ih_name', 32, 'text'],
];
