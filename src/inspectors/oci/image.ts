/** Images of containers, level by level: indexes, manifest, configuration, layers. */

import type { Fact } from '../../core/facts.js';
import { windowAccess } from '../../core/random-access.js';
import {
  isImageDocument,
  readImageDocument,
  type LocatedPart,
} from '../../formats/oci-document.js';
import { RowCollector } from '../common/row-collector.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

export const ociImageInspector = defineInspector({
  id: 'oci-image',
  version: 1,
  summary:
    'images of containers (OCI image-spec 1.1, docker save): index, manifest, configuration, and every layer down to the headers of its archive.',
  streams: false,
  claims: ({ head }) => isImageDocument(head),
  inspect: async (piece, context) => {
    const input = await piece.random();
    const { parts, headBytes } = readImageDocument(input);
    context.spend(parts.length);
    const rows = new RowCollector('', [
      ['mediaType', 'text'],
      ['digest', 'digest'],
      ['size', 'size'],
    ]);
    for (const [i, part] of parts.entries()) {
      const { name, as } = describe(part, countBefore(parts, i));
      const window = windowAccess(input, part.offset, part.bytes);
      const found = part.bytes === 0 ? null : await context.part(name, window, as);
      // Of what is there, size and digest are told with it.
      const isAsNamed = found !== null && part.digest === `sha256:${found.digest}`;
      const values = [
        part.mediaType || null,
        isAsNamed ? null : part.digest,
        found?.size === part.size ? null : part.size,
      ];
      rows.add(name, values, part.offset, found);
    }
    const list: Fact = {
      name: 'list of parts',
      kind: 'digest',
      value: shortDigest(input.read(0, headBytes)),
      offset: 0,
    };
    return { facts: [list], tables: rows.tables() };
  },
});

/** Parts of the same role in front. */
function countBefore(parts: readonly LocatedPart[], i: number): number {
  const { role } = parts[i]!;
  let count = 0;
  // Roles stand together.
  for (let at = i - 1; at >= 0 && parts[at]!.role === role; at--) count += 1;
  return count;
}

/** The name under which a part is met again in the image of another build, and its format. */
function describe(
  { role, name, mediaType }: LocatedPart,
  before: number,
): { readonly name: string; readonly as?: string } {
  switch (role) {
    case 'index':
      return { name: before === 0 ? 'index.json' : `index ${before}`, as: 'oci-json' };
    case 'manifest':
      return { name: 'manifest', as: 'oci-json' };
    case 'config':
      return { name: 'config', as: 'oci-json' };
    case 'layer':
      return {
        name: `layer ${name === '' ? before + 1 : shortened(name)}`,
        ...(CODECS.has(mediaType) ? { as: CODECS.get(mediaType)! } : {}),
      };
  }
}

/** The others are told by their bytes. */
const CODECS = new Map([
  ['application/vnd.oci.image.layer.v1.tar', 'tar'],
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
]);
const LONGEST = 60;

/** Layers of many packages: the first of them, and a digest of all. */
function shortened(components: string): string {
  if (components.length <= LONGEST) return latin1(components);
  return latin1(`${components.slice(0, LONGEST)}... ${shortDigest(components).slice(0, 8)}`);
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
