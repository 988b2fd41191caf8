/** Values of facts as people write them; secrets by their length alone. */

import { secretText } from '../../util/secret-text.js';
import type { FactKind, FactValue } from '../../core/facts.js';
import { displayBytes } from '../../core/path.js';
import { formatCount } from '../../util/format.js';

const MAX_LENGTH = 100;

/** `secretBytes`: length of a secret where it is known. Safe to print. */
export function factValueText(
  kind: FactKind,
  value: FactValue,
  secretBytes: number | null = null,
): string {
  if (value === null) return kind === 'secret' ? secretText(secretBytes) : '-';
  if (kind === 'secret') return secretText(secretBytes);
  if (kind === 'mode' && typeof value === 'number') return value.toString(8).padStart(4, '0');
  const text = String(value);
  if (kind === 'time') return timeText(text);
  if (text === '') return '""';
  const cut = text.length > MAX_LENGTH;
  const shown = displayBytes(cut ? text.slice(0, MAX_LENGTH) : text);
  return cut ? `${shown}... (${formatCount(text.length)} bytes)` : shown;
}

/** `1767322445 (2026-01-02T02:54:05Z)`; what is no number of seconds stays as it is. */
function timeText(text: string): string {
  const shown = displayBytes(text.slice(0, MAX_LENGTH));
  if (!/^-?\d{1,12}(?:\.\d+)?$/.test(text) || Number(text) === 0) return shown;
  const date = new Date(Math.floor(Number(text)) * 1000);
  return Number.isNaN(date.getTime())
    ? shown
    : `${shown} (${date.toISOString().replace('.000Z', 'Z')})`;
}
