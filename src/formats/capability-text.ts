/**
 * File capabilities as text (cap_from_text(3) of libcap), as RPM headers have them, turned into the xattr
 * `security.capability` (Linux include/uapi/linux/capability.h, revision 2).
 */

/** In the order of their numbers. */
const NAMES =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  );

type Set = 'e' | 'i' | 'p';
const VERSION_2 = 0x02000000;
const EFFECTIVE = 1;

/** 20 bytes; null for what is no such text. */
export function capabilityXattr(text: string): Uint8Array | null {
  const sets: Record<Set, bigint> = { e: 0n, i: 0n, p: 0n };
  for (const clause of text.trim().split(/\s+/)) {
    const match = /^([a-z0-9_,]*)((?:[-+=][eip]*)+)$/i.exec(clause);
    if (match === null) return null;
    const bits = bitsOf(match[1]!.toLowerCase());
    if (bits === null || !applyClause(sets, bits, match[2]!)) return null;
  }
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE((VERSION_2 | (sets.e === 0n ? 0 : EFFECTIVE)) >>> 0, 0);
  bytes.writeUInt32LE(Number(sets.p & 0xffffffffn), 4);
  bytes.writeUInt32LE(Number(sets.i & 0xffffffffn), 8);
  bytes.writeUInt32LE(Number(sets.p >> 32n), 12);
  bytes.writeUInt32LE(Number(sets.i >> 32n), 16);
  return bytes;
}

const ALL = (1n << BigInt(NAMES.length)) - 1n;

/** No names are all capabilities. */
function bitsOf(names: string): bigint | null {
  if (names === '' || names === 'all') return ALL;
  let bits = 0n;
  for (const name of names.split(',')) {
    const number = NAMES.indexOf(name.replace(/^cap_/, ''));
    if (number < 0) return null;
    bits |= 1n << BigInt(number);
  }
  return bits;
}

/** False for flags that nobody can mean: `=` after another operator. */
function applyClause(sets: Record<Set, bigint>, bits: bigint, actions: string): boolean {
  for (const [i, [action]] of [...actions.matchAll(/[-+=][eip]*/g)].entries()) {
    const operator = action[0];
    const flags = action.slice(1) as string;
    if (operator === '=') {
      if (i > 0) return false;
      for (const set of ['e', 'i', 'p'] as const) sets[set] &= ~bits;
    }
    for (const set of flags.toLowerCase() as Iterable<Set>)
      sets[set] = operator === '-' ? sets[set] & ~bits : sets[set] | bits;
  }
  return true;
}
