/** The hardware database: the header and the names of its sources; the trie and its strings by blocks. */

import type { FactRow } from '../../core/facts.js';
import { isHwdbBin, readHwdbHeader } from '../../formats/hwdb-bin.js';
import { fieldFacts, problemsOf } from '../common/account.js';
import { restByBlocks } from '../common/rest-by-blocks.js';
import { defineInspector } from '../define.js';

export const hwdbInspector = defineInspector({
  id: 'hwdb',
  version: 1,
  summary:
    'Hardware database (systemd, `hwdb-internal.h`): version of the tool and files that it read; the rest by blocks.',
  streams: false,
  claims: ({ head }) => isHwdbBin(head),
  inspect: async (piece, context) => {
    const file = await piece.random();
    const account = readHwdbHeader(file);
    return {
      facts: fieldFacts(account, NOTES),
      tables: [
        {
          name: 'files',
          ordered: false,
          columns: [],
          rows: sourceRows(file.read(0, file.size)),
        },
      ],
      content: await restByBlocks(file, account.fields, context),
      problems: problemsOf(account),
    };
  },
});

/** Strings that end in `.hwdb`: every value refers to the file that it came from, each name lies there once. */
function sourceRows(bytes: Uint8Array): FactRow[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const rows: FactRow[] = [];
  for (let at = buffer.indexOf(SUFFIX); at >= 0 && rows.length < MOST_FILES;) {
    const start = buffer.lastIndexOf(0, at) + 1;
    if (at - start < LONGEST_PATH)
      rows.push({
        key: buffer.toString('latin1', start, at + SUFFIX.length - 1),
        values: [],
        offset: start,
        part: null,
      });
    at = buffer.indexOf(SUFFIX, at + SUFFIX.length);
  }
  return rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const SUFFIX = Buffer.from('.hwdb\0', 'latin1');
const MOST_FILES = 4096;
const LONGEST_PATH = 4096;
const NOTES = {
  signature: 'text',
  toolVersion: ['tool_version', 'version'],
  fileSize: ['file_size', 'size'],
  headerSize: ['header_size', 'size'],
  nodeSize: ['node_size', 'size'],
  childSize: ['child_entry_size', 'size'],
  valueSize: ['value_entry_size', 'size'],
  root: ['nodes_root_off', 'offset'],
  nodeBytes: ['nodes_len', 'size'],
  stringBytes: ['strings_len', 'size'],
} as const;
