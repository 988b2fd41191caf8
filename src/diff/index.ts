export { changedFiles, type ChangedFile } from './changed-files.js';
export { isCounterpart } from './compare-others.js';
export { diffBuilds, type DiffOptions, type DiffSide } from './diff-builds.js';
export { causesMarkdown } from './causes/causes-markdown.js';
export { listCauses, type ListedCause } from './causes/list-causes.js';
export { compareFacts, type FactsComparison, type FactsLookup } from './facts/compare-facts.js';
