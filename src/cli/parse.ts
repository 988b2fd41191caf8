/** From words of the command line to flags, with meow; and the help texts, from the same table. */

import meow from 'meow';

import { AuditError } from '../core/errors.js';
import { nearestNames } from '../util/nearest-names.js';
import { VERSION } from '../version.js';
import { FlagValues, type Command, type CommandInput, type FlagTable } from './define.js';

/** Throws `USAGE` for flags that the command does not have. */
export function parseInput(command: Command, words: readonly string[]): CommandInput {
  refuseUnknownFlags(command, words);
  const { input, flags } = meow('', {
    importMeta: import.meta,
    pkg: { name: 'repro-audit', version: VERSION },
    argv: words,
    autoHelp: false,
    autoVersion: false,
    booleanDefault: undefined,
    flags: Object.fromEntries(
      Object.entries(command.flags).map(([name, { type, shortFlag, isMultiple }]) => [
        name,
        {
          type,
          ...(shortFlag === undefined ? {} : { shortFlag }),
          ...(isMultiple === true ? { isMultiple } : {}),
        },
      ]),
    ),
  });
  return { args: input.map(String), flags: new FlagValues(flags) };
}

/** meow would leave the process itself; an unknown flag is an ordinary usage error here. */
function refuseUnknownFlags(command: Command, words: readonly string[]): void {
  const known = new Set(Object.keys(command.flags).map(kebab));
  const short = new Set(Object.values(command.flags).map(({ shortFlag }) => shortFlag));
  const end = words.indexOf('--');
  for (const [i, word] of (end < 0 ? words : words.slice(0, end)).entries()) {
    if (!word.startsWith('-') || word === '-' || isValueOf(command.flags, words[i - 1])) continue;
    const name = word.replace(/^--?(no-)?/, '').replace(/=.*$/s, '');
    const isKnown = word.startsWith('--')
      ? known.has(name) || known.has(`no-${name}`)
      : short.has(name);
    if (isKnown) continue;
    const near = nearestNames(name, [...known])[0];
    throw new AuditError('USAGE', `${command.name}: unknown flag ${word.replace(/=.*$/s, '')}`, {
      hint:
        near === undefined
          ? `repro-audit ${command.name} --help lists the flags`
          : `did you mean --${near}?`,
    });
  }
}

function isValueOf(flags: FlagTable, previous: string | undefined): boolean {
  if (previous === undefined || !previous.startsWith('-') || previous.includes('=')) return false;
  const name = previous.replace(/^--?/, '');
  const flag = Object.entries(flags).find(
    ([key, { shortFlag }]) => kebab(key) === name || shortFlag === name,
  );
  return flag !== undefined && flag[1].type !== 'boolean';
}

export function unknownCommand(name: string, names: readonly string[]): AuditError {
  const near = nearestNames(name, names)[0];
  return new AuditError('USAGE', `unknown command ${name}`, {
    hint: near === undefined ? 'repro-audit --help lists the commands' : `did you mean ${near}?`,
  });
}

export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'repro-audit: find what keeps changing between builds of the same inputs, and why',
    '',
    'Usage: repro-audit COMMAND [ARGUMENTS]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'repro-audit COMMAND --help tells more. Exit status: 0 same or done, 1 differs, 2 usage, 3 unusable input,',
    '4 incomplete, 70 internal error, 130 interrupted.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => {
    const short = flag.shortFlag === undefined ? '    ' : `-${flag.shortFlag}, `;
    return {
      left: `${short}--${kebab(name)}${flag.value === undefined ? '' : ` ${flag.value}`}`,
      help: flag.help,
    };
  });
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  return [
    `Usage: repro-audit ${command.name} ${command.usage}`.trimEnd(),
    '',
    command.summary,
    ...(command.details === '' ? [] : ['', command.details]),
    ...(rows.length === 0
      ? []
      : ['', 'Flags:', ...rows.map(({ left, help }) => `  ${left.padEnd(width)}  ${help}`)]),
    '',
  ].join('\n');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
