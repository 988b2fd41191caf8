/** Facts of the headers and tables of a PE image. */

import type { Fact, FactColumn, FactRow, FactTable } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { Field } from '../../formats/fields.js';
import type { Pe } from '../../formats/pe.js';
import { peChecksum } from '../../formats/pe-checksum.js';
import type { PeSection } from '../../formats/pe-sections.js';
import type { Extent } from '../../formats/regions.js';
import { signatureTables } from '../certificates/signature-table.js';
import { sumFacts } from '../common/sum-fact.js';
import { digestOfExtents, type Told } from '../common/told.js';
import { fieldFacts, fieldValue, kindOf, type FieldRecord } from './field-facts.js';

/** DOS header, COFF header and optional header. */
export function peHeaderFacts(pe: Pe, input: RandomAccess, told: Told): Fact[] {
  told.add(pe.signature.offset, pe.signature.length);
  // What /Brepro puts in place of a time.
  const isHash = pe.debug.some(({ kind }) => kind === 'repro');
  return [
    ...fieldFacts(pe.dos, told, {
      rename: (name) => `e_${name}`,
      kinds: { csum: 'number', reserved: 'slack', reserved2: 'slack' },
    }),
    ...fieldFacts(pe.coff, told, { kinds: { timeDateStamp: isHash ? 'digest' : 'time' } }),
    ...(pe.optional === null ? [] : optionalFacts(pe, pe.optional, input, told)),
  ];
}

/** Many tools leave the checksum zero, which is no fact. */
function optionalFacts(
  pe: Pe,
  { fields }: NonNullable<Pe['optional']>,
  input: RandomAccess,
  told: Told,
): Fact[] {
  const facts = fieldFacts(fields, told);
  const { value } = fields.checkSum;
  return sumFacts(facts, { CheckSum: value === 0 || value === peChecksum(input, pe) });
}

export function peTables(pe: Pe, input: RandomAccess, told: Told): FactTable[] {
  const tables = [directoryTable(pe, told), debugTable(pe, told), timeTable(pe, told)];
  return [...tables, ...certificateTables(pe, input, told)].filter(({ rows }) => rows.length > 0);
}

/** Columns of `peSectionValues`. */
export const PE_SECTION_COLUMNS: readonly FactColumn[] = [
  { name: 'VirtualSize', kind: 'size' },
  { name: 'VirtualAddress', kind: 'offset' },
  { name: 'SizeOfRawData', kind: 'size' },
  { name: 'PointerToRawData', kind: 'offset' },
  { name: 'PointerToRelocations', kind: 'offset' },
  { name: 'PointerToLinenumbers', kind: 'offset' },
  { name: 'NumberOfRelocations', kind: 'size' },
  { name: 'NumberOfLinenumbers', kind: 'size' },
  { name: 'Characteristics', kind: 'flags' },
  { name: 'Name', kind: 'text' },
];

/** The header of a section, which is told; its bytes are not. */
export function peSectionValues({ header, name }: PeSection, told: Told): FactRow['values'] {
  const fields: FieldRecord = header;
  for (const field of Object.values(fields)) if (field !== undefined) tellField(told, field);
  const raw = Buffer.from(header.name.value).toString('latin1');
  return PE_SECTION_COLUMNS.map(({ name: column, kind }) => {
    // The key of the row, unless the field has bytes behind the name, or the name is elsewhere.
    if (column === 'Name') return raw.replace(/\0+$/, '') === name ? null : raw;
    const field = fields[column.charAt(0).toLowerCase() + column.slice(1)];
    return field === undefined ? null : fieldValue(field.value, kind);
  });
}

function directoryTable(pe: Pe, told: Told): FactTable {
  const rows = pe.directories.map(({ name, address, size }): FactRow => {
    tellField(told, address);
    tellField(told, size);
    const offset = address.offset;
    return { key: name, values: [address.value, size.value], offset, part: null };
  });
  return {
    name: 'directory',
    ordered: false,
    columns: [
      { name: 'VirtualAddress', kind: 'offset' },
      { name: 'Size', kind: 'size' },
    ],
    rows: rows.filter(({ values }) => values.some((value) => value !== 0)),
  };
}

function debugTable(pe: Pe, told: Told): FactTable {
  return {
    name: 'debug',
    ordered: true,
    columns: [
      ...DEBUG_FIELDS.map((name) => ({ name, kind: kindOf(name) })),
      { name: 'id', kind: 'build-id' },
      { name: 'age', kind: 'number' },
      { name: 'path', kind: 'path' },
    ],
    rows: pe.debug.map(({ header, kind, codeView }) => {
      const fields: FieldRecord = header;
      for (const field of Object.values(header)) tellField(told, field);
      if (codeView !== null) {
        const { id, path } = codeView;
        told.add(id.offset, id.length + 4 + path.length);
      }
      return {
        key: kind,
        values: [
          ...DEBUG_FIELDS.map((name) => {
            const field = fields[name.charAt(0).toLowerCase() + name.slice(1)];
            return field === undefined ? null : fieldValue(field.value, kindOf(name));
          }),
          codeView?.idHex ?? null,
          codeView?.age ?? null,
          codeView?.path ?? null,
        ],
        offset: header.characteristics.offset,
        part: null,
      };
    }),
  };
}

/** Times in the tables of exports and resources. */
function timeTable({ exports, resources }: Pe, told: Told): FactTable {
  const rows: FactRow[] = [];
  const add = (key: string, field: Field<number>): void => {
    tellField(told, field);
    rows.push({ key, values: [String(field.value)], offset: field.offset, part: null });
  };
  if (exports !== null) add('export', exports.header.timeDateStamp);
  for (const { path, header } of resources?.directories ?? [])
    add(`resource ${path}`.trim(), header.timeDateStamp);
  const columns = [{ name: 'TimeDateStamp', kind: 'time' }] as const;
  return { name: 'table', ordered: true, columns, rows };
}

/** The certificate table: it is told as a whole. */
function certificateTables(pe: Pe, input: RandomAccess, told: Told): FactTable[] {
  const extent = pe.certificateTable;
  if (extent === null || extent.length > MOST_CERTIFICATE_BYTES) return [];
  const entries = pe.certificates.map(({ kind, data, header }, index) => ({
    key: index === 0 ? kind : `${kind} ${index + 1}`,
    bytes: input.read(data.offset, data.length),
    offset: data.offset,
    header,
  }));
  if (entries.length === 0) return [];
  told.add(extent.offset, extent.length);
  const frame: FactRow = {
    key: 'table',
    values: [digestOfExtents(input, framesOf(extent, pe))],
    offset: extent.offset,
    part: null,
  };
  return [
    ...signatureTables(entries),
    {
      name: 'signature entries',
      ordered: true,
      // Lengths, kinds and padding of the entries.
      columns: [{ name: 'WIN_CERTIFICATE', kind: 'signature' }],
      rows: [frame],
    },
  ];
}

/** The table without the messages in it. */
function framesOf(extent: Extent, { certificates }: Pe): readonly Extent[] {
  const rests: Extent[] = [];
  let at = extent.offset;
  for (const { data } of certificates) {
    rests.push({ offset: at, length: Math.max(0, data.offset - at) });
    at = data.offset + data.length;
  }
  rests.push({ offset: at, length: Math.max(0, extent.offset + extent.length - at) });
  return rests;
}

function tellField(told: Told, { offset, length }: Field<unknown>): void {
  told.add(offset, length);
}

const DEBUG_FIELDS = [
  'Characteristics',
  'TimeDateStamp',
  'MajorVersion',
  'MinorVersion',
  'Type',
  'SizeOfData',
  'AddressOfRawData',
  'PointerToRawData',
] as const;
const MOST_CERTIFICATE_BYTES = 16 * 1024 * 1024;
