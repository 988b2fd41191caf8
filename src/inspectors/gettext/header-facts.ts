/** The header entry of message catalogues, `Key: value` lines (GNU gettext manual, "Header Entry"). */

import type { Fact } from '../../core/facts.js';
import { xxh64OfText } from '../../util/xxh64.js';
import type { InspectContext } from '../define.js';

const TIMES = /^(?:POT-Creation-Date|PO-Revision-Date)$/;
const DATE = /^\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}(?::\d{2})?(?:[+-]\d{4})?$/;
/** These hold no names of people. */
const LITERAL =
  /^(?:Project-Id-Version|Language|MIME-Version|Content-Type|Content-Transfer-Encoding|Plural-Forms|X-Generator)$/;

/** `text` is latin1 bytes that begin at `offset`; lines that are no fields are told as one digest. */
export function headerFacts(
  text: string,
  offset: number,
  context: Pick<InspectContext, 'spend'>,
): Fact[] {
  const facts: Fact[] = [];
  const others: string[] = [];
  let at = offset;
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Za-z][A-Za-z0-9-]*): (.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) others.push(line);
    else facts.push({ ...factOf(name, value), offset: at + name.length + 2 });
    at += line.length + 1;
  }
  context.spend(facts.length);
  facts.push({ name: 'header', kind: 'opaque', value: xxh64OfText(others.join('\n')), offset });
  return facts;
}

function factOf(name: string, value: string): Omit<Fact, 'offset'> {
  if (TIMES.test(name) && DATE.test(value)) return { name, kind: 'time', value };
  if (name === 'X-Generator' || name === 'Project-Id-Version')
    return { name, kind: 'version', value };
  if (LITERAL.test(name)) return { name, kind: 'text', value };
  return { name, kind: 'opaque', value: xxh64OfText(value) };
}
