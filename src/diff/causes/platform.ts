/** The machine and its system. */

import { defineCauses, type Claim, type Subject } from './define.js';

const VARIATIONS = 'https://reproducible-builds.org/docs/env-variations/';

export const platform = defineCauses({
  causes: {
    'plat.kernel': {
      title: 'the kernel of the build host',
      text: 'The release of the running kernel (uname) is in the result, although the image has a kernel of its own.',
      signal:
        'Both values hold what their build recorded as `uname -r`. Medium: both look like releases of Linux.',
      remedies: [
        {
          paths: /initr(d|amfs)/,
          text: 'Name the kernel of the image: `dracut --kver`.',
          rule: null,
          source: 'dracut(8)',
        },
        {
          paths: /autoremove-kernels/,
          text: 'Remove the list: apt writes it anew.',
          rule: 'apt-autoremove',
          source: null,
        },
        {
          text: 'Take the release from the image, not from `uname -r`.',
          rule: null,
          source: VARIATIONS,
        },
      ],
    },
    'plat.cpu': {
      title: 'processors of the build host',
      text: 'The model or number of processors chose code or is written down (-march=native, nproc).',
      signal: 'Both values are what their build recorded as model or number of processors.',
      remedies: [
        {
          text: 'Give the number of jobs and the target processor; never -march=native.',
          rule: null,
          source: VARIATIONS,
        },
      ],
    },
    'plat.fs': {
      title: 'what the file system gave out',
      text: 'Numbers of inodes and devices, link counts, sizes of directories or block maps of the build host are in the result.',
      signal: 'A field that a file system fills differs on both sides.',
      remedies: [
        {
          formats: ['cpio', 'initramfs'],
          text: 'Use `cpio --reproducible` (GNU) or bsdtar, which number inodes anew and leave the device out.',
          rule: null,
          source: 'https://github.com/NixOS/nixpkgs/pull/272125',
        },
        {
          paths: /ldconfig\/aux-cache/,
          text: 'Remove the cache: it is useless on another disk.',
          rule: 'ldconfig-aux-cache',
          source: 'https://github.com/SUSE/BCI-dockerfile-generator/pull/2759',
        },
        {
          text: 'Leave the fields out, or count anew in the order of names.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/archives/',
        },
      ],
    },
    'loc.lang': {
      title: 'the language of the build host',
      text: 'Messages, names of months or the name of the locale came from the locale of the caller.',
      signal: 'Both values hold what their build recorded as locale.',
      remedies: [
        {
          text: 'Set LC_ALL=C.UTF-8.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/locales/',
        },
      ],
    },
    'loc.encoding': {
      title: 'the character encoding of the locale',
      text: 'A text was written in, or declares, the encoding of the locale of the caller.',
      signal: 'Both values are names of encodings and differ.',
      remedies: [
        {
          text: 'Set LC_ALL=C.UTF-8, and give encodings where files are written.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/locales/',
        },
      ],
    },
    'loc.collate': {
      title: 'sorted by another locale',
      text: 'One build sorted by bytes (C), the other by the rules of a language.',
      signal:
        'The same names, on one side sorted by bytes, on the other without regard to case and punctuation. High: the recorded locales differ.',
      remedies: [
        {
          paths: /initr(d|amfs)/,
          text: 'Run dracut with LC_ALL=C: it sorts files and microcode in the locale of the caller.',
          rule: null,
          source: 'dracut(8)',
        },
        {
          text: 'Set LC_ALL=C for whatever sorts.',
          rule: null,
          source: 'https://reproducible-builds.org/docs/locales/',
        },
      ],
    },
  },
  detect,
});

function detect({ change, builds }: Subject): Claim | null {
  const { before, after, kind, sort, field } = change;
  if (sort !== 'value' || before === null || after === null) return null;
  if (kind === 'file-system')
    return { cause: 'plat.fs', confidence: 'medium', against: 'class: given out by a file system' };
  const [a, b] = [String(before), String(after)];
  const [old, now] = [builds.before.description.facts, builds.after.description.facts];
  if (kind === 'number' && old.cpuCount !== now.cpuCount && /cpu|proc|job|thread|core/i.test(field))
    if (a === String(old.cpuCount) && b === String(now.cpuCount))
      return { cause: 'plat.cpu', confidence: 'high', against: 'facts.cpuCount' };
  if (ENCODING.test(a) && ENCODING.test(b))
    return { cause: 'loc.encoding', confidence: 'medium', against: 'class: encoding' };
  const isRelease = (text: string): boolean =>
    /^\d+\.\d+\.\d+-\S*(?:generic|amd64|arm64|fc\d+|el\d+|azure|aws|gcp|default|lts|cloud|rt|zen|arch\d)/.test(
      text,
    );
  return (kind === 'version' || kind === 'text') &&
    isRelease(a) &&
    isRelease(b) &&
    /kern|uname|release|kver/i.test(field)
    ? { cause: 'plat.kernel', confidence: 'medium', against: 'class: release of Linux' }
    : null;
}

const ENCODING =
  /^(?:utf-?8|us-ascii|ascii|ansi_x3\.4-1968|iso-?8859-\d{1,2}|latin-?\d|windows-125\d|cp125\d)$/i;
