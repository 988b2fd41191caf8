export { diffBuilds, type DiffOptions, type DiffSide } from './diff-builds.js';
