/**
 * Which files hold secrets. Their content never enters store, log or report: the manifest's digests of the whole
 * file are kept (they are what an audit is about), but no content, no field and no digest of a part.
 */

import { createHash } from 'node:crypto';

import type { TreePath } from './path.js';

const SECRET_PATHS: readonly RegExp[] = [
  /(^|\/)etc\/(shadow|gshadow)-?$/,
  /(^|\/)etc\/ssh\/ssh_host_[^/]*_key$/,
  /(^|\/)etc\/(machine-id|brlapi\.key|rndc\.key|munge\/munge\.key)$/,
  /(^|\/)(var\/lib\/dbus\/machine-id|var\/lib\/systemd\/credential\.secret)$/,
  /(^|\/)random-seed$/,
  /(^|\/)etc\/(ssl|pki\/tls|pki\/[^/]+)\/private\//,
  /(^|\/)etc\/pacman\.d\/gnupg\//,
  /(^|\/)\.gnupg\/(private-keys|random_seed)/,
  /(^|\/)var\/lib\/NetworkManager\/secret_key$/,
  /(^|\/)etc\/NetworkManager\/system-connections\//,
  /(^|\/)etc\/wpa_supplicant\/[^/]*\.conf$/,
  /(^|\/)id_(rsa|ecdsa|ed25519|dsa)$/,
];

/** Whether the content at this path, or of an archive's member of this name, must never be shown or kept. Errs on the side of secrecy. */
export function isSecretPath(path: TreePath | string): boolean {
  return SECRET_PATH.test(path);
}

/** One pattern for all: it is asked of every member of every archive. */
const SECRET_PATH = new RegExp(SECRET_PATHS.map(({ source }) => source).join('|'));

/** PEM (RFC 7468), OpenSSH, PuTTY and age private keys, wherever they lie. */
const SECRET_HEADS =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-|AGE-SECRET-KEY-1/;

const SECRET_WORDS = ['PRIVATE KEY', 'PuTTY-User-Key', 'AGE-SECRET-KEY'];

/** Whether the first bytes of a file show that it holds a secret. */
export function isSecretContent(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  // Three searches for bytes cost a tenth of the pattern, and nearly every file ends here.
  if (SECRET_WORDS.every((word) => !bytes.includes(word))) return false;
  return SECRET_HEADS.test(bytes.toString('latin1'));
}

/** What secrets are digested with (HMAC, RFC 2104), so that equal ones stay equal and none can be guessed. */
export interface SecretKey {
  /** Under which facts remember it; says nothing of the bytes. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A key by its name. */
export function namedKey(bytes: Uint8Array): SecretKey {
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes };
}
