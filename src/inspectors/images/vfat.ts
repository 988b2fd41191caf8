/** Images of FAT: the boot sector with the serial number that mkfs takes from the clock; the rest by blocks. */

import { bufferAccess } from '../../core/random-access.js';
import { isVfat, readVfat } from '../../formats/vfat.js';
import { imageFacts } from '../common/image.js';
import { defineInspector } from '../define.js';

export const vfatInspector = defineInspector({
  id: 'vfat',
  version: 1,
  summary:
    'FAT12, FAT16 and FAT32 (FAT File System Specification 1.03): serial number, label and geometry; the rest by blocks.',
  streams: false,
  claims: ({ head }) => isVfat(bufferAccess(head)),
  inspect: async (piece, context) => {
    const image = await piece.random();
    return imageFacts(image, readVfat(image).account, NOTES, context);
  },
});

const NOTES = {
  jump: ['BS_jmpBoot', 'text'],
  oemName: ['BS_OEMName', 'text'],
  serial: ['BS_VolID', 'random'],
  label: ['BS_VolLab', 'text'],
  typeName: ['BS_FilSysType', 'text'],
  bootCode: ['BS_BootCode', 'opaque'],
  sectorSize: ['BPB_BytsPerSec', 'size'],
  sectorsPerCluster: ['BPB_SecPerClus', 'size'],
  reservedSectors: ['BPB_RsvdSecCnt', 'size'],
  rootCluster: ['BPB_RootClus', 'offset'],
  'info.freeClusters': ['FSI_Free_Count', 'size'],
  'info.nextFree': ['FSI_Nxt_Free', 'offset'],
} as const;
