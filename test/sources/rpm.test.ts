import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { capabilityXattr } from '../../src/formats/capability-text.js';
import { rpm } from '../../src/sources/rpm/index.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { manifestOf, runIn } from './contract.js';

const SPEC = `Name: contract
Version: 1
Release: 1
Summary: contract
License: none
BuildArch: noarch
%description
contract
%install
mkdir -p %{buildroot}/opt/c
echo content >%{buildroot}/opt/c/file
ln %{buildroot}/opt/c/file %{buildroot}/opt/c/hard
ln -s file %{buildroot}/opt/c/link
echo ping >%{buildroot}/opt/c/ping
%files
%dir %attr(0751,root,root) /opt/c
%attr(4711,root,root) /opt/c/file
%attr(4711,root,root) /opt/c/hard
/opt/c/link
%caps(cap_net_raw=p) %attr(0755,root,root) /opt/c/ping
%ghost /opt/c/ghost
`;

test(
  'a package is its payload with modes, links and capabilities of the header',
  {
    skip: needs('rpmbuild'),
  },
  async (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'c.spec'), SPEC);
    const script = `export SOURCE_DATE_EPOCH=1600000000
mkdir root && rpmbuild --quiet -bb --define "_topdir $PWD/top" --define "_rpmdir $PWD/out" --define "_build_id_links none" --define "__os_install_post %{nil}" c.spec`;
    runIn(folder, script);
    const [file] = readdirSync(join(folder, 'out/noarch'));
    const archive = join(folder, 'out/noarch', file!);
    assert.equal(rpm.claims(archive), true);
    const { entries, capture, diagnostics } = await manifestOf(rpm.open(archive));
    assert.deepEqual(diagnostics, []);
    assert.equal(capture.xattrs, 'capabilities');
    assert.equal(capture.ownership, true);
    const told = [...entries].map(
      ([path, { type, mode, target }]) => `${path} ${type} ${mode.toString(8)} ${target ?? ''}`,
    );
    assert.deepEqual(told.toSorted(), [
      ' directory 755 ',
      'opt directory 755 ',
      'opt/c directory 751 ',
      'opt/c/file file 4711 ',
      'opt/c/hard file 4711 ',
      'opt/c/link symlink 777 file',
      'opt/c/ping file 755 ',
    ]);
    const [one, other] = [entries.get('opt/c/file')!, entries.get('opt/c/hard')!];
    assert.equal(one.links, 'opt/c/file opt/c/hard');
    assert.equal(one.size, 8);
    assert.equal(one.sha256, other.sha256);
    assert.equal(entries.get('opt/c/ping')!.xattrs.length, 1);
  },
);

const xattrOf = (text: string): string | null => {
  const bytes = capabilityXattr(text);
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
};

test('file capabilities are those that setcap writes', () => {
  assert.equal(xattrOf('cap_net_raw=p'), '0000000200200000000000000000000000000000');
  assert.equal(xattrOf('cap_net_raw=ep'), '0100000200200000000000000000000000000000');
  assert.equal(
    xattrOf('= cap_net_admin,cap_net_raw+ep'),
    '0100000200300000000000000000000000000000',
  );
  assert.equal(xattrOf('cap_bpf=i'), '0000000200000000000000000000000080000000');
  assert.equal(xattrOf('cap_nothing=p'), null);
  assert.equal(xattrOf('nonsense'), null);
});
