/** Facts in a form in which tests compare them: one line for each value. */

import type { Facts, KeyedFacts } from '../../src/core/facts.js';
import type { Looked } from './prove.js';

/** `MTIME=5` for facts, `table/key/column=value` for rows, `/key@=digest` for parts; without nulls. */
export function lines({ facts, tables }: Facts): readonly string[] {
  return [
    ...facts.map(({ name, value }) => `${name}=${value}`),
    ...tables.flatMap(({ name, columns, rows }) =>
      rows.flatMap(({ key, values, part }) => [
        ...columns.flatMap((column, i) =>
          values[i] === null ? [] : [`${name}/${key}/${column.name}=${values[i]}`],
        ),
        ...(part === null ? [] : [`${name}/${key}@=${part.digest}`]),
      ]),
    ),
  ];
}

/** Names of what differs between two pieces of the same format, without the values; sorted. */
export function differing(before: Facts, after: Facts): readonly string[] {
  const [old, now] = [lines(before), lines(after)];
  const changed = [
    ...old.filter((line) => !now.includes(line)),
    ...now.filter((line) => !old.includes(line)),
  ];
  return [...new Set(changed.map((line) => line.slice(0, line.indexOf('='))))].toSorted();
}

/** The facts of the file itself. */
export function top({ facts }: Looked): Facts {
  return facts.at(-1)!.facts;
}

/** What was found of the only piece of a format. */
export function piece({ facts }: Looked, format: string): KeyedFacts {
  const found = facts.filter((each) => each.facts.format === format);
  if (found.length !== 1) throw new Error(`${found.length} pieces of ${format}`);
  return found[0]!;
}
