/** The signature behind a kernel module. */

import type { RandomAccess } from '../../core/random-access.js';
import type { ModuleSignature } from '../../formats/module-signature.js';
import { signatureTables } from '../certificates/signature-table.js';
import type { ElfFindings } from './elf.js';

export function moduleSignature(
  file: RandomAccess,
  signature: ModuleSignature,
  { facts, tables, problems }: ElfFindings,
): void {
  problems.push(...signature.problems);
  const { offset, signer, keyId, signature: extent } = signature;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  for (const [name, value, at] of [
    ['signature algo', signature.algorithm, offset],
    ['signature hash', signature.hash, offset + 1],
    ['signature id_type', signature.idType, offset + 2],
    ['signature signer', hex(signer.bytes), signer.offset],
    ['signature key id', hex(keyId.bytes), keyId.offset],
    ['signature padding', hex(signature.padding), offset + 5],
    ['signature sig_len', extent.bytes, offset + 8],
  ] as const)
    if (name === 'signature id_type' || !/^0*$/.test(String(value)))
      facts.push({ name, kind: 'signature', value, offset: at });
  const bytes = file.read(extent.offset, extent.bytes);
  tables.push(...signatureTables([{ key: 'module', bytes, offset: extent.offset }]));
}
