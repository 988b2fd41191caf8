/**
 * Which files hold secrets. Their content never enters store, log or report: the manifest's digests of the whole
 * file are kept (they are what an audit is about), but no content, no field and no digest of a part.
 */

import { createHash } from 'node:crypto';

import type { TreePath } from './path.js';
import { secretAt } from './secret-words.js';

const SECRET_PATHS: readonly RegExp[] = [
  /(^|\/)etc\/(shadow|gshadow)-?$/,
  /(^|\/)ssh_host_[^/]*_key$/,
  /(^|\/)machine-id$/,
  /(^|\/)etc\/(brlapi\.key|rndc\.key|munge\/munge\.key)$/,
  /(^|\/)var\/lib\/systemd\/credential\.secret$/,
  /(^|\/)random-seed$/,
  /(^|\/)etc\/(ssl|pki\/tls|pki\/[^/]+)\/private\//,
  /(^|\/)etc\/pacman\.d\/gnupg\//,
  /(^|\/)\.gnupg\/(private-keys|random_seed)/,
  /(^|\/)var\/lib\/NetworkManager\/secret_key$/,
  /(^|\/)NetworkManager\/system-connections\/|\.nmconnection$/,
  /(^|\/)etc\/wpa_supplicant\/[^/]*\.conf$/,
  /(^|\/)id_(rsa|ecdsa|ed25519|dsa)$/,
  /(^|\/)(crypto_keyfile\.bin|\.netrc|\.pgpass|\.git-credentials|ipsec\.secrets|(chap|pap)-secrets)$|\.keytab$/,
  /(^|\/)etc\/(cryptsetup-keys\.d|luks|luks-keys)\//,
  /(^|\/)var\/cache\/debconf\/passwords\.dat(-old)?$/,
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

/**
 * A password hash of crypt(5): `$6$salt$hash`, `$y$parameters$salt$hash`, `$2y$05$...`, wherever it stands: shadow(5), htpasswd,
 * kickstart, Ignition.
 */
const PASSWORD_HASH =
  /\$(?:1|2[abxy]?|5|6|7|y|gy|md5|sha1|apr1)\$(?:[A-Za-z0-9./=,]{0,64}\$){1,2}[A-Za-z0-9./]{20}/;

const DOLLAR = 0x24;

const SECRET_WORDS = ['PRIVATE KEY', 'PuTTY-User-Key', 'AGE-SECRET-KEY'];

/** Whether the first bytes of a file show that it holds a secret. */
export function isSecretContent(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  // Three searches for bytes cost a tenth of the pattern, and nearly every file ends here.
  const hasWord = SECRET_WORDS.some((word) => bytes.includes(word));
  if (!hasWord && !bytes.includes(DOLLAR)) return false;
  const text = bytes.toString('latin1');
  return (hasWord && SECRET_HEADS.test(text)) || PASSWORD_HASH.test(text);
}

/** With a body, also as a string of JSON: a file that lists how keys begin (mime/magic) holds none. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\r?\n|\\[rn])(?:[^\n]{0,80}\n){0,4}\s*[A-Za-z0-9+/=]{8}|AGE-SECRET-KEY-1[0-9A-Z]{16}/;
/** A name and a password hash, as in shadow(5), also as a member of an archive. */
const SHADOW_LINE = /(?:^|[\n\0])[^:\s\0]{1,64}:!{0,2}\$[0-9a-z]{1,10}\$[^:\s]{8}/;

/** What bytes at any place of a file show to be in it. Null: nothing that is known. */
export function secretInside(chunk: Uint8Array): 'a private key' | 'password hashes' | null {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  const hasWord = SECRET_WORDS.some((word) => bytes.includes(word));
  if (!hasWord && !bytes.includes(DOLLAR)) return null;
  const text = bytes.toString('latin1');
  if (hasWord && PRIVATE_KEY.test(text)) return 'a private key';
  return SHADOW_LINE.test(text) || PASSWORD_HASH.test(text) ? 'password hashes' : null;
}

/** Whether there is a password or token in a text, by the name in front of it or by its form; see `secret-words.ts`. */
export function hasSecretWord(chunk: Uint8Array): boolean {
  return (
    secretAt(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')) >= 0
  );
}

/**
 * Whether a file is a key for all that can be seen: short, and nothing but bytes drawn by chance, or one word of them. Whoever asks
 * has to know that no format explains the bytes: compressed ones look the same.
 */
export function looksLikeKey(bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (length < SHORTEST_KEY || length > LONGEST_KEY) return false;
  let high = 0;
  for (const byte of bytes) if (byte >= 0x80) high++;
  if (high * 4 >= length) {
    const expected = 256 * (1 - (255 / 256) ** length);
    return new Set(bytes).size >= expected * 0.85;
  }
  if (!KEY_BYTE.has(bytes[4]!) || !KEY_BYTE.has(bytes[11]!)) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
  return KEY_WORD.test(text) && /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
}

const SHORTEST_KEY = 16;
const LONGEST_KEY = 8192;
/** base64 of 16 bytes and more (RFC 4648). */
const KEY_WORD = /^[A-Za-z\d+/]{22,}={0,2}\s*$/;
const KEY_BYTE: ReadonlySet<number> = new Set(
  Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'),
);

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
