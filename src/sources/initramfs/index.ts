/** `initramfs:`: an image of the early user space, its segments unpacked one over the other as Linux does it. */

import { cpioDialect } from '../../formats/cpio.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { initramfsSegments } from '../../formats/stream/initramfs.js';
import { headOf } from '../archive/head-of.js';
import { openArchive, type ArchiveKind } from '../archive/open-archive.js';
import { CpioEntries } from '../cpio/cpio-entries.js';
import { CPIO_CARRIES } from '../cpio/index.js';
import { defineSource } from '../define.js';
import { placeAsLinux, unpackedPath } from './unpack.js';

export const initramfs = defineSource({
  id: 'initramfs',
  claims: (location) => {
    if (!IMAGE_NAME.test(location)) return false;
    const head = headOf(location);
    return cpioDialect(head) !== null || detectCodec(head.subarray(0, CODEC_HEAD_BYTES)) !== null;
  },
  open: (location) => openArchive(location, initramfsImage),
});

/** As dracut, initramfs-tools, mkinitcpio and ostree call them. */
const IMAGE_NAME = /(?:^|\/)(?:initramfs|initrd)[^/]*$/;

const initramfsImage: ArchiveKind = {
  mediaType: 'application/vnd.linux.initramfs',
  capture: CPIO_CARRIES,
  reads: 'bytes',
  read: async (chunks, target) => {
    const { tree, limits } = target;
    const reader = new ByteReader(chunks, { format: 'initramfs' });
    const problem = (detail: string): void =>
      void tree.diagnostics.push({ code: 'format', path: null, detail });
    const segments = initramfsSegments(reader, limits);
    try {
      for (;;) {
        const step = await segments.next();
        if (step.done === true) {
          if (step.value.problem !== null)
            problem(`the image is read up to byte ${step.value.offset}: ${step.value.problem}`);
          return;
        }
        const segment = step.value;
        const entries = new CpioEntries(
          target,
          (name) => unpackedPath(tree, name),
          (name, node) => placeAsLinux(tree, name, node),
        );
        for await (const member of segment.members()) {
          target.step();
          await entries.add(member);
        }
        const found = segment.result()?.problem ?? null;
        if (found !== null) problem(`segment ${segment.index + 1}: ${found.detail}`);
      }
    } finally {
      await reader.close();
    }
  },
};
