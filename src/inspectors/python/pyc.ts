/** Compiled Python modules: what they say of their source, and their code apart from how it was written down. */

import { FormatError } from '../../core/errors.js';
import type { Fact, FactTable } from '../../core/facts.js';
import { bufferAccess } from '../../core/random-access.js';
import { readMarshal } from '../../formats/marshal.js';
import { isPyc, readPycHeader, readPycTimestamp, type PycHeader } from '../../formats/pyc.js';
import { xxh64Hex } from '../../util/xxh64.js';
import { restByBlocks } from '../common/rest-by-blocks.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { CODE_COLUMNS, codeFacts } from './code-facts.js';

/** Modules of data tables have a few MB. */
const MOST_BYTES = 16 * 1024 * 1024;

export const pycInspector = defineInspector({
  id: 'pyc',
  version: 1,
  summary:
    'Compiled Python modules (PEP 3147, PEP 552, `Python/marshal.c`): time, size or hash of the source; code object by code object.',
  streams: false,
  claims: ({ name, head }) => /\.py[co]$/.test(name) && isPyc(head),
  inspect: async (piece, context) => {
    const whole = await piece.whole(MOST_BYTES);
    // Parts of a plain array cost a fraction of parts of a `Buffer`, and a module has thousands.
    const bytes = new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
    const header = headerOf(bytes);
    return header === null ? unknownRelease(bytes, context) : releaseFacts(bytes, header, context);
  },
});

/** Null for a Python that was never released, or is newer than this program. */
function headerOf(bytes: Uint8Array): PycHeader | null {
  try {
    return readPycHeader(bytes);
  } catch (error) {
    if (error instanceof FormatError && error.offset === 0) return null;
    throw error;
  }
}

function releaseFacts(
  bytes: Uint8Array,
  header: PycHeader,
  context: InspectContext,
): InspectedFacts {
  const { check, bodyAt, python, dialect } = header;
  const body = bytes.subarray(bodyAt);
  const { code, sets, fileNames } = codeFacts(readMarshal(body, dialect), (rows) => {
    context.spend(rows);
  });
  const table = (name: string, rows: FactTable['rows'], columns: FactTable['columns']) => ({
    name,
    ordered: true,
    columns,
    rows,
  });
  return {
    facts: [
      { name: 'magic', kind: 'version', value: python, offset: 0 },
      ...(check.kind === 'time' ? timeFacts(header, check) : hashFacts(check)),
      ...fileNames.map((value): Fact => ({
        name: 'co_filename',
        kind: 'path',
        value,
        offset: null,
      })),
      // Reference flags, interning and all else that marshal may write in more than one way.
      { name: 'marshal', kind: 'layout', value: xxh64Hex(body), offset: bodyAt },
    ],
    tables: [
      table('code', code, CODE_COLUMNS),
      ...(sets.length === 0 ? [] : [table('sets', sets, [])]),
    ],
  };
}

function timeFacts(
  { bodyAt }: PycHeader,
  { at, stamp }: Extract<PycHeader['check'], { kind: 'time' }>,
): Fact[] {
  const time: Fact = { name: 'mtime', kind: 'time', value: stamp.sourceMtime, offset: at };
  const flags: Fact = { name: 'flags', kind: 'flags', value: 0, offset: 4 };
  if (stamp.sourceSize === null) return [time];
  const size: Fact = { name: 'size', kind: 'size', value: stamp.sourceSize, offset: at + 4 };
  return bodyAt === 16 ? [flags, time, size] : [time, size];
}

function hashFacts({ hash, checked }: Extract<PycHeader['check'], { kind: 'hash' }>): Fact[] {
  const value = Buffer.from(hash).toString('hex');
  return [
    { name: 'flags', kind: 'flags', value: checked ? 3 : 1, offset: 4 },
    { name: 'hash', kind: 'digest', value, offset: 8 },
  ];
}

/** What can be told of any release: magic number and time. */
async function unknownRelease(bytes: Uint8Array, context: InspectContext): Promise<InspectedFacts> {
  const magic = bytes[0]! | (bytes[1]! << 8);
  const stamp = readPycTimestamp(bytes);
  const at = stamp?.sourceSize === null ? 4 : 8;
  const told = [{ offset: 0, length: 2 }, ...(stamp === null ? [] : [{ offset: at, length: 4 }])];
  return {
    facts: [
      { name: 'magic', kind: 'version', value: String(magic), offset: 0 },
      { name: 'mtime', kind: 'time', value: stamp?.sourceMtime ?? null, offset: at },
    ],
    tables: [],
    content: await restByBlocks(bufferAccess(bytes), told, context),
  };
}
