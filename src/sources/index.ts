/** The kinds of source, most specific first: the first that claims a location opens it. */

import { directory } from './directory/index.js';
import { tar } from './tar/index.js';

export const sources = [directory, tar] as const;
