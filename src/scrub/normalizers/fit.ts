/** U-Boot's FIT images: the time at which mkimage ran, a property of the root of a devicetree blob. */

import { FormatError } from '../../core/errors.js';
import { isFdt, readFdt, type FdtNode, type FdtProperty } from '../../formats/fdt.js';
import type { NormalizeInput, NormalizeResult } from './define.js';
import { defineNormalizer } from './define.js';
import { orLeft } from './or-left.js';
import { settledTime, timeText } from './settled-time.js';

export const fit = defineNormalizer({
  id: 'fit',
  version: 1,
  summary: 'Settles the time in FIT images of U-Boot.',
  rationale:
    'U-Boot shows the time and does nothing with it. It becomes SOURCE_DATE_EPOCH when it is later, as mkimage itself does it, and 0 without an epoch. Hashes are over the data of the images alone and stay true; everything else stays, and so does data behind the blob. Other devicetree blobs have no such property. Left: images with a signed configuration or image, whose signature may cover the root. U-Boot, doc/usage/fit/source_file_format.rst; Devicetree Specification 0.4, chapter 5.',
  extensions: ['.itb', '.fit', '.ub'],
  matches: (head) => isFdt(head),
  normalize: (input) => orLeft(() => settle(input)),
});

function settle({ bytes, sourceDateEpoch }: NormalizeInput): NormalizeResult {
  const { nodes } = readFdt(bytes);
  const [root] = nodes;
  const times = root!.properties.filter(({ name }) => name === 'timestamp');
  const isFit = nodes.some(({ name, parent }) => name === 'images' && parent === root);
  if (!isFit || times.length === 0) return { kind: 'normal' };
  const signature = nodes.find(isSignature);
  const time = timeOf(times);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const before = view.getUint32(time.offset);
  const after = settledTime(before, sourceDateEpoch);
  if (before === after) return { kind: 'normal' };
  if (signature !== undefined)
    return { kind: 'left', reason: `${signature.parent?.name ?? ''} is signed` };
  const fixed = new Uint8Array(bytes);
  new DataView(fixed.buffer).setUint32(time.offset, after);
  return {
    kind: 'changed',
    bytes: fixed,
    fields: [{ member: '', field: 'timestamp', before: timeText(before), after: timeText(after) }],
  };
}

function timeOf(times: readonly FdtProperty[]): FdtProperty {
  const [time] = times;
  if (times.length !== 1 || time?.length !== 4)
    throw new FormatError('fit', time?.offset ?? 0, 'expected one timestamp of 4 bytes');
  return time;
}

/** One that was made: a source asks for signatures by nodes without a value. */
function isSignature({ name, properties }: FdtNode): boolean {
  return name.startsWith('signature') && properties.some((property) => property.name === 'value');
}
