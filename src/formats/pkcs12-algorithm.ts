/** How a part of a PKCS #12 file is encrypted: the salts and vectors that are drawn anew each time (RFC 8018, RFC 7292). */

import {
  childOf,
  isUniversal,
  oidOf,
  smallNumberOf,
  TAG,
  valueOf,
  type DerValue,
} from './der-values.js';
import type { DerNode } from './der.js';

export interface Pkcs12Encryption {
  /** Object identifier: PBES2, or one of the older schemes. */
  readonly algorithm: string;
  /** Of PBES2: object identifiers of key derivation (PBKDF2, scrypt) and cipher. */
  readonly derivation: string | null;
  readonly cipher: string | null;
  readonly salt: DerValue | null;
  /** Of scrypt its cost N. */
  readonly iterations: number | null;
  /** Of PBES2: the parameters of the cipher, which are its initialisation vector. */
  readonly iv: DerValue | null;
}

/** `node` is an AlgorithmIdentifier. Throws `FormatError` when it names no algorithm; unknown parameters are null. */
export function pkcs12Encryption(node: DerNode): Pkcs12Encryption {
  const algorithm = oidOf(childOf(node, 0, TAG.oid));
  const parameters = node.children[1];
  if (algorithm !== PBES2)
    return { algorithm, derivation: null, cipher: null, ...saltOf(parameters), iv: null };
  const derivation = parameters?.children[0];
  const cipher = parameters?.children[1];
  const vector = cipher?.children[1];
  return {
    algorithm,
    derivation: nameOf(derivation),
    cipher: nameOf(cipher),
    ...saltOf(derivation?.children[1]),
    iv: vector !== undefined && isUniversal(vector, TAG.octetString) ? valueOf(vector) : null,
  };
}

/** PBES1, the schemes of PKCS #12, PBKDF2 and scrypt all begin with salt and count. */
function saltOf(parameters: DerNode | undefined): Pick<Pkcs12Encryption, 'salt' | 'iterations'> {
  const salt = parameters?.children[0];
  const count = parameters?.children[1];
  return {
    salt: salt !== undefined && isUniversal(salt, TAG.octetString) ? valueOf(salt) : null,
    iterations:
      count !== undefined && isUniversal(count, TAG.integer) ? smallNumberOf(count) : null,
  };
}

function nameOf(node: DerNode | undefined): string | null {
  const name = node?.children[0];
  return name === undefined ? null : oidOf(name);
}

const PBES2 = '1.2.840.113549.1.5.13';
