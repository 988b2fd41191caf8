/**
 * Puts whole frames on the screen. Ink renders a frame to a string; this writes the rows that differ from those on
 * the screen, each at its absolute position. Ink's own writer moves relative to where it believes the cursor to be,
 * and clears screen and scroll-back once a frame is as high as the terminal; neither is wanted on a screen that
 * resizes.
 */

const CSI = '\u001b[';
/** Synchronised update (DEC private mode 2026): the terminal shows the frame as a whole; unknown elsewhere, and ignored. */
const BEGIN_UPDATE = `${CSI}?2026h`;
const END_UPDATE = `${CSI}?2026l`;

export interface FrameWriter {
  /** Shows the frame: rows separated by line feeds. */
  show(frame: string): void;
  /** Forgets what is on the screen: the next frame is written whole onto a cleared one. */
  invalidate(): void;
}

export function createFrameWriter(write: (text: string) => void): FrameWriter {
  let shown: readonly string[] | null = null;
  return {
    show(frame) {
      const rows = frame.split('\n');
      const changes: string[] = [];
      if (shown === null) changes.push(`${CSI}H${CSI}2J`);
      const before = shown ?? [];
      for (let i = 0; i < Math.max(rows.length, before.length); i++) {
        const row = rows[i] ?? '';
        // Erased first: after the last column the cursor still stands on it, and erasing to the end would take it.
        if (row !== (before[i] ?? '')) changes.push(`${CSI}${i + 1};1H${CSI}2K${row}${CSI}0m`);
      }
      shown = rows;
      if (changes.length > 0) write(BEGIN_UPDATE + changes.join('') + END_UPDATE);
    },
    invalidate() {
      shown = null;
    },
  };
}
