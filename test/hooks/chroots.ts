/** Root folders that hold nothing but the named programs and the libraries those need. */

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** What the postprocess script may call: all of it is coreutils. */
const coreutils = ['cat', 'chmod', 'cp', 'mv', 'rm', 'rmdir', 'stat', 'touch', 'tr'];

/** busybox for everything, the shell included. */
export function installBusybox(root: string): void {
  installPrograms(root, ['busybox']);
  const busybox = programPath('busybox');
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n'))
    if (applet !== '' && !existsSync(join(root, 'usr/bin', applet)))
      symlinkSync('busybox', join(root, 'usr/bin', applet));
}

/** dash as sh, and the coreutils the script calls. */
export function installCoreutils(root: string): void {
  installPrograms(root, ['dash', ...coreutils]);
  symlinkSync('dash', join(root, 'usr/bin/sh'));
}

/** Copies programs to usr/bin, and their libraries to where the loader looks. */
export function installPrograms(root: string, programs: readonly string[]): void {
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  for (const program of programs) {
    const path = programPath(program);
    const target = join(root, 'usr/bin', program);
    copyFileSync(realpathSync(path), target);
    chmodSync(target, 0o755);
    for (const library of librariesOf(path)) {
      const copy = join(root, library);
      mkdirSync(dirname(copy), { recursive: true });
      if (!existsSync(copy)) copyFileSync(realpathSync(library), copy);
    }
  }
}

function programPath(program: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${program} is not installed`);
  return found;
}

/** Absolute paths; none for a static program, which ldd calls an error. */
function librariesOf(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
}
