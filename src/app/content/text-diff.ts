/** Compares texts line by line. Lines are latin1 byte strings, so that no byte is lost on the way. */

export interface TextHunk {
  /** Numbers of lines, from 1. */
  readonly before: { readonly start: number; readonly count: number };
  readonly after: { readonly start: number; readonly count: number };
  /** With ` `, `-` or `+` before each line, `\` before the note that a text has no last line end. */
  readonly lines: readonly string[];
}

const CONTEXT_LINES = 3;
/** Inserted and deleted lines beyond which the texts are called too different; the work grows with their square. */
const MOST_EDITS = 10_000;
const MOST_MILLISECONDS = 10_000;
/** Text with longer lines is told by its bytes. */
const MOST_LINE_BYTES = 4096;

/** Null when the texts are too different to be compared by lines. */
export async function textDiff(
  before: Uint8Array,
  after: Uint8Array,
): Promise<readonly TextHunk[] | null> {
  // Loaded on first use: most diffs show no content.
  const { structuredPatch } = await import('diff');
  const patch = structuredPatch('', '', latin1(before), latin1(after), undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MOST_EDITS,
    timeout: MOST_MILLISECONDS,
  });
  if (patch === undefined) return null;
  return patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    before: { start: oldStart, count: oldLines },
    after: { start: newStart, count: newLines },
    lines,
  }));
}

/** Bytes that people read as lines: no NUL, few other controls, no line without end. */
export function isText(bytes: Uint8Array): boolean {
  let [controls, lineBytes] = [0, 0];
  for (const byte of bytes) {
    if (byte === 0) return false;
    lineBytes = byte === LINE_FEED ? 0 : lineBytes + 1;
    if (lineBytes > MOST_LINE_BYTES) return false;
    if ((byte < 0x20 && !(byte >= 9 && byte <= 13)) || byte === 0x7f) controls++;
  }
  return controls * 20 <= bytes.length;
}

const LINE_FEED = 0x0a;

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
