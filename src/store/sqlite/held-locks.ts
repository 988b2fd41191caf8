/**
 * Whether this process has a write transaction open on some file. Closing any descriptor of a file drops the locks that
 * the process has on it (fcntl(2)), SQLite's own included, so files must not be opened past SQLite meanwhile.
 */

let held = 0;

export function noteLock(): void {
  held += 1;
}

export function noteUnlock(): void {
  held -= 1;
}

export function holdsLocks(): boolean {
  return held > 0;
}
