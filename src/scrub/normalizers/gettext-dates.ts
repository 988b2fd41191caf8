/** The two dates in the header of a gettext catalogue (GNU gettext manual, "Filling in the Header Entry"). */

import type { FieldChange } from './define.js';

export interface ClampedDates {
  /** Of the same length as before. */
  readonly text: string;
  readonly fields: readonly FieldChange[];
}

/**
 * Clamps the dates in lines of a header. A line ends with `newline`: the character in a compiled catalogue, its escape in a text.
 * A date keeps the form that it has, in UTC: seconds, a space before the zone or no zone at all.
 */
export function clampDates(header: string, newline: '\n' | '\\n', epoch: number): ClampedDates {
  const fields: FieldChange[] = [];
  const text = header.replace(PATTERNS[newline], (whole, field: string, before: string) => {
    const after = clamped(before, epoch);
    if (after === before) return whole;
    fields.push({ member: '', field, before, after });
    return whole.slice(0, whole.length - before.length) + after;
  });
  return { text, fields };
}

const FIELD = String.raw`(POT-Creation-Date|PO-Revision-Date): `;
const DATE = String.raw`(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?: ?[-+]\d{4})?)`;
const PATTERNS = {
  '\n': new RegExp(`(?<=^|\\n)${FIELD}${DATE}(?=\\n|$)`, 'g'),
  '\\n': new RegExp(`(?<=^|\\\\n)${FIELD}${DATE}(?=\\\\n)`, 'g'),
} as const;

function clamped(date: string, epoch: number): string {
  const [, day, time, seconds = '', space = '', sign, hours, minutes] = PARTS.exec(date)!;
  const utc = Date.parse(`${day}T${time}${seconds}Z`);
  const offset =
    sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  // A day that does not exist is nobody's clock.
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== day) return date;
  // Without seconds a date stands for its whole minute, and is written rounded down.
  const limit = seconds === '' ? epoch - (epoch % 60) : epoch;
  if (utc / 1000 - offset * 60 <= limit || limit < 0 || limit > LAST_OF_9999) return date;
  const iso = new Date(limit * 1000).toISOString();
  const clock = iso.slice(11, seconds === '' ? 16 : 19);
  return `${iso.slice(0, 10)} ${clock}${sign === undefined ? '' : `${space}+0000`}`;
}

/** Later years have more digits. */
const LAST_OF_9999 = 253_402_300_799;
const PARTS = /^(\S+) (\d\d:\d\d)(:\d\d)?(?:( ?)([-+])(\d\d)(\d\d))?$/;
