/** Bytes as text, one character for each. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', start, end);
}

/** Hex digits of bytes that should be zero; null when they are. */
export function slackOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  for (const byte of bytes) if (byte !== 0) return Buffer.from(bytes).toString('hex');
  return null;
}
