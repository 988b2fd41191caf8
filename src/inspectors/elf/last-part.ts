/** What is behind the last slash of a path: the name under which a file is known wherever it lies. */
export function lastPart(path: string): string {
  return path.slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1);
}
