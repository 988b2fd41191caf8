/**
 * Values of structured texts: what cannot be secret is kept as it stands, all else as a digest, and what the name of its
 * key calls a secret as a keyed one. A row has the value in the column of its kind.
 */

import type { FactColumn, FactKind, FactValue } from '../../core/facts.js';
import type { InspectContext } from '../define.js';
import { isSecretContent } from '../../core/secrets.js';
import { secretAt } from '../../core/secret-words.js';
import { findTokens } from '../generic/tokens.js';
import { xxh64OfText } from '../../util/xxh64.js';

export const VALUE_COLUMNS: readonly FactColumn[] = [
  { name: 'number', kind: 'number' },
  { name: 'time', kind: 'time' },
  { name: 'version', kind: 'version' },
  { name: 'path', kind: 'path' },
  { name: 'id', kind: 'random' },
  { name: 'address', kind: 'address' },
  { name: 'text', kind: 'opaque' },
  { name: 'secret', kind: 'secret' },
];

const PLACES = new Map<FactKind, number>(VALUE_COLUMNS.map(({ kind }, i) => [kind, i]));
/** Bare numbers and words that a format defines. */
const LITERAL = /^(?:true|false|null|yes|no|on|off|[-+]?\d{1,20}(?:\.\d+)?(?:[eE][-+]?\d+)?)$/i;

/**
 * One value for each of `VALUE_COLUMNS`; `text` is the value as it stands, latin1 bytes. `isSecret`: the name of its key says that it
 * is a secret (`isSecretName`); a value may also show that by itself.
 */
export function literalValues(
  text: string,
  isSecret: boolean,
  { keyed, isTime }: Pick<InspectContext, 'keyed' | 'isTime'>,
): FactValue[] {
  const values: FactValue[] = VALUE_COLUMNS.map(() => null);
  const put = (kind: FactKind, value: FactValue): void => {
    values[PLACES.get(kind)!] = value;
  };
  const bytes = Buffer.from(text, 'latin1');
  if (isSecret || isSecretContent(bytes) || secretAt(text) >= 0) {
    put('secret', keyed(bytes));
    return values;
  }
  const tokens = text.length > LONGEST ? [] : findTokens(text, isTime);
  const [first] = tokens;
  if (first?.kind === 'opaque' && first.length === text.length && isPlainId(first.value, text)) {
    put('opaque', first.value);
    return values;
  }
  let rest = text;
  // From the end, so that places before it stay; one of each kind, the first.
  for (const token of tokens.toReversed()) {
    if (!PLACES.has(token.kind) || token.kind === 'number' || token.kind === 'opaque') continue;
    if (tokens.find(({ kind }) => kind === token.kind) !== token) continue;
    put(token.kind, token.value);
    const end = token.offset + token.length;
    const raw = text.slice(token.offset, end);
    // A UUID is told by a digest of its lower case.
    const upper = token.kind === 'random' && raw !== raw.toLowerCase() ? `${raw}\0` : '';
    rest = `${rest.slice(0, token.offset)}\0${token.kind}\0${upper}${rest.slice(end)}`;
  }
  if (LITERAL.test(rest)) put('number', rest);
  else if (!LONE.test(rest)) put('opaque', xxh64OfText(rest));
  return values;
}

/** Whether a token of hex or base64 tells every character of the text: hex is digested in lower case. */
function isPlainId(value: string, text: string): boolean {
  return value.startsWith('base64') || (value.startsWith('hex') && text === text.toLowerCase());
}

/** Longer ones are no values to be read by themselves. */
const LONGEST = 4096;
/** A value that is one token and nothing else, in quotes or not. */
// oxlint-disable-next-line no-control-regex
const LONE = /^\0[a-z]+\0$/;
