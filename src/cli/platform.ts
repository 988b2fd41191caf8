/** Which of the images in a layout is meant: `--platform`, or the one that would run here. */

import os from 'node:os';

import type { OpenOptions } from '../sources/define.js';
import type { FlagValues } from './define.js';

export const platformFlag = {
  platform: {
    type: 'string',
    value: 'OS/ARCH[/VARIANT]',
    help: 'images: the one for this platform, such as linux/arm64; without it the one that would run here',
  },
} as const;

export function platforms(flags: FlagValues): OpenOptions {
  return { platform: flags.string('platform'), ownPlatform: `linux/${os.machine()}` };
}
