/**
 * The signature behind a kernel module (linux, include/linux/module_signature.h and scripts/sign-file.c):
 * content, signer's name, key id, signature, twelve bytes that say how long those are, and a magic string.
 */

import type { RandomAccess } from '../core/random-access.js';
import type { ByteRange } from './elf.js';
import { addProblem, type ElfProblem } from './elf-problems.js';
import { PagedBytes, latin1 } from './paged-bytes.js';

export interface ModuleSignature {
  /** Bytes of the module itself, which start at 0. */
  readonly contentBytes: number;
  /** Empty since Linux 4.3: the signature is a PKCS#7 message that names its signer. */
  readonly signer: SignaturePart;
  readonly keyId: SignaturePart;
  /** The PKCS#7 message in DER (`idType` 2); of older kernels a bare signature. */
  readonly signature: ByteRange;
  /** Of `struct module_signature`; the fields stand in this order: */
  readonly offset: number;
  /** 0 with PKCS#7, as are all but `idType` and the length. */
  readonly algorithm: number;
  readonly hash: number;
  /** 0 PGP, 1 X.509, 2 PKCS#7. */
  readonly idType: number;
  /** Three bytes, zero. */
  readonly padding: Uint8Array;
  /** Where the magic string is; it ends the file. */
  readonly magicOffset: number;
  readonly problems: readonly ElfProblem[];
}

export interface SignaturePart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const MAGIC = '~Module signature appended~\n';
const STRUCT_BYTES = 12;
/** What is behind the module otherwise is no signature. */
const MAX_SIGNATURE = 1024 * 1024;

/** Null when the magic string does not end the file. A length that cannot be true leaves the signature empty, with a problem. */
export function readModuleSignature(input: RandomAccess): ModuleSignature | null {
  const magicOffset = input.size - MAGIC.length;
  const offset = magicOffset - STRUCT_BYTES;
  if (offset < 0 || latin1(input.read(magicOffset, MAGIC.length)) !== MAGIC) return null;

  const problems: ElfProblem[] = [];
  const info = PagedBytes.of(input.read(offset, STRUCT_BYTES), false, 'module signature', offset);
  let [signerBytes, keyIdBytes, signatureBytes] = [info.u8(3), info.u8(4), info.u32(8)];
  if (signatureBytes > MAX_SIGNATURE || signerBytes + keyIdBytes + signatureBytes > offset) {
    addProblem(problems, offset + 8, `a signature of ${signatureBytes} bytes does not fit`);
    [signerBytes, keyIdBytes, signatureBytes] = [0, 0, 0];
  }
  const signatureAt = offset - signatureBytes;
  const keyIdAt = signatureAt - keyIdBytes;
  const signerAt = keyIdAt - signerBytes;
  return {
    contentBytes: signerAt,
    signer: { offset: signerAt, bytes: input.read(signerAt, signerBytes) },
    keyId: { offset: keyIdAt, bytes: input.read(keyIdAt, keyIdBytes) },
    signature: { offset: signatureAt, bytes: signatureBytes },
    offset,
    algorithm: info.u8(0),
    hash: info.u8(1),
    idType: info.u8(2),
    padding: info.bytes(5, 3),
    magicOffset,
    problems,
  };
}
