/** Digests of a tree as other tools have them: of a source that is read now, or of a recorded build. */

import { createHash } from 'node:crypto';

import { isCommit, type Container } from '../core/build.js';
import type { DigestAlgorithm, Exclusion } from '../core/capture.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { AuditError } from '../core/errors.js';
import type { ArtifactReader } from '../core/manifest.js';
import type { OpenContainer, OpenOptions, OpenSource, ScanProgress } from '../sources/define.js';
import { composefsDump, refuseUndumpable } from './dump.js';
import { imageDigests, recordedManifest, type ImageDigests } from './image-digest.js';
import { withWord } from './locate.js';
import { openSource } from './open-location.js';
import { ostreeContent } from './ostree-content.js';
import { scanTree } from './scanned-tree.js';

export const DIGEST_KINDS = [
  'tree',
  'ostree-content',
  'ostree-commit',
  'composefs-dump',
  'oci',
] as const;
export type DigestKind = (typeof DIGEST_KINDS)[number];

export interface DigestRequest {
  /** A source or a build. */
  readonly word: string;
  readonly kind: DigestKind;
  /** For `ostree-content`: with the owners and modes of `ostree commit --canonical-permissions`. */
  readonly isCanonical: boolean;
  readonly storeLocation: string;
  /** Which image is meant. */
  readonly platforms?: OpenOptions;
  readonly exclusions: readonly Exclusion[];
  readonly startedNs: bigint;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Takes the text of `composefs-dump`, latin1, in pieces. */
  readonly write: (latin1: string) => Promise<void>;
}

export interface FoundDigest {
  /** 64 hex digits; of an image `sha256:` and those. */
  readonly digest: string;
  /** What the tree was taken as; null where there is no choice. */
  readonly variant: 'as-is' | 'canonical' | null;
  /** Of an image that is read now, what is below the manifest. */
  readonly image?: ImageDigests;
  /** What could not be read, or is not what its digest says: the digest is then not that of the tree. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws `SOURCE_UNUSABLE` where there is no such digest. */
export async function digest(request: DigestRequest): Promise<FoundDigest> {
  return withWord(request.word, request.storeLocation, {
    source: (location) => digestOfSource(request, location),
    build: ({ build, artifacts }) => digestOfBuild(request, build.name, artifacts[0]!),
  });
}

async function digestOfSource(request: DigestRequest, location: string): Promise<FoundDigest> {
  const { kind, isCanonical, signal } = request;
  const source = openSource(location, request.platforms);
  try {
    if (kind === 'oci') return await digestOfImage(request, source);
    if (kind === 'ostree-commit') {
      const { container } = source;
      return { digest: commitOf(request.word, container), variant: null, diagnostics: [] };
    }
    // The checksums of ostree are taken over other bytes: of the scan only its listing is needed.
    const digests: readonly DigestAlgorithm[] =
      kind === 'ostree-content' ? ['xxh64'] : ['xxh64', 'sha256'];
    const tree = await scanTree(source, { ...request, digests });
    const { diagnostics } = tree;
    if (kind !== 'ostree-content') {
      refuseUndumpable(request.word, tree.capture);
      return { digest: await dumped(request, tree), variant: null, diagnostics };
    }
    const found = await ostreeContent({ tree, files: source.files, isCanonical, signal });
    return { digest: found, variant: isCanonical ? 'canonical' : 'as-is', diagnostics };
  } finally {
    source.close();
  }
}

/** Every document and layer is read and held against its digest; what lies outside of the tree is no matter here. */
async function digestOfImage(request: DigestRequest, source: OpenSource): Promise<FoundDigest> {
  const image = imageDigests(request.word, source.container);
  const { diagnostics } = await scanTree(source, {
    ...request,
    digests: ['xxh64'],
    exclusions: [],
  });
  return {
    digest: image.manifest,
    variant: null,
    image,
    diagnostics: diagnostics.filter(({ path }) => path === null),
  };
}

async function digestOfBuild(
  request: DigestRequest,
  name: string,
  reader: ArtifactReader,
): Promise<FoundDigest> {
  const { container, capture, diagnostics } = reader.artifact;
  if (request.kind === 'ostree-commit')
    return { digest: recordedCommit(name, container), variant: null, diagnostics };
  const facts = container === null ? [] : ((await reader.facts?.(container.digest)) ?? []);
  if (request.kind === 'oci')
    return { digest: recordedManifest(name, facts), variant: null, diagnostics };
  if (request.kind === 'ostree-content') {
    const known = facts
      .flatMap((each) => (each.format === 'ostree-commit' ? each.facts : []))
      .find((fact) => fact.name === 'ostree-content-checksum')?.value;
    if (typeof known === 'string' && !request.isCanonical)
      return { digest: known, variant: 'as-is', diagnostics };
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `${name} is a recorded build, of which no content checksum of ostree can be computed: it is taken over the bytes of the files`,
      { hint: 'name the directory or the repository while it is there' },
    );
  }
  refuseUndumpable(name, capture);
  return { digest: await dumped(request, reader), variant: null, diagnostics };
}

/** The tree digest; writes the text it is taken over, where that is asked for. */
async function dumped(
  { kind, write }: DigestRequest,
  tree: Pick<ArtifactReader, 'root' | 'entries'>,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of composefsDump(tree)) {
    hash.update(Buffer.from(piece, 'latin1'));
    if (kind === 'composefs-dump') await write(piece);
  }
  return hash.digest('hex');
}

function commitOf(word: string, container: OpenContainer | null): string {
  if (container === null || !isCommit(container)) throw noCommit(word);
  const { bytes } = container;
  return createHash('sha256').update(bytes.read(0, bytes.size)).digest('hex');
}

/** A commit is named by the SHA-256 of its bytes, which is what a build keeps of its container. */
function recordedCommit(name: string, container: Container | null): string {
  if (container === null || !isCommit(container)) throw noCommit(name);
  return Buffer.from(container.digest).toString('hex');
}

function noCommit(word: string): AuditError {
  return new AuditError('SOURCE_UNUSABLE', `${word} is no commit of ostree`, {
    hint: 'its content checksum has --kind ostree-content',
  });
}
