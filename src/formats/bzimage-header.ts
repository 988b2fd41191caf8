/** The setup header of Linux kernels for x86, from offset 0x1f1 on (Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"). */

import type { FieldsOf } from './fields.js';

/** What every header since protocol 2.00 has; what came later is there or not. */
export type BzImageHeader = FieldsOf<typeof BZIMAGE_FIRST> &
  Partial<FieldsOf<typeof BZIMAGE_LATER>>;

export const BZIMAGE_FIRST = {
  setupSects: 'u8',
  rootFlags: 'u16',
  syssize: 'u32',
  ramSize: 'u16',
  vidMode: 'u16',
  rootDev: 'u16',
  bootFlag: 'u16',
  jump: 'u16',
  magic: 4,
  version: 'u16',
  realmodeSwtch: 'u32',
  startSysSeg: 'u16',
  kernelVersion: 'u16',
} as const;

export const BZIMAGE_LATER = {
  typeOfLoader: 'u8',
  loadflags: 'u8',
  setupMoveSize: 'u16',
  code32Start: 'u32',
  ramdiskImage: 'u32',
  ramdiskSize: 'u32',
  bootsectKludge: 'u32',
  heapEndPtr: 'u16',
  extLoaderVer: 'u8',
  extLoaderType: 'u8',
  cmdLinePtr: 'u32',
  initrdAddrMax: 'u32',
  kernelAlignment: 'u32',
  relocatableKernel: 'u8',
  minAlignment: 'u8',
  xloadflags: 'u16',
  cmdlineSize: 'u32',
  hardwareSubarch: 'u32',
  hardwareSubarchData: 'u64',
  payloadOffset: 'u32',
  payloadLength: 'u32',
  setupData: 'u64',
  prefAddress: 'u64',
  initSize: 'u32',
  handoverOffset: 'u32',
  kernelInfoOffset: 'u32',
} as const;
