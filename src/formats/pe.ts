/** PE/COFF images: EFI programs, kernels with an EFI stub, unified kernel images. Only headers and tables are read. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { peCertificateTable, readPeCertificates, type PeCertificate } from './pe-certificates.js';
import { readPeDebug, type PeDebugEntry } from './pe-debug.js';
import { readPeExports, type PeExports } from './pe-export.js';
import { PE_FORMAT, readPeHeaders, type PeHeaders } from './pe-headers.js';
import { readPeResources, type PeResources } from './pe-resources.js';
import {
  peOffsetFinder,
  peStringTable,
  peSymbolTable,
  readPeSections,
  type PeSection,
} from './pe-sections.js';
import type { Extent } from './regions.js';

export interface Pe extends PeHeaders {
  /** Bytes of the file. */
  readonly size: number;
  readonly sections: readonly PeSection[];
  /** Both of length 0 when the image has no symbols. */
  readonly symbolTable: Extent;
  readonly stringTable: Extent;
  readonly certificateTable: Extent | null;
  readonly certificates: readonly PeCertificate[];
  readonly debug: readonly PeDebugEntry[];
  readonly resources: PeResources | null;
  readonly exports: PeExports | null;
  /** What did not make sense; everything else was read all the same. */
  readonly problems: readonly FormatError[];
}

/** Throws `FormatError` when the file is no PE image or ends inside the DOS or COFF header. */
export function readPe(input: RandomAccess): Pe {
  const problems: FormatError[] = [];
  const headers = readPeHeaders(input, problems);
  const sections = readPeSections(input, headers);
  // The table may hold 65,535 sections: the first that are cut off say it for the others.
  for (const { key, header } of sections.filter((each) => each.isCut).slice(0, MOST_CUT))
    problems.push(
      new FormatError(PE_FORMAT, header.sizeOfRawData.offset, `section ${key} is cut off`),
    );
  const offsetOf = peOffsetFinder(headers, sections);
  const directory = (name: string): Extent | null =>
    directoryExtent(input, headers, name, offsetOf, problems);
  const certificateTable = peCertificateTable(input, headers);
  const debug = directory('debug');
  const resources = directory('resource');
  const exported = directory('export');
  return {
    ...headers,
    size: input.size,
    sections,
    symbolTable: peSymbolTable(input, headers),
    stringTable: peStringTable(input, headers),
    certificateTable,
    certificates:
      certificateTable === null ? [] : readPeCertificates(input, certificateTable, problems),
    debug: debug === null ? [] : readPeDebug(input, debug, problems),
    resources: resources === null ? null : readPeResources(input, resources, offsetOf, problems),
    exports:
      exported === null
        ? null
        : attempt(problems, () => readPeExports(input, exported.offset, offsetOf)),
    problems,
  };
}

/** Where a data directory is in the file; null when the image has none, or it is not there. */
function directoryExtent(
  input: RandomAccess,
  headers: PeHeaders,
  name: string,
  offsetOf: (address: number) => number | null,
  problems: FormatError[],
): Extent | null {
  const directory = headers.directories.find((each) => each.name === name);
  if (directory === undefined || directory.size.value === 0) return null;
  const offset = offsetOf(directory.address.value);
  if (offset === null || offset >= input.size) {
    const detail = `the ${name} directory is outside of the file`;
    problems.push(new FormatError(PE_FORMAT, directory.address.offset, detail));
    return null;
  }
  return { offset, length: Math.min(directory.size.value, input.size - offset) };
}

function attempt<T>(problems: FormatError[], read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push(error);
    return null;
  }
}

const MOST_CUT = 100;
