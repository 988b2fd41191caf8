/** A small database of message catalogues, made in code. */

export const IDS = ['0027229c-a064-4181-a76c-4e92458afa2e', '7b05ebc6-6838-4222-baa8-881179cfda54'];

export function systemdCatalogSample(texts: readonly string[], itemSize = 56): Uint8Array {
  const bytes = Buffer.alloc(40 + itemSize * texts.length);
  bytes.write('RHHHKSLP', 'latin1');
  [40, texts.length, itemSize].forEach((value, i) =>
    bytes.writeBigUInt64LE(BigInt(value), 16 + 8 * i),
  );
  let strings = '';
  texts.forEach((text, i) => {
    const at = 40 + itemSize * i;
    bytes.write(IDS[i % 2]!.replaceAll('-', ''), at, 'hex');
    bytes.write(i === 0 ? '' : 'de', at + 16, 'latin1');
    bytes.writeBigUInt64LE(BigInt(strings.length), at + 48);
    strings += `${text}\0`;
  });
  return Buffer.concat([bytes, Buffer.from(strings, 'latin1')]);
}
