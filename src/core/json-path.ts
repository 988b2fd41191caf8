/** Byte paths in JSON: a string when they are UTF-8, otherwise escaped, with the bytes in base64 beside it. */

import { displayBytes, isUtf8, treePathBytes, utf8Text, type TreePath } from './path.js';

export interface JsonPath {
  readonly path: string;
  readonly pathBase64?: string;
}

export function jsonPath(path: TreePath): JsonPath {
  if (isUtf8(path)) return { path: utf8Text(path) };
  return { path: displayBytes(path), pathBase64: treePathBytes(path).toString('base64') };
}
