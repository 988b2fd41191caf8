import { crc32 } from 'node:zlib';

import { zip } from '../../../src/scrub/normalizers/zip.js';
import { buildZip, extraRecord, pack, type ZipFile } from '../../formats/build-zip.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';
import { zipContent } from './zip-content.js';
import {
  a,
  directory,
  jar,
  MODE,
  ntfs,
  OME,
  NORMAL_TIME,
  ome,
  owner,
  program,
  sample,
  samples,
  TEXT,
  times,
  unicodePath,
} from './zip-samples.js';

const pair = (
  title: string,
  before: Partial<ZipFile>,
  after: Partial<ZipFile>,
  name = 'a.zip',
): Pair => ({
  title,
  name,
  before: buildZip([program, { ...a, ...before }]),
  after: buildZip([program, { ...a, ...after }]),
});
/** An archive with the field against one without. */
const against = (title: string, file: Partial<ZipFile>): Pair => pair(title, file, {});
const archives = (title: string, before: Buffer, after: Buffer, name = 'a.zip'): Pair => ({
  title,
  name,
  before,
  after,
});

const signed = (name: string): Sample =>
  sample(`signed: ${name}`, [...jar, { name, content: 'x' }], {}, 'a.jar');
const left: readonly Sample[] = [
  ...['META-INF/X.SF', 'META-INF/x.rsa', 'META-INF/X.DSA', 'META-INF/X.EC', 'META-INF/SIG-X'].map(
    signed,
  ),
  sample('an APK signing block', [{ ...a, gap: '........APK Sig Block 42' }], {}, 'a.apk'),
  sample('encrypted', [{ ...a, flags: 1 }]),
  sample('a gap', [{ ...a, gap: 'gap' }, program]),
  sample('a signed directory', [a], { centralTail: 'PK\x05\x05\x02\x00xx' }),
  sample('bytes before the end', [a], { beforeEnd: 'x' }),
  sample('two names', [{ ...a, localName: 'b' }]),
  sample('two checksums', [{ ...a, localCrc: 1 }]),
  sample('one name twice in two orders', [a, { ...a, content: 'b' }], { localOrder: [1, 0] }),
  sample('a file that is a directory too', [a, { name: 'a/b', content: TEXT }]),
  sample('a directory named as a file', [{ ...a, externalAttributes: 0o40755 * MODE + 16 }]),
  sample('a link only some programs see', [
    { ...a, versionMadeBy: 0, externalAttributes: 0o120777 * MODE },
  ]),
  sample('an unknown host', [{ ...a, versionMadeBy: 0x0214 }]),
  sample('an extra field that is cut', [{ ...a, extra: Buffer.from([7, 7, 9, 0, 1]) }]),
  sample('unknown flags', [{ ...a, flags: 1 << 7 }]),
  sample('a strong cipher', [{ ...a, extra: extraRecord(0x17, 'xxxxxxxx') }]),
];

const canonicalFile: ZipFile = {
  name: 'a',
  content: TEXT,
  dosTime: NORMAL_TIME,
  versionMadeBy: 0x0314,
  externalAttributes: 0o100644 * MODE,
};

const asi = (mode: number, id: number): Buffer => {
  const rest = Buffer.concat([pack('HI', [mode, 3]), pack('HH', [id, id]), Buffer.from('abc')]);
  return extraRecord(0x756e, Buffer.concat([pack('I', [crc32(rest)]), rest]));
};
const link = { externalAttributes: 0o120777 * MODE, method: 0, content: 'abc' };

const pairs: readonly Pair[] = [
  pair('last mod file time', { dosTime: 0x5c21_0000 }, { dosTime: 0x5c21_0001 }),
  pair('last mod file date', { dosTime: 0x5c21_0000 }, { dosTime: 0x5c22_0000 }),
  pair('last mod file time in the local header', { localDosTime: 0x5c21_0000 }, {}),
  pair('version made by: version', { versionMadeBy: 0x0314 }, { versionMadeBy: 0x033f }),
  pair('version made by: host with a mode', { versionMadeBy: 0x0314 }, { versionMadeBy: 0x0014 }),
  pair('version made by: OS X', { versionMadeBy: 0x0314 }, { versionMadeBy: 0x1314 }),
  pair('version made by: NTFS', { versionMadeBy: 0x0314 }, { versionMadeBy: 0x0b14 }),
  pair('host and attributes of FAT', {}, { versionMadeBy: 20, externalAttributes: 0x20 }),
  pair('version needed', { versionNeeded: 10 }, { versionNeeded: 20 }),
  pair('version needed in the local header', { localVersionNeeded: 10 }, {}),
  pair(
    'umask of a file',
    { externalAttributes: 0o100600 * MODE },
    { externalAttributes: 0o100664 * MODE },
  ),
  pair(
    'umask of a program',
    { externalAttributes: 0o100700 * MODE },
    { externalAttributes: 0o100775 * MODE },
  ),
  pair('file type left out', { externalAttributes: 0o600 * MODE }, {}),
  pair('archive bit', { externalAttributes: 0o100644 * MODE + 0x20 }, {}),
  pair('read-only bit', { externalAttributes: 0o100644 * MODE + 1 }, {}),
  against('UTF-8 flag of an ASCII name', { flags: 1 << 11 }),
  against('compression level', { flags: 2 }),
  against('compression level in the local header', { localFlags: 4 }),
  against('descriptor', { descriptor: 'signed' }),
  pair('descriptor form', { descriptor: 'signed' }, { descriptor: 'bare' }),
  pair('descriptor size', { descriptor: 'signed-wide' }, { descriptor: 'signed' }),
  against('zip64 in the local header', { zip64: 'local' }),
  against('zip64', { zip64: 'both' }),
  against('extended timestamp', { extra: times }),
  against('extended timestamp in the local header', {
    localExtra: times,
    extra: extraRecord(0x5455, 'xxxxx'),
  }),
  against('NTFS times', { extra: ntfs }),
  against('Info-ZIP Unix 1', { extra: extraRecord(0x5855, 'xxxxxxxx') }),
  against('Info-ZIP Unix 2', {
    extra: extraRecord(0x7855, ''),
    localExtra: extraRecord(0x7855, 'xxxx'),
  }),
  against('Info-ZIP Unix 3', { extra: owner }),
  against('PKWARE Unix', { extra: extraRecord(0x0d, 'xxxxxxxxxxxx') }),
  pair(
    'PKWARE Unix of a link',
    { ...link, extra: extraRecord(0x0d, 'xxxxxxxxxxxxabc') },
    { ...link, extra: extraRecord(0x0d, 'yyyyyyyyyyyyabc') },
  ),
  pair('ASi Unix', { ...link, extra: asi(0o120777, 1) }, { ...link, extra: asi(0o120755, 2) }),
  pair(
    'order of extra fields',
    { extra: Buffer.concat([extraRecord(0x7777, 'x'), unicodePath]) },
    { extra: Buffer.concat([unicodePath, extraRecord(0x7777, 'x')]) },
  ),
  archives('order of entries', buildZip([a, program]), buildZip([program, a])),
  archives(
    'order of local headers',
    buildZip([a, program], { localOrder: [1, 0] }),
    buildZip([a, program]),
  ),
  archives('zip64 end record', buildZip([a], { zip64End: true }), buildZip([a])),
  archives(
    'mode of a directory',
    buildZip([directory]),
    buildZip([{ ...directory, externalAttributes: 0o40700 * MODE + 16 }]),
  ),
  archives(
    'type of a file on a directory',
    buildZip([directory]),
    buildZip([{ ...directory, externalAttributes: 0o100644 * MODE }]),
  ),
  archives(
    'DOS directory',
    buildZip([directory]),
    buildZip([{ ...directory, externalAttributes: 0x10, versionMadeBy: 20 }]),
  ),
  archives(
    'mode of a link',
    buildZip([{ ...a, ...link }]),
    buildZip([{ ...a, ...link, externalAttributes: 0o120755 * MODE }]),
  ),
  archives('order of a jar', buildZip(jar), buildZip(jar.toReversed()), 'a.jar'),
  archives(
    'order of an OME-Zarr',
    buildZip(ome, { comment: OME }),
    buildZip(ome.toReversed(), { comment: OME }),
    'a.ozx',
  ),
  archives(
    'zip64 of an OME-Zarr',
    buildZip(ome, { comment: OME, zip64End: true }),
    buildZip(
      ome.map(({ name }) => ({ name, content: name, method: 0 })),
      { comment: OME },
    ),
    'a.ozx',
  ),
];

proveNormalizer({
  normalizer: zip,
  samples,
  left,
  pairs,
  normal: [sample('as it should be', [canonicalFile]), sample('nothing', [], { comment: 'empty' })],
  content: zipContent,
  outside: [
    { command: ['unzip', '-tqq'], reads: ({ name }) => /\.(?:zip|jar|ozx)$/.test(name) },
    { command: ['zipinfo', '-v'], reads: ({ name }) => /\.(?:zip|jar|ozx)$/.test(name) },
    { command: ['python3', '-m', 'zipfile', '-t'] },
    { command: ['bsdtar', '-tf'], reads: ({ name }) => /\.(?:zip|jar|ozx)$/.test(name) },
    {
      command: ['jar', '-tf'],
      // Java finds no end record in front of other data.
      reads: ({ name, title }) => /\.(?:zip|jar|jmod|ozx)$/.test(name) && !/trailing/.test(title),
    },
    { command: ['jmod', 'list'], reads: ({ name }) => name.endsWith('.jmod') },
  ],
});
