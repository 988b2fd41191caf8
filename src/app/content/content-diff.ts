/** Shows what changed inside of files: as lines or as bytes, from the store or from trees that are still there. */

import { createHash } from 'node:crypto';

import type { Entry } from '../../core/entry.js';
import { AuditError, errnoOf } from '../../core/errors.js';
import type { Facts } from '../../core/facts.js';
import type { ArtifactReader } from '../../core/manifest.js';
import { displayBytes, displayPath, treePathFromText, type TreePath } from '../../core/path.js';
import { bufferAccess } from '../../core/random-access.js';
import type { Change, Report } from '../../core/report.js';
import { isSecretPath, namedKey } from '../../core/secrets.js';
import { diffBuilds } from '../../diff/index.js';
import { TreeLookup } from '../../diff/tree-lookup.js';
import { DEFAULT_LIMITS, inspectFile, inspectors } from '../../inspectors/index.js';
import { classify } from '../../scrub/catalogue/index.js';
import type { OpenSource } from '../../sources/define.js';
import { withSides, type DiffRequest, type Side } from '../diff-sides.js';
import { openArtifact } from '../open-artifact.js';
import { openSource } from '../open-location.js';
import { recipesOf } from '../recipe-owners.js';
import { hexDiff, type HexDiff } from './hex-diff.js';
import { MAX_CONTENT_BYTES } from './keep-content.js';
import { SECRET_PATH, whyRefused } from './refusal.js';
import { isText, textDiff, type TextHunk } from './text-diff.js';

export interface ContentDiff {
  readonly path: TreePath;
  /** Null when nothing differs at this path. */
  readonly change: Change | null;
  readonly content: ContentView;
}

export type ContentView =
  /** No file, or the same bytes on both sides. */
  | { readonly kind: 'same' }
  | { readonly kind: 'text'; readonly hunks: readonly TextHunk[] }
  | { readonly kind: 'binary'; readonly diff: HexDiff }
  /** Secret, or may be. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly sides: readonly MissingSide[] };

export interface MissingSide {
  readonly side: 'before' | 'after';
  readonly build: string;
  /** For people, without an end. */
  readonly reason: string;
}

export interface ContentDiffs {
  readonly report: Report;
  readonly files: readonly ContentDiff[];
}

/** Rows of a hex diff that are shown. */
const MOST_ROWS = 256;

/** `paths` as people write them. Throws `USAGE` for a path that neither side has. */
export function diffContent(request: DiffRequest, paths: readonly string[]): Promise<ContentDiffs> {
  return withSides(request, async (before, after) => {
    const report = await diffBuilds(before, after, {
      classify,
      recipeOf: recipesOf(request.owners),
    });
    const files: ContentDiff[] = [];
    for (const text of paths) files.push(await fileDiff(request, report, before, after, text));
    return { report, files };
  });
}

async function fileDiff(
  request: DiffRequest,
  report: Report,
  before: Side,
  after: Side,
  text: string,
): Promise<ContentDiff> {
  const path = pathOf(text, report);
  const change = report.changes.find((each) => each.path === path) ?? null;
  const [old, now] = [await entryOf(before, path), await entryOf(after, path)];
  if (old === null && now === null) throw unknownPath(text, path, before, after);
  const content = await viewOf(
    request,
    path,
    { side: before, entry: old },
    { side: after, entry: now },
  );
  return { path, change, content };
}

/** Escaped as reports show it, where no such path is there as it was typed. */
function pathOf(text: string, { changes }: Report): TreePath {
  const path = treePathFromText(text);
  const shown = text.replace(/^\/+/, '');
  const found =
    changes.find((each) => each.path === path) ??
    changes.find((each) => displayBytes(each.path) === shown);
  return found?.path ?? path;
}

async function entryOf({ reader }: Side, path: TreePath): Promise<Entry | null> {
  const [artifact] = reader.artifacts;
  if (artifact === undefined) return null;
  return (await new TreeLookup(artifact).find(path))?.entry ?? null;
}

function unknownPath(text: string, path: TreePath, before: Side, after: Side): AuditError {
  const names = `${before.reader.build.name} nor ${after.reader.build.name}`;
  const hint = path.includes('!')
    ? `members of archives are not shown; name the archive: --content ${displayBytes(path.slice(0, path.indexOf('!')))}`
    : 'paths start at the root of the tree, as diff shows them';
  return new AuditError('USAGE', `--content ${JSON.stringify(text)}: neither ${names} has it`, {
    hint,
  });
}

interface SideFile {
  readonly side: Side;
  /** Null where the path does not exist. */
  readonly entry: Entry | null;
}

async function viewOf(
  request: DiffRequest,
  path: TreePath,
  before: SideFile,
  after: SideFile,
): Promise<ContentView> {
  if (before.entry?.type !== 'file' && after.entry?.type !== 'file') return { kind: 'same' };
  const [x, y] = [before.entry?.sha256 ?? null, after.entry?.sha256 ?? null];
  if (x !== null && y !== null && Buffer.compare(x, y) === 0) return { kind: 'same' };
  if (isSecretPath(path)) return { kind: 'refused', reason: SECRET_PATH };
  const a = await bytesOf(request, path, before, 'before');
  const b = await bytesOf(request, path, after, 'after');
  for (const bytes of [a, b]) {
    if (!(bytes instanceof Uint8Array) || bytes.length === 0) continue;
    const reason = await refusalOf(request, path, bytes);
    if (reason !== null) return { kind: 'refused', reason };
  }
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) {
    const sides = [a, b].flatMap((each) => (each instanceof Uint8Array ? [] : [each]));
    return { kind: 'unavailable', sides };
  }
  if (isText(a) && isText(b)) {
    const hunks = await textDiff(a, b);
    if (hunks !== null) return { kind: 'text', hunks };
  }
  return { kind: 'binary', diff: hexDiff(a, b, MOST_ROWS) };
}

/** Empty where there is no file; where its bytes are not at hand, why. */
async function bytesOf(
  request: DiffRequest,
  path: TreePath,
  { side, entry }: SideFile,
  name: 'before' | 'after',
): Promise<Uint8Array | MissingSide> {
  if (entry === null || entry.type !== 'file') return new Uint8Array(0);
  const { build } = side.reader;
  const missing = (reason: string): MissingSide => ({ side: name, build: build.name, reason });
  const { sha256, size } = entry;
  if (sha256 === null)
    return missing(
      entry.coverage === 'full' ? 'it was recorded without SHA-256' : 'it could not be read',
    );
  if (size === 0) return new Uint8Array(0);
  if (size > MAX_CONTENT_BYTES) return missing(`it has ${size} bytes, which is too much to show`);
  const [artifact] = side.reader.artifacts as [ArtifactReader];
  const kept = (await artifact.content?.(sha256)) ?? null;
  if (kept !== null) return kept;
  const live = await readTree(request, build.facts.source, artifact.artifact.name, path, entry);
  if (live instanceof Uint8Array) return live;
  return missing(`its bytes are not kept in ${side.location}, and ${live}`);
}

/** The bytes that still lie in the tree or archive, or why they do not. */
async function readTree(
  { signal, onProgress }: DiffRequest,
  location: string,
  artifact: string,
  path: TreePath,
  entry: Entry,
): Promise<Uint8Array | string> {
  const source = openArtifact(location, artifact) ?? openFile(location);
  if (source === null) return `${displayBytes(location)} cannot be opened any more`;
  const where = `${displayBytes(location)}${displayPath(path)}`;
  const isArchive = source.prepare !== undefined;
  try {
    const keeps = (each: string): boolean => each === path;
    const options = { digests: ['sha256'], exclusions: [], signal, keeps } as const;
    await source.prepare?.({ ...options, progress: onProgress });
    const file = source.files.open(path);
    if (file === null)
      return isArchive ? `${where} is not read from there: unpack it` : `${where} is gone`;
    try {
      const bytes = file.size === entry.size ? file.read(0, file.size) : null;
      const digest = bytes === null ? null : createHash('sha256').update(bytes).digest();
      return digest?.equals(entry.sha256!) === true ? bytes! : `${where} has other bytes now`;
    } finally {
      file.close();
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return `${where} cannot be read (${errnoOf(error)})`;
  } finally {
    source.close();
  }
}

/** An archive; null when there is none any more. */
function openFile(location: string): OpenSource | null {
  try {
    return openSource(location);
  } catch (error) {
    if (error instanceof AuditError) return null;
    throw error;
  }
}

/** The bytes are looked into anew: what is stored may be by an inspector that knew less. */
async function refusalOf(
  { inspection, signal }: DiffRequest,
  path: TreePath,
  bytes: Uint8Array,
): Promise<string | null> {
  signal.throwIfAborted();
  const digest = createHash('sha256').update(bytes).digest('hex');
  const found = new Map<string, Facts[]>();
  await inspectFile(
    { name: path, bytes: bufferAccess(bytes), digest },
    {
      inspectors,
      limits: DEFAULT_LIMITS,
      key: namedKey(inspection.freshKey()),
      isTime: () => false,
      known: () => false,
      found: ({ digest: of, facts }) => void found.set(of, [...(found.get(of) ?? []), facts]),
      now: inspection.clock,
    },
  );
  return whyRefused(path, bytes, digest, (of) => Promise.resolve(found.get(of) ?? []));
}
