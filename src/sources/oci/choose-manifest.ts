/** Which image of a layout is meant: by tag or digest, and by platform. */

import { AuditError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { readOciConfig } from '../../formats/oci-config.js';
import type { OciDescriptor } from '../../formats/oci-descriptor.js';
import { INDEX_TYPES, isAttestation, readOciIndex, tagsOf } from '../../formats/oci-index.js';
import { readOciManifest } from '../../formats/oci-manifest.js';
import {
  parsePlatform,
  platformFits,
  platformText,
  type OciPlatform,
} from '../../formats/oci-platform.js';
import type { ImageFiles } from './image-files.js';
import { readDocument } from './verify-blob.js';

export interface ChosenManifest {
  readonly descriptor: OciDescriptor;
  /** The tag, or the digest where a tag alone does not choose; null: the only one. */
  readonly reference: string | null;
  /** Nested indexes on the way, the outermost first; `index.json` is not among them. */
  readonly indexes: readonly {
    readonly descriptor: OciDescriptor;
    readonly access: RandomAccess;
  }[];
}

export interface Choice {
  /** For messages. */
  readonly location: string;
  /** Name or digest; null: the only one. */
  readonly tag: string | null;
  /** `os/architecture[/variant]`. */
  readonly platform: string | null;
  /** Taken when several images are there and none was asked for. */
  readonly ownPlatform: string | null;
  readonly tell: (detail: string) => void;
}

interface Candidate extends Omit<ChosenManifest, 'reference'> {
  /** Of the outermost descriptor. */
  readonly tags: readonly string[];
}

interface NestedIndex {
  readonly descriptor: OciDescriptor;
  readonly access: RandomAccess;
  readonly manifests: readonly OciDescriptor[];
}

const MOST_DEPTH = 8;
const MOST_MANIFESTS = 10_000;

/** Throws `SOURCE_UNUSABLE`, and lists what there is. */
export function chooseManifest(
  files: ImageFiles,
  manifests: readonly OciDescriptor[],
  choice: Choice,
): ChosenManifest {
  const all = candidatesOf(files, manifests, choice);
  const { tag } = choice;
  const named =
    tag === null
      ? all
      : all.filter(({ tags, descriptor }) => tags.includes(tag) || descriptor.digest === tag);
  const wanted = platformOf(choice.platform);
  const fitting =
    wanted === null ? named : named.filter((each) => fits(files, each, wanted, choice));
  const distinct = withoutRepeats(fitting);
  const chosen = (candidate: Candidate): ChosenManifest => {
    const isOnly = withoutRepeats(named).length === 1;
    return { ...candidate, reference: isOnly ? tag : candidate.descriptor.digest };
  };
  if (distinct.length === 1) return chosen(distinct[0]!);
  const own = platformOf(choice.ownPlatform);
  if (wanted === null && distinct.length > 1 && own !== null) {
    const ours = distinct.filter((each) => fits(files, each, own, choice));
    if (ours.length === 1) return chosen(ours[0]!);
  }
  throw noChoice(files, distinct.length === 0 ? all : distinct, choice);
}

/** Every manifest below the outermost index; an index inside of itself ends there. */
function candidatesOf(
  files: ImageFiles,
  manifests: readonly OciDescriptor[],
  { tell }: Choice,
): readonly Candidate[] {
  const found: Candidate[] = [];
  const known = new Map<string, NestedIndex | null>();
  const read = (descriptor: OciDescriptor): NestedIndex | null => {
    const document = readDocument(files, descriptor, 'index', tell);
    if (document === null) return null;
    const { manifests: inside } = readOciIndex(document.bytes, 'index');
    return { descriptor, access: document.access, manifests: inside };
  };
  let left = MOST_MANIFESTS;
  const visit = (
    descriptors: readonly OciDescriptor[],
    tags: readonly string[] | null,
    indexes: readonly NestedIndex[],
  ): void => {
    for (const descriptor of descriptors) {
      const { digest } = descriptor;
      if (isAttestation(descriptor)) continue;
      if (left-- <= 0) return;
      const names = [...(tags ?? []), ...tagsOf(descriptor)];
      if (!INDEX_TYPES.has(descriptor.mediaType)) {
        found.push({ descriptor, indexes, tags: names });
        continue;
      }
      if (indexes.length >= MOST_DEPTH || indexes.some((each) => each.descriptor.digest === digest))
        continue;
      if (!known.has(digest)) known.set(digest, read(descriptor));
      const nested = known.get(digest) ?? null;
      // Its images are not here, perhaps on purpose: copies of one platform leave the others out.
      if (nested !== null) visit(nested.manifests, names, [...indexes, nested]);
    }
  };
  visit(manifests, null, []);
  return found;
}

function withoutRepeats(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ descriptor: { digest } }) => {
    if (seen.has(digest)) return false;
    seen.add(digest);
    return true;
  });
}

function fits(
  files: ImageFiles,
  candidate: Candidate,
  wanted: OciPlatform,
  choice: Choice,
): boolean {
  const has = candidate.descriptor.platform ?? configPlatform(files, candidate, choice);
  return has !== null && platformFits(has, wanted);
}

/** An index need not say: the configuration does. */
function configPlatform(
  files: ImageFiles,
  { descriptor }: Candidate,
  { tell }: Choice,
): OciPlatform | null {
  const manifest = readDocument(files, descriptor, 'manifest', tell);
  if (manifest === null) return null;
  const config = readDocument(files, readOciManifest(manifest.bytes).config, 'config', tell);
  return config === null ? null : readOciConfig(config.bytes).platform;
}

function platformOf(text: string | null): OciPlatform | null {
  if (text === null) return null;
  const platform = parsePlatform(text);
  if (platform !== null) return platform;
  throw new AuditError(
    'USAGE',
    `--platform: expected OS/ARCHITECTURE[/VARIANT], found ${JSON.stringify(text)}`,
  );
}

const MOST_LISTED = 20;

function noChoice(files: ImageFiles, there: readonly Candidate[], choice: Choice): AuditError {
  const { location, tag, platform } = choice;
  const wanted = [tag, platform].filter((each) => each !== null).join(' for ');
  const asked = wanted === '' ? 'one image' : `one image ${wanted}`;
  const list = there.slice(0, MOST_LISTED).map((each) => {
    const has = each.descriptor.platform ?? configPlatform(files, each, choice);
    const names = each.tags.length > 0 ? each.tags.join(', ') : each.descriptor.digest;
    return has === null ? names : `${names} (${platformText(has)})`;
  });
  const more = there.length > MOST_LISTED ? ` and ${there.length - MOST_LISTED} more` : '';
  const found = list.length === 0 ? 'none' : `${list.join('; ')}${more}`;
  return new AuditError(
    'SOURCE_UNUSABLE',
    `cannot choose in ${location}: expected ${asked}, found ${found}`,
    { hint: 'name one as oci:LAYOUT:TAG, or its platform with --platform linux/arm64' },
  );
}
