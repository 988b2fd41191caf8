/** Arch, Alpine, package managers of languages, database servers. */

import type { ScrubRule } from '../../define.js';
import { removalRule } from '../../remove-rule.js';

/** Of `.cache` in a home folder: known to hold nothing but copies. */
const COPIES =
  '{pip,uv,yarn,node-gyp,go-build,pypoetry/cache,pypoetry/artifacts,fontconfig,mesa_shader_cache,gstreamer-1.0,libdnf5}';

export const otherManagerRemovals: readonly ScrubRule[] = [
  removalRule({
    id: 'pacman-cache',
    version: 1,
    varies: 'state of the mirrors on the day of the build',
    summary: 'Removes the databases that pacman synchronised and the packages that it downloaded.',
    rationale: '`pacman -Sy` fetches them again; what is installed is recorded elsewhere.',
    source: 'archlinux-docker; pacman(8)',
    wants: ['var/lib/pacman/sync/*.{db,files}{,.sig}', 'var/cache/pacman/pkg/*'],
  }),
  removalRule({
    id: 'apk-cache',
    version: 1,
    varies: 'downloaded indexes and packages, log and lock',
    summary: "Removes apk's downloads, its log and its lock.",
    rationale: 'apk downloads what it needs and makes the lock when it next runs.',
    source: 'apk(8)',
    wants: ['var/cache/apk/*', '{lib,usr/lib}/apk/db/lock', 'var/log/apk.log'],
  }),
  removalRule({
    id: 'home-cache',
    version: 1,
    varies: 'downloads, times and paths of the build',
    summary: "Removes root's caches of npm, pip, uv, yarn, Go, fontconfig and the like.",
    rationale:
      'All of them are copies that are made again. Other folders below .cache stay: browsers and models that programs run from are kept there.',
    source: 'pip, npm and Go documentation',
    wants: [`{root,var/roothome}/.cache/${COPIES}/**`, '{root,var/roothome}/.npm/**'],
    wholeTrees: true,
  }),
  removalRule({
    id: 'home-cache-all',
    version: 1,
    varies: 'downloads, times and paths of the build',
    summary: "Removes all of root's .cache folder.",
    rationale:
      'Off: some programs keep there what they run from, such as browsers for tests or language models.',
    source: 'XDG Base Directory Specification',
    wants: ['{root,var/roothome}/.cache/**'],
    wholeTrees: true,
    on: 'named',
  }),
  removalRule({
    id: 'database-server-data',
    version: 1,
    varies: 'system identifiers, times and passwords of an initialised database',
    summary: 'Removes the data of MySQL, MariaDB and PostgreSQL servers.',
    rationale:
      'Off: it destroys data. A server whose start does not initialise its database fails.',
    source: 'MySQL and PostgreSQL documentation',
    wants: ['var/lib/{mysql,mariadb,pgsql,postgresql}/**'],
    wholeTrees: true,
    on: 'named',
  }),
];
