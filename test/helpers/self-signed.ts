/** A key and the certificate that it signed itself, made by `openssl`, and what is signed with them. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { tempFolder } from './temp-tree.js';

export interface SelfSigned {
  /** Holds `k.pem` and `c.pem`. */
  readonly folder: string;
  /** Runs it in the folder, with words that are apart by spaces and then others; returns what it printed. */
  readonly openssl: (words: string, ...more: readonly string[]) => Buffer;
  /** A signature of the content in DER. */
  readonly sign: (content: string | Buffer, ...options: readonly string[]) => Buffer;
}

export interface SelfSignedOptions {
  readonly subject?: string;
  readonly key?: 'rsa:2048' | 'ec';
  /** More words for `openssl req`. */
  readonly options?: readonly string[];
}

export function selfSigned(t: TestContext, options: SelfSignedOptions = {}): SelfSigned {
  const folder = tempFolder(t);
  const openssl: SelfSigned['openssl'] = (words, ...more) =>
    execFileSync('openssl', [...words.split(' '), ...more], { cwd: folder, stdio: 'pipe' });
  const { subject = '/CN=x', key = 'rsa:2048' } = options;
  const kind = key === 'ec' ? 'ec -pkeyopt ec_paramgen_curve:P-256' : key;
  openssl(
    `req -x509 -newkey ${kind} -nodes -keyout k.pem -out c.pem -subj`,
    subject,
    ...(options.options ?? []),
  );
  return {
    folder,
    openssl,
    sign: (content, ...more) => {
      writeFileSync(join(folder, 'data'), content);
      const words = 'cms -sign -binary -in data -signer c.pem -inkey k.pem -outform DER';
      return openssl(words, ...more);
    },
  };
}
