/** Every cause with what is told of it, in the order of `CAUSES`. */

import { CAUSES, type CauseId } from '../../core/explanation.js';
import type { CauseText } from './define.js';
import { causeTexts } from './index.js';

export interface ListedCause extends CauseText {
  readonly id: CauseId;
}

export function listCauses(): readonly ListedCause[] {
  return CAUSES.map((id) => ({ id, ...causeTexts[id] }));
}
