/** The text files of libalpm's local database (alpm-db-desc(5), alpm-db-files(5)): one fact for each section. */

import type { Fact, FactKind } from '../../core/facts.js';
import { readAlpmSections } from '../../formats/alpm-desc.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

const MAX_BYTES = 64 * 1024 * 1024;
const LITERALS: Readonly<Record<string, FactKind>> = {
  NAME: 'text',
  BASE: 'text',
  VERSION: 'version',
  ARCH: 'text',
  URL: 'text',
  LICENSE: 'text',
  GROUPS: 'text',
  BUILDDATE: 'time',
  INSTALLDATE: 'time',
  PACKAGER: 'text',
  SIZE: 'size',
  REASON: 'number',
  VALIDATION: 'text',
  XDATA: 'text',
};
const LONGEST_VALUE = 256;

export const alpmDescInspector = defineInspector({
  id: 'alpm-desc',
  version: 1,
  summary: "Descriptions and file lists in pacman's local database: values by section.",
  streams: false,
  claims: ({ name, head }) =>
    /(?:^|\/)(?:desc|files)$/.test(name) &&
    /^%[A-Z\d]+%\n/.test(Buffer.from(head.subarray(0, 40)).toString('latin1')),
  inspect: async (piece) => {
    const bytes = await piece.whole(MAX_BYTES);
    const sections = readAlpmSections(bytes);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const usual = [...sections].map(([name, values]) =>
      [`%${name}%`, ...values, '', ''].join('\n'),
    );
    return {
      facts: [
        ...[...sections].map(([name, values]): Fact => {
          const value = values.join('\n');
          const kind = LITERALS[name];
          return {
            name,
            kind: kind ?? 'opaque',
            value: kind === undefined || value.length > LONGEST_VALUE ? shortDigest(value) : value,
            offset: null,
          };
        }),
        {
          name: 'sections',
          kind: 'layout',
          value: shortDigest([...sections.keys()].join()),
          offset: null,
        },
        // Blank lines where pacman writes none.
        ...(usual.join('') === text
          ? []
          : [{ name: 'form', kind: 'layout', value: shortDigest(text), offset: null } as const]),
      ],
      tables: [],
    };
  },
});
