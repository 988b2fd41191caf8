/** RPM package files: lead, and as members signature header, header and payload. */

import { FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { RPM_TAG, type RpmHeader } from '../../formats/rpm-header.js';
import {
  isRpmPackage,
  readRpmPackage,
  type RpmHeaderPlace,
  type RpmLead,
} from '../../formats/rpm-package.js';
import type { Fact } from '../../core/facts.js';
import { inspectRpmPayload } from '../archive/rpm-payload.js';
import { defineInspector, type InspectContext } from '../define.js';
import { shortDigest } from '../common/short-digest.js';
import { packageDigestProblems } from './package-digests.js';

export const rpmPackageInspector = defineInspector({
  id: 'rpm',
  version: 1,
  summary: 'RPM package files (format_v4.md): lead, signature header, header, payload.',
  streams: false,
  claims: ({ head }) => isRpmPackage(head),
  inspect: async (piece, context) => {
    const file = await piece.random();
    const found = readRpmPackage(file);
    const { lead, signature, signaturePadding, header, payload } = found;
    context.spend(3);
    const row = async (key: string, from: number, end: number, as?: string) => ({
      key,
      values: [end - from],
      offset: from,
      part: await context.part(key, windowAccess(file, from, end - from), as),
    });
    const numbered = isNumbered(header.header)
      ? await numberedPayload(windowAccess(file, payload.offset, payload.bytes), header, context)
      : null;
    return {
      facts: [
        ...leadFacts(lead),
        {
          name: 'header magics',
          kind: 'number',
          value: Buffer.concat([signature.intro, header.intro]).toString('hex'),
          offset: signature.offset,
        },
        {
          name: 'signature padding',
          kind: 'slack',
          value: Buffer.from(signaturePadding).toString('hex'),
          offset: signature.end,
        },
        ...(numbered?.facts ?? []),
      ],
      problems: [...packageDigestProblems(file, found), ...(numbered?.problems ?? [])],
      tables: [
        {
          name: '',
          ordered: true,
          columns: [{ name: 'size', kind: 'size' }],
          rows: [
            await row('signature', signature.blobOffset, signature.end, 'rpm-signature'),
            await row('header', header.blobOffset, header.end, 'rpm-header'),
            numbered === null
              ? await row('payload', payload.offset, file.size)
              : { key: 'payload', values: [payload.bytes], offset: payload.offset, part: null },
          ],
        },
        ...(numbered?.tables ?? []),
      ],
    };
  },
});

/** Packages with files of 4 GiB or more: members of the payload have only their numbers in the header (format_payload.md). */
function isNumbered({ entries }: RpmHeader): boolean {
  return entries.some(({ tag }) => tag === RPM_TAG.LONGFILESIZES);
}

/** What such a payload holds, beside the headers; null where it makes no sense: then it is looked into like any other bytes. */
async function numberedPayload(
  payload: RandomAccess,
  { header }: RpmHeaderPlace,
  context: InspectContext,
) {
  try {
    const { facts, tables, problems } = await inspectRpmPayload(payload, header, context);
    const named = (name: string): string => (name === '' ? 'payload' : `payload ${name}`);
    return {
      facts: facts.map((fact) => ({ ...fact, name: named(fact.name) })),
      tables: tables.map((table) => ({ ...table, name: named(table.name) })),
      problems,
    };
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** What nobody reads any more is told only when it is not what rpm writes. */
function leadFacts(lead: RpmLead): readonly Fact[] {
  const { raw } = lead;
  const nameRest = raw.subarray(10 + lead.name.length, 76);
  const isEmpty = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
  return [
    { name: 'lead.version', kind: 'number', value: `${lead.major}.${lead.minor}`, offset: 4 },
    { name: 'lead.type', kind: 'number', value: lead.type, offset: 6 },
    { name: 'lead.archnum', kind: 'number', value: lead.architecture, offset: 8 },
    { name: 'lead.name', kind: 'text', value: lead.name, offset: 10 },
    ...(isEmpty(nameRest) ? [] : [slack('lead.name padding', nameRest, 10 + lead.name.length)]),
    { name: 'lead.osnum', kind: 'number', value: lead.os, offset: 76 },
    { name: 'lead.signature_type', kind: 'number', value: lead.signatureType, offset: 78 },
    ...(isEmpty(lead.reserved) ? [] : [slack('lead.reserved', lead.reserved, 80)]),
  ];
}

function slack(name: string, bytes: Uint8Array, offset: number): Fact {
  return { name, kind: 'slack', value: shortDigest(bytes), offset };
}
