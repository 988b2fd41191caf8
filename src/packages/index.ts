/** Package managers whose databases are read, in the order in which they are asked. */

import { apk } from './apk.js';
import type { PackageDatabase } from './define.js';
import { dpkg } from './dpkg.js';
import { pacman } from './pacman.js';
import { rpm } from './rpm.js';

export const packageDatabases: readonly PackageDatabase[] = [rpm, dpkg, apk, pacman];
