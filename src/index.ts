/** The public library surface: the use cases, and the vocabulary of what they take and return. */

export { diff, type DiffRequest } from './app/diff.js';
export { runHook, type HookOutcome, type HookRequest } from './app/hook.js';
export { normalizeFiles, type NormalizedFile, type NormalizeRequest } from './app/normalize.js';
export { openSource } from './app/open-location.js';
export type { RecordedBuild } from './app/record.js';
export { scrubTree, type ScrubOutcome, type ScrubRequest } from './app/scrub.js';
export { showBuild, type ShownBuild } from './app/show.js';
export { snapshot, type SnapshotRequest } from './app/snapshot.js';
export type { Build, BuildFacts, BuildSummary } from './core/build.js';
export type { CaptureSet, Exclusion } from './core/capture.js';
export type { Diagnostic } from './core/diagnostic.js';
export type { AppliedEdit, Edit } from './core/edit.js';
export type { Entry } from './core/entry.js';
export { AuditError } from './core/errors.js';
export { displayPath, treePathFromText, type TreePath } from './core/path.js';
export type { Change, Finding, Report } from './core/report.js';
export { reporters } from './reporters/index.js';
export { openStore } from './store/index.js';
export { VERSION } from './version.js';
