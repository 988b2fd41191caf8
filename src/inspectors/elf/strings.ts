/** Strings with a place of their own: interpreter, compilers, command lines, links to debug files. */

import { elfInterpreter } from '../../formats/elf-dynamic.js';
import { sectionStrings, type ElfText } from '../../formats/elf-content.js';
import { readDebugAltLink, readDebugLink } from '../../formats/elf-debuglink.js';
import { orProblem } from '../../formats/elf-problems.js';
import { sectionNamed, type Elf } from '../../formats/elf.js';
import type { FactKind } from '../../core/facts.js';
import type { ElfFindings } from './elf.js';
import { shortText } from './short-text.js';

export function stringFacts(elf: Elf, { facts, problems, told }: ElfFindings): void {
  const tell = (name: string, kind: FactKind, { text, offset }: ElfText): void => {
    facts.push({ name, kind, value: shortText(text), offset });
    told.add(offset, text.length);
  };
  orProblem(problems, () => {
    const interpreter = elfInterpreter(elf);
    if (interpreter !== null) tell('interpreter', 'path', interpreter);
  });
  for (const [section, name, kind] of STRING_SECTIONS)
    orProblem(problems, () => {
      for (const each of sectionStrings(elf, sectionNamed(elf, section)).slice(0, MOST_STRINGS))
        tell(name, kind, each);
    });
  orProblem(problems, () => {
    const link = readDebugLink(elf);
    if (link === null) return;
    const buildId = String(facts.find(({ name }) => name === 'build-id')?.value ?? '');
    // Debian's debug files are named by the build id.
    const isById = buildId !== '' && link.name === `${buildId.slice(2)}.debug`;
    tell('.gnu_debuglink', isById ? 'build-id' : 'text', { text: link.name, offset: link.offset });
    facts.push({
      name: '.gnu_debuglink CRC',
      kind: 'checksum',
      value: link.crc.toString(16).padStart(8, '0'),
      offset: link.crcOffset,
    });
    told.add(link.crcOffset, 4);
  });
  orProblem(problems, () => {
    const link = readDebugAltLink(elf);
    if (link === null) return;
    tell('.gnu_debugaltlink', 'path', { text: link.name, offset: link.offset });
    const { buildId: value, buildIdOffset: offset } = link;
    facts.push({ name: '.gnu_debugaltlink build-id', kind: 'build-id', value, offset });
    told.add(offset, value.length / 2);
  });
}

const STRING_SECTIONS: readonly (readonly [string, string, FactKind])[] = [
  ['.comment', 'compiler', 'version'],
  ['.GCC.command.line', 'command line', 'flags'],
];
/** One for each object file, where nobody merged them. */
const MOST_STRINGS = 5000;
