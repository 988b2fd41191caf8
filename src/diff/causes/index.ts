/** Every cause. Detectors are asked in this order; the first claim of the best confidence stands. */

import type { CauseId } from '../../core/explanation.js';
import type { CauseText, Detector } from './define.js';
import { identity } from './identity.js';
import { inputs } from './inputs.js';
import { place } from './place.js';
import { platform } from './platform.js';
import { random } from './random.js';
import { detectRecorded } from './recorded.js';
import { structure } from './structure.js';
import { time } from './time.js';

export const detectors: readonly Detector[] = [
  detectRecorded,
  inputs.detect,
  time.detect,
  structure.detect,
  identity.detect,
  place.detect,
  platform.detect,
  random.detect,
];

/** What is told of each cause; a cause without text does not compile. */
export const causeTexts: Readonly<Record<CauseId, CauseText>> = {
  ...time.causes,
  ...structure.causes,
  ...identity.causes,
  ...place.causes,
  ...platform.causes,
  ...random.causes,
  ...inputs.causes,
};
