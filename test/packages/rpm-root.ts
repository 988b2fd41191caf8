/** A root that the system's own rpm installed small packages into, for tests that compare with rpm. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { tempFolder } from '../helpers/temp-tree.js';

/** Where Fedora and SUSE keep the database. */
export const RPM_FOLDER = 'usr/lib/sysimage/rpm';
export const DATABASE = `${RPM_FOLDER}/rpmdb.sqlite`;

const SPECS: Readonly<Record<string, string>> = {
  'a-base': `
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share/a %{buildroot}/etc %{buildroot}/var/cache/a
ln -s usr/bin %{buildroot}/bin
echo tool >%{buildroot}/usr/bin/tool
for i in 1 2 3; do echo $i >'%{buildroot}/usr/share/a/file '$i; done
ln -s '../a/file 1' %{buildroot}/usr/share/a/link
ln '%{buildroot}/usr/share/a/file 2' %{buildroot}/usr/share/a/hard
echo x=1 >%{buildroot}/etc/a.conf
: >%{buildroot}/var/cache/a/index
%files
/bin
%dir /usr/bin
/usr/bin/tool
/usr/share/a
%config(noreplace) /etc/a.conf
%dir /var/cache/a
%ghost /var/cache/a/index
`,
  'b-exempt': `
Requires: a-base
Epoch: 4
%install
mkdir -p %{buildroot}/usr/lib/b
echo volatile >%{buildroot}/usr/lib/b/state
echo steady >%{buildroot}/usr/lib/b/lïb
%files
%dir /usr/lib/b
%verify(not md5 size mtime) /usr/lib/b/state
/usr/lib/b/lïb
`,
  'c-meta': `
%files
`,
};

/** rpm with the options that make it use SQLite at `RPM_FOLDER` below `root`, on distributions that default otherwise. */
export function rpm(root: string, ...args: readonly string[]): string {
  return run('rpm', ['--root', root, ...DATABASE_OPTIONS, ...args]);
}

export function rpmdb(root: string, ...args: readonly string[]): string {
  return run('rpmdb', ['--root', root, ...DATABASE_OPTIONS, ...args]);
}

let built: readonly string[] | null = null;

/** Builds the packages, once per test file; returns their files in the order in which they are to be installed. */
export function buildRpms(): readonly string[] {
  if (built !== null) return built;
  const top = mkdtempSync(join(tmpdir(), 'repro-audit-rpms-'));
  // A hook would belong to the test that happens to come first.
  process.once('exit', () => rmSync(top, { recursive: true, force: true }));
  mkdirSync(join(top, 'SPECS'));
  const specs = Object.entries(SPECS).map(([name, body]) => {
    const spec = join(top, 'SPECS', `${name}.spec`);
    const preamble = `Name: ${name}\nVersion: 1.2\nRelease: 3\nSummary: ${name}\nLicense: MIT\nBuildArch: noarch\n`;
    const [head = '', rest = ''] = split(body);
    writeFileSync(spec, `${preamble}${head}%description\n${name}\n${rest}`);
    return spec;
  });
  const options = ['--define', `_topdir ${top}`, '--define', '__os_install_post %{nil}'];
  run('rpmbuild', ['--quiet', '--nodeps', '-bb', ...options, ...specs]);
  const folder = join(top, 'RPMS', 'noarch');
  built = readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name));
  return built;
}

/** Installs into a new root, one transaction per group. */
export function installRpms(t: TestContext, groups: readonly (readonly string[])[]): string {
  const root = join(tempFolder(t), 'root');
  mkdirSync(join(root, RPM_FOLDER), { recursive: true });
  for (const group of groups) addRpms(root, group);
  return root;
}

/** One more transaction; packages are installed beside other versions of themselves. */
export function addRpms(root: string, files: readonly string[]): void {
  const options = ['--nodeps', '--noorder', '--noplugins', '--nosignature', '--force-debian'];
  rpm(root, '-i', '--oldpackage', ...options, ...files);
}

const DATABASE_OPTIONS = ['--dbpath', `/${RPM_FOLDER}`, '--define', '_db_backend sqlite'] as const;

/** Runs a program in an environment of its own and returns what it printed; throws when it fails. */
export function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      LC_ALL: 'C.UTF-8',
      HOME: '/nonexistent',
    },
  });
}

/** Fields that belong into the preamble, and the sections. */
function split(body: string): readonly string[] {
  const at = body.indexOf('%');
  return [body.slice(1, at), body.slice(at)];
}
