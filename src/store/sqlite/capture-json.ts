/** A capture set as JSON in a column. Paths that are not UTF-8 become `{"latin1": ...}`, the others plain text. */

import type { CaptureSet } from '../../core/capture.js';
import type { TreePath } from '../../core/path.js';
import { fromStored, toStored } from './names.js';

type PathJson = string | { readonly latin1: string };

export function captureToJson(capture: CaptureSet): string {
  return JSON.stringify({ ...capture, mountPoints: capture.mountPoints.map(pathToJson) });
}

export function captureFromJson(json: string): CaptureSet {
  const capture = JSON.parse(json) as Omit<CaptureSet, 'mountPoints'> & {
    readonly mountPoints: readonly PathJson[];
  };
  return { ...capture, mountPoints: capture.mountPoints.map(pathFromJson) };
}

function pathToJson(path: TreePath): PathJson {
  const stored = toStored(path);
  return typeof stored === 'string' ? stored : { latin1: path };
}

function pathFromJson(json: PathJson): TreePath {
  return (typeof json === 'string' ? fromStored(json) : json.latin1) as TreePath;
}
