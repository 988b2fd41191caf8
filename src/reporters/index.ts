/** Every reporter; the first is the default where no terminal is. */

import { json } from './json.js';
import { text } from './text.js';

export const reporters = [text, json] as const;
