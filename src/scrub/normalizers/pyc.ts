/** Compiled Python modules: references that depend on who else held an object, and the order of sets. */

import { readMarshal } from '../../formats/marshal.js';
import { writeMarshal, type WrittenMarshal } from '../../formats/marshal-write.js';
import { isPyc, readPycHeader, type PycHeader } from '../../formats/pyc.js';
import {
  defineNormalizer,
  type FieldChange,
  type NormalizeInput,
  type NormalizeResult,
} from './define.js';
import { orLeft } from './or-left.js';

export const pyc = defineNormalizer({
  id: 'pyc',
  version: 1,
  summary:
    'Marks objects of a compiled Python module for reference only where a reference follows, and puts the elements of sets in the order of their bytes.',
  rationale:
    'Python marks what happened to be held twice while it wrote, and stores sets in the order of the hash seed; the value that it reads back is the same. The time of the source changes only where the source is at hand and has, or is to have, the new time: otherwise Python would compile at each start. Hashes of sources stay. Modules of a Python that is not a released CPython are left. PEP 552; CPython, Python/marshal.c.',
  extensions: ['.pyc', '.pyo'],
  matches: (head, name) => isPyc(head) && /\.py[co]$/i.test(name),
  normalize: (input) => orLeft(() => normalizePyc(input)),
});

function normalizePyc(input: NormalizeInput): NormalizeResult {
  const { bytes } = input;
  const header = readPycHeader(bytes);
  const read = readMarshal(bytes.subarray(header.bodyAt), header.dialect);
  if (String.fromCharCode(read.root.type) !== 'c')
    return { kind: 'left', reason: `pyc at offset ${header.bodyAt}: not the code of a module` };
  const written = writeMarshal(read, header.dialect);
  const mtime = clampedMtime(input, header);
  const after = Buffer.concat([bytes.subarray(0, header.bodyAt), written.bytes]);
  if (mtime !== null) after.writeUInt32LE(mtime.after, mtime.at);
  if (after.equals(bytes)) return { kind: 'normal' };
  const fields = [...bodyChanges(read.flagged, written), ...mtimeChange(mtime)];
  return { kind: 'changed', bytes: after, fields };
}

function bodyChanges(flagged: number, written: WrittenMarshal): readonly FieldChange[] {
  const fields: FieldChange[] = [];
  if (flagged !== written.flagged)
    fields.push({
      member: '',
      field: 'marshal references',
      before: `${flagged} objects marked`,
      after: `${written.flagged} objects marked`,
    });
  if (written.reordered > 0)
    fields.push({
      member: '',
      field: 'order of set elements',
      before: 'as hashed',
      after: `sorted in ${written.reordered} ${written.reordered === 1 ? 'set' : 'sets'}`,
    });
  return fields;
}

interface NewMtime {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** Null where the field has to stay: earlier than the epoch, no source at hand, or one that the new time would not fit. */
function clampedMtime(
  { sourceDateEpoch, source }: NormalizeInput,
  { check }: PycHeader,
): NewMtime | null {
  if (sourceDateEpoch === null || source === undefined || check.kind !== 'time') return null;
  const { sourceMtime: before, sourceSize } = check.stamp;
  if (before <= sourceDateEpoch || sourceDateEpoch < 0) return null;
  // A source whose time is another one may have been edited since: its pyc is stale and must stay so.
  const fitsNow = before === source.mtimeSeconds;
  const fitsThen = source.mtimeAfterSeconds === sourceDateEpoch;
  const sameSize = sourceSize === null || sourceSize === source.sizeBytes % 0x1_0000_0000;
  return fitsNow && fitsThen && sameSize ? { at: check.at, before, after: sourceDateEpoch } : null;
}

function mtimeChange(mtime: NewMtime | null): readonly FieldChange[] {
  if (mtime === null) return [];
  const { before, after } = mtime;
  return [{ member: '', field: 'source mtime', before: String(before), after: String(after) }];
}
