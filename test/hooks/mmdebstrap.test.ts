/** The mmdebstrap wrapper with the real mmdebstrap and the built program, packages from the mirror apt is set to. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { repositoryRoot } from '../helpers/repository-root.js';

const epoch = 1_700_000_000;

test(
  'two builds of mmdebstrap differ in no content once the hook has scrubbed them',
  { skip: needsRoot() || needs('mmdebstrap', 'apt-get') },
  (t) => {
    const place = tempFolder(t);
    for (const build of ['first', 'second']) bootstrap(place, build);
    const root = join(place, 'first');
    for (const leftover of leftovers) assert.ok(!existsSync(join(root, leftover)), leftover);
    assert.equal(statSync(join(root, 'etc/machine-id')).size, 0);
    assert.equal(statSync(join(root, 'usr/share/built-now')).mtimeMs, epoch * 1000);

    const report = diff(place, 'first', 'second');
    assert.deepEqual(report.summary.added + report.summary.removed, 0);
    const differing = report.changes.filter(({ path, attributes }) =>
      attributes.some(({ attribute }) => attribute !== 'mtime' || isScrubbed(path)),
    );
    assert.deepEqual(differing, []);
  },
);

/** The part of the published report that is looked at here. */
interface Report {
  readonly summary: { readonly added: number; readonly removed: number };
  readonly changes: readonly {
    readonly path: string;
    readonly attributes: readonly { readonly attribute: string }[];
  }[];
}

/** What a maintainer script could leave, and mmdebstrap's own clean-up does not know. */
const leftovers = ['etc/passwd-', 'var/lib/systemd/random-seed', 'var/log/fontconfig.log'];

/** In the other folders of the root mmdebstrap itself goes on after the hook. */
function isScrubbed(path: string): boolean {
  return /^usr(\/|$)/.test(path);
}

function bootstrap(place: string, build: string): void {
  const make =
    'cd "$1" && mkdir -p etc var/lib/systemd var/log usr/share && ' +
    `date +%N | tee ${leftovers.join(' ')} etc/machine-id >usr/share/ignored && ` +
    'rm usr/share/ignored && echo same >usr/share/built-now';
  execFileSync(
    join(repositoryRoot(), 'hooks/mmdebstrap/mmdebstrap-repro-audit'),
    [
      codename(),
      join(place, build),
      ...mirrors(),
      // The smallest run that calls the customize hook: dpkg of the host, two packages without maintainer scripts.
      '--mode=chrootless',
      '--variant=custom',
      '--include=media-types,publicsuffix',
      `--customize-hook=${make}`,
    ],
    { env: { ...environment(place), REPRO_AUDIT_BUILD: build }, stdio: 'pipe' },
  );
}

function diff(place: string, before: string, after: string): Report {
  const args = ['diff', before, after, '--format', 'json', '--exit-zero'];
  const text = execFileSync(join(place, 'repro-audit'), args, { env: environment(place) });
  return JSON.parse(text.toString()) as Report;
}

/** With the built program as repro-audit on PATH. */
function environment(place: string): Record<string, string> {
  const program = join(repositoryRoot(), 'dist/bin/repro-audit.js');
  assert.ok(existsSync(program), `${program} is built by make build`);
  writeFileSync(
    join(place, 'repro-audit'),
    `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`,
    { mode: 0o755 },
  );
  return {
    PATH: `${place}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    SOURCE_DATE_EPOCH: String(epoch),
    REPRO_AUDIT_DB: join(place, 'store.db'),
  };
}

function codename(): string {
  const shell = '. /etc/os-release && printf %s "$VERSION_CODENAME"';
  return execFileSync('sh', ['-c', shell], { encoding: 'utf8' });
}

/** The lines of sources.list for this machine's own release. */
function mirrors(): string[] {
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)';
  const targets = execFileSync('apt-get', ['indextargets', '--format', format], {
    encoding: 'utf8',
  });
  const own = targets.split('\n').filter((line) => line.endsWith(` ${codename()} main`));
  return [...new Set(own)].map((line) => `deb ${line}`);
}
