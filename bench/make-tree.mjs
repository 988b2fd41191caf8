/**
 * A tree like /usr, the same on every machine: sizes log-normal with a median of 2 kB, some megabytes among them,
 * a directory for every ten files, symlinks and hard links. `node bench/make-tree.mjs OUT [FILES]`
 */

import { existsSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [out, count = '200000'] = process.argv.slice(2);
const files = Number(count);
const done = join(out, `.made-${files}`);
if (existsSync(done)) process.exit(0);

let state = 0x9e3779b9;
/** Uniform in [0, 1): a 32-bit xorshift (Marsaglia 2003), so that the tree needs no seed from outside. */
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 0x1_0000_0000;
}

const pool = Buffer.alloc(1 << 20);
for (let i = 0; i < pool.length; i++) pool[i] = random() * 256;

mkdirSync(out, { recursive: true });
const directories = [out];
for (let i = 0; i < files; i++) {
  if (i % 10 === 0) {
    const parent = directories[Math.floor(random() * Math.min(directories.length, 400))];
    const directory = join(parent, `d${directories.length}`);
    mkdirSync(directory, { recursive: true });
    directories.push(directory);
  }
  const directory =
    directories[directories.length - 1 - Math.floor(random() * Math.min(directories.length, 20))];
  const path = join(directory, `file-${i}`);
  const kind = random();
  if (kind < 0.06) symlinkSync('../target', path);
  else if (kind < 0.07 && existsSync(join(directory, `file-${i - 1}`)))
    linkSync(join(directory, `file-${i - 1}`), path);
  else {
    const gaussian = Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
    const size =
      random() < 0.0005
        ? 4 << 20
        : Math.min(pool.length - 4, Math.floor(Math.exp(7.75 + 1.75 * gaussian)));
    const start = Math.floor(random() * Math.max(1, pool.length - size));
    const content = Buffer.concat([Buffer.from(String(i)), pool.subarray(start, start + size)]);
    writeFileSync(path, content);
    utimesSync(path, 1_600_000_000, 1_600_000_000 + (i % 1000));
  }
}
writeFileSync(done, '');
