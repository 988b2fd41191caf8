/** Arch, Alpine, SUSE extras, and package managers of languages. */

import { defineRows } from './define.js';

export const otherManagerRows = defineRows([
  {
    id: 'pacman-log',
    globs: ['var/log/pacman.log'],
    what: 'times of the installation',
    remedy: 'remove the log',
    rule: null,
  },
  {
    id: 'pacman-database',
    globs: ['var/lib/pacman/local/*/desc'],
    what: 'install time of each package',
    remedy: 'set %INSTALLDATE% to SOURCE_DATE_EPOCH',
    rule: null,
  },
  {
    id: 'pacman-cache',
    globs: ['var/lib/pacman/sync/*', 'var/cache/pacman/pkg/*'],
    what: 'state of the mirror on the day of the build',
    remedy: 'remove it after the last installation',
    rule: null,
  },
  {
    id: 'apk-scripts',
    globs: ['{lib,usr/lib}/apk/db/scripts.tar{,.gz}'],
    what: 'times and order of members of the tar file',
    remedy: 'set SOURCE_DATE_EPOCH for apk',
    rule: null,
  },
  {
    id: 'apk-database',
    globs: ['{lib,usr/lib}/apk/db/installed', 'etc/apk/world'],
    what: 'versions of virtual packages are the time of the build',
    remedy: 'give virtual packages a version: `--virtual name=0`',
    rule: null,
  },
  {
    id: 'apk-cache',
    globs: ['var/cache/apk/*', 'etc/apk/cache/*', '{lib,usr/lib}/apk/db/lock', 'var/log/apk.log'],
    what: 'downloaded indexes and packages, log and lock',
    remedy: 'remove them, or use `apk --no-cache`',
    rule: null,
  },
  {
    id: 'suse-admin',
    globs: ['var/adm/**'],
    what: 'logs and backups of SUSE tools',
    remedy: 'remove the logs',
    rule: null,
  },
  {
    id: 'texlive',
    globs: [
      'usr/share/{texmf,texlive}*/**/ls-R',
      'var/lib/texmf/**',
      'usr/share/texmf*/web2c/**/*.fmt',
      'var/cache/{texmf,fonts}/**',
    ],
    what: 'formats, font maps and caches of TeX, with dates and in hash order',
    remedy: 'set SOURCE_DATE_EPOCH and FORCE_SOURCE_DATE=1',
    rule: null,
  },
  {
    id: 'database-server-data',
    globs: ['var/lib/{mysql,mariadb,pgsql,postgresql}/**'],
    what: 'initialised databases are unique',
    remedy: 'initialise at the first start, not in the image',
    rule: null,
  },
  {
    id: 'flatpak',
    globs: ['var/lib/flatpak/**'],
    what: 'summaries, indexes and time stamps of flatpak',
    remedy: 'install flatpaks at the first boot',
    rule: null,
  },
  {
    id: 'language-package-cache',
    globs: ['root/.cache/**', 'root/.npm/**', '**/_cacache/**', '**/node_modules/.cache/**'],
    what: 'caches of npm, pip and others, with times and paths',
    remedy: 'remove them, or build with caches elsewhere',
    rule: null,
  },
  {
    id: 'language-package-record',
    globs: ['**/*.dist-info/{RECORD,direct_url.json}', '**/node_modules/.package-lock.json'],
    what: 'records of installed modules, with paths and digests of compiled files',
    remedy: 'install from the same place and without compiling',
    rule: null,
  },
  {
    id: 'shell-history',
    globs: ['{root,home/*}/.{bash_history,viminfo,wget-hsts,lesshst,python_history}'],
    what: 'history of a person or a build script',
    remedy: 'remove it',
    rule: null,
  },
  {
    id: 'pyc',
    globs: ['**/*.pyc', '**/__pycache__'],
    what: 'time of the source in the header, reference counts and hash order in the code',
    remedy: 'remove compiled modules, or compile with SOURCE_DATE_EPOCH and PYTHONHASHSEED=0',
    rule: 'pyc-unowned',
  },
]);
