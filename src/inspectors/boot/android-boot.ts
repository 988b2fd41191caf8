/** Android boot images, which A/B systems of Android and aboot write. */

import type { FactKind, FactRow } from '../../core/facts.js';
import { bufferAccess, windowAccess } from '../../core/random-access.js';
import { androidBootRegions, isAndroidBoot, readAndroidBoot } from '../../formats/android-boot.js';
import { digestOfExtents, fillOf, Told } from '../common/told.js';
import { defineInspector } from '../define.js';
import { fieldFacts } from './field-facts.js';

export const androidBootInspector = defineInspector({
  id: 'android-boot',
  version: 1,
  summary:
    'Android boot images, versions 0 to 4 (AOSP, bootimg.h): header, kernel, ramdisk and the other parts.',
  streams: false,
  claims: ({ head }) => isAndroidBoot(bufferAccess(head)),
  inspect: async (piece, context) => {
    const input = await piece.random();
    const image = readAndroidBoot(input);
    const told = new Told();
    const facts = fieldFacts(image.header.fields, told, {
      kinds: KINDS,
      rename: (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    });
    const rows: FactRow[] = [];
    for (const region of androidBootRegions(image)) {
      const { kind, name, offset, length } = region;
      if (kind === 'part' || kind === 'trailing') {
        const as = name === 'ramdisk' ? 'initramfs' : undefined;
        const part = await context.part(name, windowAccess(input, offset, length), as);
        rows.push({ key: name, values: [length, null], offset, part });
        continue;
      }
      const rest = told.rest(region);
      const slack = kind === 'padding' ? fillOf(input, rest) : digestOfExtents(input, rest);
      if (slack !== null || kind === 'padding')
        rows.push({ key: name, values: [length, slack], offset, part: null });
    }
    return {
      facts,
      tables: [
        {
          name: '',
          ordered: true,
          columns: [
            { name: 'size', kind: 'size' },
            { name: 'slack', kind: 'slack' },
          ],
          rows,
        },
      ],
      problems: image.problems.map(({ offset, message }) => ({ offset, detail: message })),
    };
  },
});

const KINDS: Readonly<Record<string, FactKind>> = {
  magic: 'text',
  name: 'text',
  cmdline: 'text',
  extraCmdline: 'text',
  id: 'digest',
  osVersion: 'version',
  headerVersion: 'number',
};
