/** `docs/causes.md`: the causes as a page for people. Written from the data, so that it cannot go stale. */

import type { CauseRemedy } from './define.js';
import { listCauses, type ListedCause } from './list-causes.js';

export function causesMarkdown(): string {
  const causes = listCauses();
  return [
    '# Causes',
    'Generated from `src/diff/causes` (`repro-audit explain --format markdown`); a test keeps it so (`UPDATE_GOLDEN=1` writes it anew).',
    'Why builds of the same inputs differ, as a diff names it. A cause is claimed only when the values of *both* sides bear it out. Confidence is **high** when each value is what its own build recorded of itself, and not what the other did; **medium** when both values are of the class, or the structure shows it; **low** when there is only the shape. High and medium count as explained. Whatever else there is stays `unknown`, with its place.',
    table(
      ['cause', 'what'],
      causes.map(({ id, title }) => [`[${id}](#${anchor(id)})`, title]),
    ),
    ...causes.map(section),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function section({ id, text, signal, remedies }: ListedCause): string {
  return [
    `## ${id}`,
    text,
    `**Signal.** ${signal}`,
    table(
      ['for', 'what to do', 'scrub rule', 'known from'],
      remedies.map((remedy) => [
        placesOf(remedy),
        remedy.text,
        remedy.rule === null ? '' : `[${remedy.rule}](rules.md#${remedy.rule})`,
        remedy.source === null ? '' : linked(remedy.source),
      ]),
    ),
  ].join('\n\n');
}

function placesOf({ formats, paths }: CauseRemedy): string {
  const places = [...(formats ?? []), ...(paths === undefined ? [] : [`paths ${paths.source}`])];
  return places.map((place) => `\`${place.replaceAll('|', '\\|')}\``).join(' ');
}

function linked(source: string): string {
  return source.startsWith('https://') ? `<${source}>` : source;
}

function anchor(id: string): string {
  return id.replaceAll('.', '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
