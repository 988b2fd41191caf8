export { changedFiles, type ChangedFile } from './changed-files.js';
export { diffBuilds, type DiffOptions, type DiffSide } from './diff-builds.js';
