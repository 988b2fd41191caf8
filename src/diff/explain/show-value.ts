/** Values of facts as people write them, safe to print. */

import type { FactKind, FactValue } from '../../core/facts.js';
import { displayBytes } from '../../core/path.js';

const MAX_LENGTH = 200;

export function showValue(kind: FactKind, value: FactValue): string | null {
  if (value === null) return null;
  if (kind === 'time') return showTime(value);
  if (kind === 'mode' && typeof value === 'number') return value.toString(8).padStart(4, '0');
  if (typeof value === 'number') return String(value);
  return value.length > MAX_LENGTH
    ? `${displayBytes(value.slice(0, MAX_LENGTH))}... (${value.length} bytes)`
    : displayBytes(value);
}

/** `1767322445 (2026-01-02T02:54:05Z)`; dates that people read stay as they are. */
function showTime(value: string | number): string {
  const text = displayBytes(String(value).slice(0, MAX_LENGTH));
  if (!/^-?\d{1,12}(?:\.\d+)?$/.test(text) || Number(text) === 0) return text;
  const date = new Date(Math.floor(Number(text)) * 1000);
  return Number.isNaN(date.getTime())
    ? text
    : `${text} (${date.toISOString().replace('.000Z', 'Z')})`;
}
