/** Packages for histories: several hundred small ones, two versions of one, signed ones, and the keys that signed them. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from './rpm-root.js';

export interface RpmLot {
  /** 520 packages without files, built from one specification. */
  readonly many: readonly string[];
  /** `kernel` in two versions with files of their own, older first. */
  readonly kernels: readonly string[];
  /** One package signed by the first key, one by the second. */
  readonly signed: readonly string[];
  /** Public keys as `rpm --import` takes them; empty, like `signed`, where gpg is missing. */
  readonly keys: readonly string[];
}

const MANY = 520;

const QUIET = `Release: 1
Summary: x
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
x
`;

/** Built once per test file and removed with the process. */
export function buildLot({ sign }: { readonly sign: boolean }): RpmLot {
  const top = mkdtempSync(join(tmpdir(), 'repro-audit-lot-'));
  process.once('exit', () => rmSync(top, { recursive: true, force: true }));
  mkdirSync(join(top, 'SPECS'));
  build(top, [
    ['many', manySpec()],
    ['kernel-5', withFile('kernel', '5.10', '/boot/vmlinuz-5.10')],
    ['kernel-6', withFile('kernel', '6.1', '/boot/vmlinuz-6.1')],
    ['signed-a', withFile('signed-a', '1', '/usr/share/signed/a')],
    ['signed-b', withFile('signed-b', '1', '/usr/share/signed/b')],
  ]);
  const folder = join(top, 'RPMS', 'noarch');
  const named = (start: string): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith(start))
      .toSorted()
      .map((name) => join(folder, name));
  const signed = named('signed-');
  return {
    many: named('lot-'),
    kernels: named('kernel-'),
    signed: sign ? signed : [],
    keys: sign ? signWithNewKeys(top, signed) : [],
  };
}

function manySpec(): string {
  const parts = Array.from({ length: MANY }, (_, i) => {
    const name = `lot-${String(i).padStart(3, '0')}`;
    return `%package -n ${name}
Summary: x
AutoReqProv: no
Provides: feature(${i % 7})
${i % 5 === 0 ? `Epoch: ${i % 3}\n` : ''}%description -n ${name}
x
%files -n ${name}
`;
  });
  return `Name: lot\nVersion: 1\n${QUIET}${parts.join('')}`;
}

function withFile(name: string, version: string, path: string): string {
  return `Name: ${name}
Version: ${version}
${QUIET}%install
mkdir -p %{buildroot}${path.slice(0, path.lastIndexOf('/'))}
echo ${name} ${version} >%{buildroot}${path}
%files
${path}
`;
}

function build(top: string, specs: readonly (readonly [name: string, text: string])[]): void {
  const files = specs.map(([name, text]) => {
    const file = join(top, 'SPECS', `${name}.spec`);
    writeFileSync(file, text);
    return file;
  });
  const options = ['--define', `_topdir ${top}`, '--define', '__os_install_post %{nil}'];
  run('rpmbuild', ['--quiet', '--nodeps', '-bb', ...options, ...files]);
}

/** One key per package; returns the public keys. */
function signWithNewKeys(top: string, packages: readonly string[]): readonly string[] {
  const home = join(top, 'keys');
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: readonly string[]): string =>
    run('gpg', ['--homedir', home, '--batch', '--quiet', ...args]);
  try {
    return packages.map((file, i) => {
      const user = `signer-${i}@example.org`;
      gpg('--passphrase', '', '--quick-generate-key', user, 'rsa2048', 'sign', 'never');
      run('rpmsign', [
        '--addsign',
        `--define=_gpg_name ${user}`,
        `--define=_gpg_path ${home}`,
        '--define=__gpg /usr/bin/gpg',
        file,
      ]);
      const key = join(top, `${user}.asc`);
      writeFileSync(key, gpg('--armor', '--export', user));
      return key;
    });
  } finally {
    run('gpgconf', ['--homedir', home, '--kill', 'all']);
  }
}
