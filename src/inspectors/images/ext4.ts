/** Images of ext2, ext3 and ext4: the superblock with its times and seeds; its copies and the rest by blocks. */

import type { Fact } from '../../core/facts.js';
import { bufferAccess } from '../../core/random-access.js';
import { crc32c } from '../../formats/crc32c.js';
import { isExt4, readExt4 } from '../../formats/ext4.js';
import { imageFacts } from '../common/image.js';
import { sumFacts } from '../common/sum-fact.js';
import { defineInspector } from '../define.js';

export const ext4Inspector = defineInspector({
  id: 'ext4',
  version: 1,
  summary:
    'ext2, ext3 and ext4 (Linux, `fs/ext4/ext4.h`): times, UUID, hash seed and labels of the superblock; the rest by blocks.',
  streams: false,
  claims: ({ head }) => isExt4(bufferAccess(head)),
  inspect: async (piece, context) => {
    const image = await piece.random();
    const { account, checksumValid, uuid } = readExt4(image);
    const { facts, ...found } = await imageFacts(image, account, NOTES, context);
    const isZero = (wanted: string): boolean =>
      facts.find(({ name }) => name === wanted)?.value === 0;
    return {
      ...found,
      facts: sumFacts(facts, {
        checksum: checksumValid ?? isZero('checksum'),
        s_checksum_seed: isZero('s_checksum_seed') || hasSeed(facts, uuid),
      }),
    };
  },
});

/** The seed is the sum of the UUID, unless that was changed later. */
function hasSeed(facts: readonly Fact[], uuid: string): boolean {
  const seed = crc32c(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  return facts.find(({ name }) => name === 's_checksum_seed')?.value === seed;
}

const NOTES = {
  mountedAt: ['s_mtime', 'time'],
  writtenAt: ['s_wtime', 'time'],
  checkedAt: ['s_lastcheck', 'time'],
  madeAt: ['s_mkfs_time', 'time'],
  firstErrorAt: ['s_first_error_time', 'time'],
  lastErrorAt: ['s_last_error_time', 'time'],
  uuid: ['s_uuid', 'random'],
  hashSeed: ['s_hash_seed', 'random'],
  journalUuid: ['s_journal_uuid', 'random'],
  encryptionSalt: ['s_encrypt_pw_salt', 'random'],
  checksumSeed: ['s_checksum_seed', 'checksum'],
  volumeName: ['s_volume_name', 'text'],
  lastMounted: ['s_last_mounted', 'path'],
  mountCount: ['s_mnt_count', 'number'],
  kilobytesWritten: ['s_kbytes_written', 'number'],
  freeBlockCount: ['s_free_blocks_count', 'size'],
  freeInodeCount: ['s_free_inodes_count', 'size'],
  featureCompat: ['s_feature_compat', 'flags'],
  featureIncompat: ['s_feature_incompat', 'flags'],
  featureReadOnlyCompat: ['s_feature_ro_compat', 'flags'],
  journalBlocks: ['s_jnl_blocks', 'layout'],
  overheadBlocks: ['s_overhead_clusters', 'size'],
  logBlockSize: ['s_log_block_size', 'codec'],
} as const;
