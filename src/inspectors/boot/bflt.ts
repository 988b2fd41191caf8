/** bFLT executables of uClinux (Linux, include/linux/flat.h, `struct flat_hdr`). */

import type { FactKind, FactRow } from '../../core/facts.js';
import { windowAccess } from '../../core/random-access.js';
import { isBflt, readBflt } from '../../formats/bflt.js';
import { defineInspector } from '../define.js';
import { bigEndianFacts } from './big-endian-facts.js';

const MAX_BYTES = 64 * 1024 * 1024;

export const bfltInspector = defineInspector({
  id: 'bflt',
  version: 1,
  summary: 'bFLT executables of uClinux: build date, flags, segments.',
  streams: false,
  claims: ({ head }) => isBflt(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const { gzipOffset } = readBflt(bytes);
    const input = await piece.random();
    const rows: FactRow[] = [];
    const add = async (key: string, from: number, to: number): Promise<void> => {
      if (to <= from) return;
      const part = await context.part(key, windowAccess(input, from, to - from));
      rows.push({ key, values: [], offset: from, part });
    };
    await add('content', HEADER_BYTES, gzipOffset ?? input.size);
    if (gzipOffset !== null) await add('compressed', gzipOffset, input.size);
    return {
      facts: bigEndianFacts(bytes.subarray(0, HEADER_BYTES), FIELDS),
      tables: [{ name: '', ordered: true, columns: [], rows }],
    };
  },
});

const HEADER_BYTES = 64;

const FIELDS: readonly (readonly [name: string, bytes: number, kind: FactKind])[] = [
  ['magic', 4, 'number'],
  ['rev', 4, 'number'],
  ['entry', 4, 'offset'],
  ['data_start', 4, 'offset'],
  ['data_end', 4, 'offset'],
  ['bss_end', 4, 'offset'],
  ['stack_size', 4, 'size'],
  ['reloc_start', 4, 'offset'],
  ['reloc_count', 4, 'size'],
  ['flags', 4, 'flags'],
  ['build_date', 4, 'time'],
  ['filler', 20, 'slack'],
];
