/** os-release(5) and its likes: keys with their values as they are; nothing in them is a secret. */

import type { Fact, FactKind } from '../core/facts.js';
import { readOsReleaseLines } from '../formats/os-release.js';
import { shortDigest } from './common/short-digest.js';
import { defineInspector } from './define.js';

const NAMES = /(?:^|\/)(?:[\w.]+-release|extension-release\.[\w.-]+)$/;
const ASSIGNMENT = /^(?:(?:#[^\n]*)?\n)*[A-Z][A-Z0-9_]*=/;
const MAX_BYTES = 1024 * 1024;
const LONGEST_VALUE = 512;
const VERSIONS =
  /^(?:(?:DISTRIB_|IMAGE_|OSTREE_|REDHAT_\w+_|DISTRIB_)?(?:VERSION|RELEASE|DESCRIPTION)|VERSION_\w+|BUILD_ID|PRETTY_NAME|\w+_(?:VERSION|BUILD_ID))$/;

export const osReleaseInspector = defineInspector({
  id: 'os-release',
  version: 1,
  summary: 'os-release(5), lsb-release and extension-release: values by key.',
  streams: false,
  claims: ({ name, head }) =>
    NAMES.test(name) && ASSIGNMENT.test(Buffer.from(head).toString('latin1')),
  inspect: async (piece) => {
    const lines = readOsReleaseLines(await piece.whole(MAX_BYTES));
    // What the values leave: keys, quotes, comments, line ends, and the order of all of them.
    const rest: string[] = [];
    const facts = lines.flatMap((line): Fact[] => {
      const value = Buffer.from(line.value, 'utf8').toString('latin1');
      const at = line.key === null ? -1 : line.raw.indexOf(value, line.raw.indexOf('=') + 1);
      rest.push(
        at < 0 ? line.raw : `${line.raw.slice(0, at)}\0${line.raw.slice(at + value.length)}`,
        line.hasNewline ? '\n' : '',
      );
      if (line.key === null) return [];
      const shown = value.length > LONGEST_VALUE ? shortDigest(value) : value;
      return [{ name: line.key, kind: kindOf(line.key), value: shown, offset: line.offset }];
    });
    const others = lines.filter(({ key, raw }) => key === null && raw.trim() !== '');
    return {
      facts: [
        ...facts,
        ...(others.length === 0
          ? []
          : [
              {
                name: 'other lines',
                kind: 'opaque',
                value: shortDigest(others.map(({ raw }) => raw).join('\n')),
                offset: others[0]!.offset,
              } as const,
            ]),
        { name: 'layout', kind: 'layout', value: shortDigest(rest.join('')), offset: null },
      ],
      tables: [],
    };
  },
});

function kindOf(key: string): FactKind {
  return VERSIONS.test(key) ? 'version' : 'text';
}
