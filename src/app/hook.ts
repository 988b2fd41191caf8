/** What a build calls: scrub, record, and one comparison with the build before. All that can be refused is refused first. */

import { diffBuilds } from '../diff/index.js';
import type { Report } from '../core/report.js';
import { classify } from '../scrub/catalogue/index.js';
import { readOwnership } from '../packages/read-ownership.js';
import type { OpenSource } from '../sources/define.js';
import type { Store } from '../store/define.js';
import { openStore } from '../store/index.js';
import { defaultStream, readOsRelease } from './build-facts.js';
import type { RecipeOwner } from './config-shape.js';
import { refuseRunningSystem, refuseStoreInRoot } from './guard-root.js';
import { recipesOf } from './recipe-owners.js';
import { recordBuild, type RecordedBuild, type RecordRequest } from './record.js';
import { checkRuleNames, scrubTree, type ScrubOutcome, type ScrubRequest } from './scrub.js';

export interface HookRequest
  extends
    Omit<
      RecordRequest,
      'store' | 'packages' | 'ownership' | 'edits' | 'scrubDiagnostics' | 'statCacheFile'
    >,
    Omit<ScrubRequest, 'files' | 'ownership' | 'check'> {
  readonly source: OpenSource;
  readonly storeLocation: string;
  readonly rootIsImage: boolean;
  /** Of the configuration. */
  readonly owners: readonly RecipeOwner[];
}

export interface HookOutcome {
  readonly recorded: RecordedBuild;
  readonly scrub: ScrubOutcome;
  /** Against the previous build of the stream; null for the first. */
  readonly comparison: Report | null;
}

export async function runHook(request: HookRequest): Promise<HookOutcome> {
  refuseRunningSystem(request.root, request.rootIsImage);
  refuseStoreInRoot(request.root, request.storeLocation);
  checkRuleNames(request);
  const store = await openStore(request.storeLocation, { mode: 'write', signal: request.signal });
  try {
    await probe(store, request);
    const ownership = readOwnership(request.source.files);
    const scrub = await scrubTree({
      ...request,
      files: request.source.files,
      ownership,
      check: false,
    });
    const recorded = await recordBuild({
      ...request,
      store,
      statCacheFile: null,
      packages: ownership,
      ownership,
      edits: scrub.applied,
      scrubDiagnostics: scrub.diagnostics,
    });
    return {
      recorded,
      scrub,
      comparison: await compareWithPrevious(store, recorded, request.owners),
    };
  } finally {
    await store.close();
  }
}

/** Refuses a name that is taken or not legal, and a store that cannot be written, before the tree is touched. */
async function probe(store: Store, request: HookRequest): Promise<void> {
  const osRelease = readOsRelease(request.source.files);
  const stream = request.stream ?? defaultStream(osRelease, request.circumstances.architecture);
  const writer = await store.begin(request.name, { replace: request.replace, stream });
  await writer.abort();
}

async function compareWithPrevious(
  store: Store,
  recorded: RecordedBuild,
  owners: readonly RecipeOwner[],
): Promise<Report | null> {
  const builds = await store.builds(recorded.stream);
  const index = builds.findIndex(({ name }) => name === recorded.name);
  const previous = builds[index - 1];
  if (previous === undefined) return null;
  const side = async (name: string) => ({
    reader: await store.read(name),
    location: store.location,
  });
  return diffBuilds(await side(previous.name), await side(recorded.name), {
    classify,
    recipeOf: recipesOf(owners),
  });
}
