/** What the pax records of an archive add to what ustar carries: xattrs, and times with a fraction. */

import type { TarMember } from '../../formats/tar-steps.js';
import type { Carried } from '../archive/open-archive.js';

export class PaxCapture {
  #hasRecords = false;
  /** Digits behind the point of any time. */
  #digits = 0;

  note({ extensions }: TarMember): void {
    for (const extension of extensions) {
      if (extension.kind !== 'pax') continue;
      this.#hasRecords = true;
      for (const { key, value } of extension.records)
        if (key === 'mtime') this.#digits = Math.max(this.#digits, digitsOf(value));
    }
  }

  /**
   * An archive in which no member has records says nothing of xattrs: GNU tar's own format cannot, and in the pax format there
   * may have been none.
   */
  found(): Partial<Carried> {
    return {
      xattrs: this.#hasRecords ? 'all' : 'not-carried',
      mtimeResolution: 10 ** (9 - Math.min(9, this.#digits)),
    };
  }
}

/** Behind the point, written out. */
function digitsOf(seconds: string): number {
  const [, fraction = '', exponent = '0'] =
    /^-?\d+(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/.exec(seconds) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}
