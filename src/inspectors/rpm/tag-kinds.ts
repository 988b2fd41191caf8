/** What the values of header tags mean, and which of them are kept as they are. */

import type { FactKind } from '../../core/facts.js';

/** Texts of these are literal: names, versions and settings that a build writes for everybody to read. */
const LITERALS: Readonly<Record<string, FactKind>> = {
  NAME: 'text',
  VERSION: 'version',
  RELEASE: 'version',
  ARCH: 'text',
  OS: 'text',
  LICENSE: 'text',
  GROUP: 'text',
  VENDOR: 'text',
  DISTRIBUTION: 'text',
  PACKAGER: 'text',
  URL: 'text',
  BUGURL: 'text',
  VCS: 'text',
  DISTURL: 'text',
  DISTTAG: 'text',
  MODULARITYLABEL: 'text',
  SOURCERPM: 'text',
  BUILDHOST: 'host',
  COOKIE: 'host',
  RPMVERSION: 'version',
  OPTFLAGS: 'flags',
  PLATFORM: 'text',
  ENCODING: 'text',
  PAYLOADFORMAT: 'codec',
  PAYLOADCOMPRESSOR: 'codec',
  PAYLOADFLAGS: 'codec',
  ARCHSUFFIX: 'text',
  SHA1HEADER: 'digest',
  SHA256HEADER: 'digest',
  SHA3_256HEADER: 'digest',
};

const KINDS: Readonly<Record<string, FactKind>> = {
  ...LITERALS,
  BUILDTIME: 'time',
  INSTALLTIME: 'time',
  // The number of a transaction is the time at which it began.
  INSTALLTID: 'time',
  REMOVETID: 'time',
  CHANGELOGTIME: 'time',
  FILEMTIMES: 'time',
  FILEMODES: 'mode',
  FILEUSERNAME: 'owner',
  FILEGROUPNAME: 'owner',
  FILEDEVICES: 'file-system',
  FILEINODES: 'file-system',
  FILERDEVS: 'file-system',
  SIZE: 'size',
  LONGSIZE: 'size',
  ARCHIVESIZE: 'size',
  LONGARCHIVESIZE: 'size',
  SIGSIZE: 'size',
  LONGSIGSIZE: 'size',
  PAYLOADSIZE: 'size',
  FILESIZES: 'size',
  LONGFILESIZES: 'size',
  FILEDIGESTS: 'digest',
  PAYLOADDIGEST: 'digest',
  PAYLOADDIGESTALT: 'digest',
  PACKAGEDIGESTS: 'digest',
  SIGMD5: 'digest',
  SIGLEMD5_1: 'digest',
  SIGLEMD5_2: 'digest',
  // Of the source package that this one was built from.
  SOURCEPKGID: 'digest',
  SIGPGP: 'signature',
  SIGGPG: 'signature',
  SIGPGP5: 'signature',
  DSAHEADER: 'signature',
  RSAHEADER: 'signature',
  OPENPGP: 'signature',
  FILESIGNATURES: 'signature',
  VERITYSIGNATURES: 'signature',
  FILEFLAGS: 'flags',
  FILEVERIFYFLAGS: 'flags',
  FILESTATES: 'flags',
  RESERVEDSPACE: 'slack',
  HEADERIMAGE: 'layout',
  HEADERSIGNATURES: 'layout',
  HEADERIMMUTABLE: 'layout',
};

/** Null: not told by the tag; then numbers are numbers, and everything else is opaque. */
export function tagKind(name: string): FactKind | null {
  return KINDS[name] ?? null;
}

/** Whether a text of this tag is told as it is. */
export function isLiteral(name: string): boolean {
  return LITERALS[name] !== undefined;
}
