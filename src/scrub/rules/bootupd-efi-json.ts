/** What bootupd knows of the boot loader that it would install: one field is the time at which that was written down. */

import { FormatError } from '../../core/errors.js';
import { defineRule } from '../define.js';

export const bootupdEfiJson = defineRule({
  id: 'bootupd-efi-json',
  version: 1,
  summary: "Clamps the timestamp in bootupd's descriptions of boot loaders to SOURCE_DATE_EPOCH.",
  rationale:
    'bootupd offers an update when the timestamp is later than that of what is installed, so SOURCE_DATE_EPOCH has to grow from release to release, which it does where it is the time of the last commit. An earlier timestamp comes from the packages and stays. Every other byte stays.',
  source: 'bootupd 1075',
  defaultOn: true,
  timeValued: true,
  wants: ['usr/lib/bootupd/updates/{BIOS,EFI}.json'],
  *plan({ path, type }, { sourceDateEpoch, files, ownership }) {
    if (type !== 'file' || sourceDateEpoch === null || ownership.isOwned(path)) return;
    const bytes = files.read(path);
    if (bytes === null) return;
    const before = Buffer.from(bytes).toString('latin1');
    const after = clampTimestamp(before, sourceDateEpoch);
    if (after === before) return;
    yield {
      kind: 'rewrite',
      rule: 'bootupd-efi-json',
      path,
      reason: 'time at which the boot loader was described',
      content: Buffer.from(after, 'latin1'),
    };
  },
});

/** The text has one character per byte. Throws `FormatError` when it is not what bootupd writes. */
function clampTimestamp(text: string, epoch: number): string {
  const parsed = parseObject(text);
  const [match, ...others] = text.matchAll(TIMESTAMP);
  if (match === undefined || others.length > 0 || parsed['timestamp'] !== match[2])
    throw new FormatError('bootupd json', match?.index ?? 0, 'not exactly one timestamp');
  const [whole, key, before] = match as unknown as [string, string, string];
  const ms = Date.parse(before);
  if (Number.isNaN(ms)) throw new FormatError('bootupd json', match.index, 'a time of no calendar');
  if (ms <= epoch * 1000) return text;
  const after = new Date(epoch * 1000)
    .toISOString()
    .replace('.000Z', before.endsWith('Z') ? 'Z' : '+00:00');
  return `${text.slice(0, match.index)}${key}${after}"${text.slice(match.index + whole.length)}`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new FormatError('bootupd json', 0, 'not an object');
}

/** RFC 3339, as Rust's chrono writes it. */
const TIMESTAMP =
  /("timestamp"\s*:\s*")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))"/g;
