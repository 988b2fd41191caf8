/** Packages with all that rpm can put into a root and that varies: built by rpmbuild once per test file. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../packages/rpm-root.js';

/** What the scriptlets of the packages write: nobody can say what belongs there. */
export const WRITTEN_BY_SCRIPTLETS = [
  'etc/proof-id',
  'var/lib/proof/installed-at',
  'var/lib/proof/state',
];

const SPECS: Readonly<Record<string, string>> = {
  'proof-base': `%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/bin %{buildroot}/usr/lib %{buildroot}/var/log %{buildroot}/var/lib %{buildroot}/var/cache %{buildroot}/tmp
ln -s usr/bin %{buildroot}/bin
%files
%dir /etc
%dir /usr
%dir /usr/bin
%dir /usr/lib
%dir /var
%dir /var/log
%dir /var/lib
%dir /var/cache
%dir %attr(1777,root,root) /tmp
/bin
`,
  'proof-files': `%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/share/proof %{buildroot}/usr/share/doc/proof
for i in 1 2 3 4 5 6 7 8; do seq $i 900 >%{buildroot}/usr/share/proof/$i; done
ln %{buildroot}/usr/share/proof/1 %{buildroot}/usr/share/proof/hard
ln -s 1 %{buildroot}/usr/share/proof/soft
ln -s nowhere %{buildroot}/usr/share/proof/dangling
: >%{buildroot}/usr/share/proof/empty
echo key=value >%{buildroot}/etc/proof.conf
echo read me >%{buildroot}/usr/share/doc/proof/README
%files
/usr/share/proof
%config(noreplace) /etc/proof.conf
%doc /usr/share/doc/proof/README
`,
  'proof-caps': `%install
mkdir -p %{buildroot}/usr/bin
for n in ping suid sgid; do echo $n >%{buildroot}/usr/bin/proof-$n; done
%files
%attr(0755,root,root) %caps(cap_net_raw=ep) /usr/bin/proof-ping
%attr(4755,root,root) /usr/bin/proof-suid
%attr(2755,root,root) /usr/bin/proof-sgid
`,
  'proof-python': `%install
mkdir -p %{buildroot}/usr/lib/python3/proof
for m in __init__ a b; do printf 'X = {"%s", "b", "c"}\\n' $m >%{buildroot}/usr/lib/python3/proof/$m.py; done
%files
/usr/lib/python3/proof
`,
  'proof-scriptlet': `%install
mkdir -p %{buildroot}/var/lib/proof %{buildroot}/etc
: >%{buildroot}/etc/proof-id
%post -p <lua>
local function write(name, mode, text)
  local f = io.open(name, mode)
  f:write(text)
  f:close()
end
write("/var/lib/proof/installed-at", "w", os.date("!%Y-%m-%dT%H:%M:%SZ\\n"))
write("/var/lib/proof/state", "w", "pid " .. posix.getprocessid("pid") .. " at " .. os.time() .. "\\n")
write("/etc/proof-id", "w", "id " .. posix.getprocessid("pid") .. os.time() .. "\\n")
write("/var/log/proof-install.log", "a", os.date() .. " installed\\n")
%transfiletriggerin -p <lua> -- /usr/share/proof
local f = io.open("/var/cache/proof.cache", "w")
f:write("cache\\n")
f:close()
%files
%dir /var/lib/proof
%ghost /var/lib/proof/installed-at
%ghost %config(noreplace) /etc/proof-id
`,
};

/** Files of the packages, in byte order. */
export function buildProofPackages(): readonly string[] {
  const top = mkdtempSync(join(tmpdir(), 'repro-audit-proof-'));
  process.once('exit', () => rmSync(top, { recursive: true, force: true }));
  mkdirSync(join(top, 'SPECS'));
  const specs = Object.entries(SPECS).map(([name, body]) => {
    const spec = join(top, 'SPECS', `${name}.spec`);
    const preamble = `Name: ${name}\nVersion: 1\nRelease: 1\nSummary: ${name}\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n`;
    writeFileSync(spec, `${preamble}%description\n${name}\n${body}`);
    return spec;
  });
  const options = ['--define', `_topdir ${top}`, '--define', '__os_install_post %{nil}'];
  run('rpmbuild', ['--quiet', '--nodeps', '-bb', ...options, ...specs]);
  const folder = join(top, 'RPMS', 'noarch');
  return readdirSync(folder)
    .toSorted()
    .map((name) => join(folder, name));
}
