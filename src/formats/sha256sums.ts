/**
 * Lists of SHA-256 as `sha256sum` writes and checks them: text and binary mode, escaped names, `--tag` of the BSDs and of OpenSSL.
 * Lists of other digests have the same form.
 */

import {
  NOTHING_LISTED,
  quoted,
  sha256OfHex,
  type ListedEntry,
  type ListingReader,
} from './listing.js';

/** `escapes`: false for `--zero`, where names are as they are. */
export function sha256sumsReader({ escapes }: { readonly escapes: boolean }): ListingReader {
  return {
    line: (text) => {
      if (text === '' || text.startsWith('#')) return null;
      const isEscaped = escapes && text.startsWith('\\');
      const plain = isEscaped ? text.slice(1) : text;
      const [hex, name, algorithm] = parts(plain);
      return entryOf(isEscaped ? unescaped(name) : name, hex, algorithm);
    },
    end: () => null,
  };
}

const GNU = /^([0-9a-fA-F]{32,128}) [ *](.+)$/s;
const TAGGED = /^([A-Z][A-Z0-9/-]{2,14}) ?\((.+)\) ?= ([0-9a-fA-F]{32,128})$/s;

function parts(text: string): readonly [hex: string, name: string, algorithm: string | null] {
  const tagged = TAGGED.exec(text);
  if (tagged !== null) return [tagged[3]!, tagged[2]!, tagged[1]!.toLowerCase()];
  const [, hex, name] = GNU.exec(text) ?? [];
  if (hex !== undefined && name !== undefined) return [hex, name, null];
  throw new RangeError(`expected a digest, two spaces and a name, found ${quoted(text)}`);
}

/** By the number of hex digits; 64 without a name are SHA-256. */
const BY_LENGTH: Readonly<Record<number, string>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
};
const SHA256_NAMES: readonly string[] = ['sha256', 'sha2-256'];

function entryOf(path: string, hex: string, tag: string | null): ListedEntry {
  const algorithm = tag ?? BY_LENGTH[hex.length];
  if (algorithm === undefined)
    throw new RangeError(`expected 64 hex digits of SHA-256, found ${hex.length}`);
  const sha256 = SHA256_NAMES.includes(algorithm) ? sha256OfHex(hex) : null;
  return {
    ...NOTHING_LISTED,
    path,
    type: 'file',
    sha256,
    otherDigests: sha256 === null ? [algorithm] : [],
  };
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' };

function unescaped(name: string): string {
  return name.replace(/\\([^]?)/g, (whole, char: string) => {
    const plain = ESCAPED[char];
    if (plain === undefined)
      throw new RangeError(`expected \\\\, \\n or \\r in a name, found ${quoted(whole)}`);
    return plain;
  });
}
