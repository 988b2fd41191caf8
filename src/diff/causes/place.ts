/** Where and with which settings it was built. */

import { withoutChance } from '../facts/names.js';
import type { BuildCircumstances } from './builds.js';
import { defineCauses, type Claim, type Subject } from './define.js';

const PATHS = 'https://reproducible-builds.org/docs/build-path/';

export const place = defineCauses({
  causes: {
    'path.build': {
      title: 'the path of the build directory',
      text: 'The directory in which the build ran, or a temporary directory, is in the result: debug information, RPATH, __FILE__, messages, manifests.',
      signal:
        'Both values are paths that end alike. High: each begins with a directory that its build recorded (working directory, TMPDIR, root). Medium: each begins with a place where builds run (/build, /tmp, /var/tmp, a home).',
      remedies: [
        {
          formats: ['elf'],
          text: 'Compile with -ffile-prefix-map=$PWD=. and link without absolute RPATH.',
          rule: null,
          source: PATHS,
        },
        {
          paths: /initr(d|amfs)/,
          text: 'Give dracut a fixed `--tmpdir`: build-parameter.txt keeps its command line (fixed in dracut-ng 2026-04).',
          rule: null,
          source: 'https://github.com/dracut-ng/dracut-ng/issues/2322',
        },
        {
          text: 'Build in one fixed directory, or tell the tool to write relative paths.',
          rule: null,
          source: PATHS,
        },
      ],
    },
    'path.depth': {
      title: 'how deep the build directory lies',
      text: 'A relative path climbs out of the build directory, with as many steps as that is deep.',
      signal: 'Both values are equal but for the number of `../`.',
      remedies: [
        {
          text: 'Build in directories of one depth, or write paths relative to the result.',
          rule: null,
          source: PATHS,
        },
      ],
    },
    'build.flags': {
      title: 'options of the compiler',
      text: 'The command line of a compiler was recorded in the result (-frecord-gcc-switches, DW_AT_producer, a file of settings), and it differs.',
      signal: 'Both values are options of a compiler.',
      remedies: [
        {
          text: 'Build with the same options; do not record those that hold paths.',
          rule: null,
          source: PATHS,
        },
      ],
    },
    'env.var': {
      title: 'a value that the caller gave to the build',
      text: 'An environment variable, or a version, name or label that the caller chose for this build, is in the result.',
      signal:
        'Both values have in them what their own build recorded (environment, meta fields, name), and are equal around it.',
      remedies: [
        {
          formats: ['initramfs', 'cpio'],
          text: 'Strip version fields of os-release while the initramfs is made, as Universal Blue images do, or give all builds of the same inputs one version.',
          rule: null,
          source: 'https://github.com/ublue-os/aurora/issues/2568',
        },
        {
          paths: /(os|initrd|extension)-release$|treefile\.json$/,
          text: 'A version stamp: expected between versions. Builds that are to be equal have to be given the same version.',
          rule: null,
          source: 'os-release(5)',
        },
        {
          text: 'Clear the environment at the start of the build (`env -i`), and derive versions from the sources.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/env-variations/',
        },
      ],
    },
    'plat.shell': {
      title: 'which shell is /bin/sh',
      text: 'A script names the shell that configure found, or /bin/sh is another program.',
      signal: 'Both values are paths of shells.',
      remedies: [
        {
          text: 'Set CONFIG_SHELL=/bin/sh and SHELL=/bin/sh.',
          rule: null,
          source: 'https://www.gnu.org/software/autoconf/manual/',
        },
      ],
    },
    'plat.usrmerge': {
      title: 'a program below /usr/bin or below /bin',
      text: 'Where /bin is a link to /usr/bin, the path of a program depends on the order of PATH.',
      signal: 'Both values are one path, with and without /usr at its start.',
      remedies: [
        {
          text: 'Give paths of programs to configure (ac_cv_path_SED=/bin/sed), or build with usrmerge on both machines.',
          rule: null,
          source: 'https://wiki.debian.org/UsrMerge',
        },
      ],
    },
  },
  detect,
});

function detect({ change, builds }: Subject): Claim | null {
  const { before, after, kind, sort } = change;
  if (sort !== 'value' || typeof before !== 'string' || typeof after !== 'string') return null;
  if (kind === 'flags' || kind === 'text') {
    const flags = /^-[A-Za-z]/;
    if (
      flags.test(before) &&
      flags.test(after) &&
      (kind === 'flags' || / -[fOWgm]/.test(` ${before}`))
    )
      return {
        cause: 'build.flags',
        confidence: 'medium',
        against: 'class: options of a compiler',
      };
  }
  if (kind !== 'path' && kind !== 'text') return null;
  if (!isPath(before) || !isPath(after)) return null;
  return (
    recordedClaim(before, after, builds.before, builds.after) ??
    usrMergeClaim(before, after) ??
    shellClaim(before, after) ??
    depthClaim(before, after) ??
    placeClaim(before, after)
  );
}

function isPath(text: string): boolean {
  return /^\.{0,2}\/|^\.\.$/.test(text) && !/\s/.test(text);
}

/** Each begins with a directory of its own build, and the rest is equal. */
function recordedClaim(
  before: string,
  after: string,
  a: BuildCircumstances,
  b: BuildCircumstances,
): Claim | null {
  for (const name of ['cwd', 'tmpDir', 'source'] as const) {
    const rest = [
      restBelow(before, a.description.facts[name]),
      restBelow(after, b.description.facts[name]),
    ];
    if (rest[0] === undefined || rest[1] === undefined) continue;
    if (rest[0] === rest[1] && a.description.facts[name] !== b.description.facts[name])
      return { cause: 'path.build', confidence: 'high', against: `facts.${name}` };
  }
  return null;
}

function restBelow(path: string, directory: string): string | undefined {
  if (directory.length < 2) return undefined;
  return path === directory || path.startsWith(`${directory}/`)
    ? path.slice(directory.length)
    : undefined;
}

function usrMergeClaim(before: string, after: string): Claim | null {
  const merged = (path: string): string => path.replace(/^\/(?=(bin|sbin|lib|lib64)\/)/, '/usr/');
  return before !== after && merged(before) === merged(after)
    ? {
        cause: 'plat.usrmerge',
        confidence: 'medium',
        against: 'class: one path with and without /usr',
      }
    : null;
}

function shellClaim(before: string, after: string): Claim | null {
  const shell = /^\/(usr\/)?bin\/(sh|bash|dash|zsh|ksh|mksh|busybox)$/;
  return shell.test(before) && shell.test(after)
    ? { cause: 'plat.shell', confidence: 'medium', against: 'class: shell' }
    : null;
}

function depthClaim(before: string, after: string): Claim | null {
  const climbs = (path: string): string => /^(\.\.\/)+/.exec(path)?.[0] ?? '';
  const [a, b] = [climbs(before), climbs(after)];
  return a !== '' && b !== '' && a !== b && before.slice(a.length) === after.slice(b.length)
    ? { cause: 'path.depth', confidence: 'medium', against: 'class: relative path' }
    : null;
}

/** Below these something is built; the first directory below them is that of one build. */
const PLACES =
  /^\/(?:build|builddir|tmp|var\/tmp|workspace|__w|home\/[^/]+|root|builds|mnt|srv\/build|usr\/src\/(?:packages|rpm)\/BUILD|github\/workspace|var\/lib\/jenkins|run\/user\/\d+)(?=\/|$)/;

function placeClaim(before: string, after: string): Claim | null {
  const [a, b] = [PLACES.exec(before), PLACES.exec(after)];
  if (a === null || b === null) return null;
  const [x, y] = [before.slice(a[0].length), after.slice(b[0].length)];
  const inOneDirectory = a[0] === b[0] && tailBelowFirst(x) === tailBelowFirst(y);
  if (x !== y && !inOneDirectory && withoutChance(before) !== withoutChance(after)) return null;
  if (inOneDirectory && tailBelowFirst(x) === '' && withoutChance(before) === null) return null;
  return { cause: 'path.build', confidence: 'medium', against: 'class: place where builds run' };
}

/** What lies below the first directory of a path; empty where there is nothing. */
function tailBelowFirst(path: string): string {
  const slash = path.indexOf('/', 1);
  return slash < 0 ? '' : path.slice(slash);
}
