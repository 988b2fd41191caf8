/** One inspector for each format of compression. */

import { UnsupportedError, type Codec } from '../../formats/codec/codec.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { defineInspector, type Inspector } from '../define.js';
import { inspectCodec } from './inspect-codec.js';

export const compressionInspectors: readonly Inspector[] = [
  compression('gzip', 'gzip (RFC 1952): fields of every member, and the content.', ['gzip']),
  compression('xz', '.xz (The .xz File Format 1.2.1): settings, checks, and the content.', ['xz']),
  compression('zstd', 'Zstandard (RFC 8878): fields of every frame, and the content.', ['zstd']),
  compression('lz4', 'LZ4 frames (LZ4 Frame Format 1.6.3), legacy ones too, and the content.', [
    'lz4',
    'lz4-legacy',
  ]),
  compression('bzip2', 'bzip2: levels, and the content.', ['bzip2']),
  compression('lzma', '.lzma (LZMA specification): settings, and the content.', ['lzma']),
  compression('lzop', 'lzop, which is not decompressed.', ['lzop']),
];

function compression(id: string, summary: string, codecs: readonly Codec[]): Inspector {
  return defineInspector({
    id,
    version: 1,
    summary,
    streams: false,
    claims: ({ head }) => {
      const codec = detectCodec(head.subarray(0, CODEC_HEAD_BYTES));
      return codec !== null && codecs.includes(codec);
    },
    inspect: (piece, context) => {
      const codec = detectCodec(piece.head.subarray(0, CODEC_HEAD_BYTES));
      if (codec === null || codec === 'lzop')
        throw new UnsupportedError(id, 0, `${id} is not decompressed`);
      return inspectCodec(codec, piece, context);
    },
  });
}
