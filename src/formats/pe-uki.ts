/** Unified kernel images (UAPI Group, "Unified Kernel Image"; systemd-stub(7)): what the sections of a PE stand for. */

import type { PeSection } from './pe-sections.js';
import type { Pe } from './pe.js';

export interface UkiSection {
  readonly kind: UkiSectionKind;
  /** Null before the first `.profile`: such a section serves all profiles that have none of its kind. */
  readonly profile: number | null;
  readonly section: PeSection;
}

export type UkiSectionKind = (typeof UKI_SECTIONS)[number];

export interface Uki {
  /** 0 when the image has no `.profile` section. */
  readonly profileCount: number;
  /** In the order of the section table; other sections (`.text`) are left out. */
  readonly sections: readonly UkiSection[];
}

/** Null when the image is no UKI: those have a kernel and say which system it belongs to. */
export function ukiOf(pe: Pe): Uki | null {
  const names = new Set(pe.sections.map(({ name }) => name));
  if (!names.has('.linux') && !names.has('.osrel')) return null;
  const sections: UkiSection[] = [];
  let profileCount = 0;
  for (const section of pe.sections) {
    const kind = KIND_OF.get(section.name);
    if (kind === undefined) continue;
    if (kind === 'profile') profileCount++;
    sections.push({ kind, profile: profileCount === 0 ? null : profileCount - 1, section });
  }
  return { profileCount, sections };
}

const UKI_SECTIONS = [
  'linux',
  'osrel',
  'cmdline',
  'initrd',
  'ucode',
  'splash',
  'dtb',
  'dtbauto',
  'efifw',
  'hwids',
  'uname',
  'sbat',
  'pcrsig',
  'pcrpkey',
  'profile',
] as const;

const KIND_OF: ReadonlyMap<string, UkiSectionKind> = new Map(
  UKI_SECTIONS.map((kind) => [`.${kind}`, kind]),
);
