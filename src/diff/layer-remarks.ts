/** What a client that has one image downloads for the other: layers are fetched whole, by digest. */

import type { Facts } from '../core/facts.js';
import type { ArtifactReader } from '../core/manifest.js';
import type { LayerChange, Remark } from '../core/report.js';

/** At most one; none for what is no image, for images of equal layers, and without facts. */
export async function layerRemarks(
  before: ArtifactReader,
  after: ArtifactReader,
): Promise<readonly Remark[]> {
  const [old, now] = [await layersOf(before), await layersOf(after)];
  if (old === null || now === null) return [];
  const has = new Set(old.map(({ digest }) => digest));
  const changed = now.filter(({ digest }) => !has.has(digest));
  if (changed.length === 0) return [];
  return [
    {
      kind: 'layers',
      layers: now.length,
      sizeBytes: sum(now),
      downloadBytes: sum(changed),
      changed: changed
        .map(({ name, sizeBytes }) => ({ name, sizeBytes }))
        .toSorted((a, b) => b.sizeBytes - a.sizeBytes),
    },
  ];
}

type Layer = LayerChange & { readonly digest: string };

const FORMAT = 'oci-image';
const PREFIX = 'layer ';

/** Null where nothing is known of them. */
async function layersOf(reader: ArtifactReader): Promise<readonly Layer[] | null> {
  const { container } = reader.artifact;
  if (container == null) return null;
  const known = (await reader.facts?.(container.digest)) ?? [];
  const image = known.find(({ format }) => format === FORMAT);
  return image === undefined ? null : layersIn(image);
}

/** Layers that are not in the image have no part, and what their descriptor says in columns. */
function layersIn({ tables }: Facts): readonly Layer[] {
  return tables.flatMap(({ columns, rows }) =>
    rows.flatMap(({ key, values, part }) => {
      if (!key.startsWith(PREFIX)) return [];
      const cell = (name: string): string | null => {
        const value = values[columns.findIndex((column) => column.name === name)] ?? null;
        return value === null ? null : String(value);
      };
      const digest = part?.digest ?? cell('digest')?.replace(/^sha256:/, '');
      const sizeBytes = part?.size ?? Number(cell('size') ?? 0);
      return digest === undefined ? [] : [{ name: key.slice(PREFIX.length), digest, sizeBytes }];
    }),
  );
}

function sum(layers: readonly LayerChange[]): number {
  return layers.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
