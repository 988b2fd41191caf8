/**
 * Which files hold secrets. Their content never enters store, log or report: the manifest's digests of the whole
 * file are kept (they are what an audit is about), but no content, no field and no digest of a part.
 */

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
  /(^|\/)id_(rsa|ecdsa|ed25519|dsa)$/,
];

/** Whether the content at this path must never be shown or kept. Errs on the side of secrecy. */
export function isSecretPath(path: TreePath): boolean {
  return SECRET_PATHS.some((pattern) => pattern.test(path));
}
