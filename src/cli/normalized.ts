/** What normalising files says: each field with old -> new. */

import type { Content, NormalizedFile } from '../app/normalize.js';
import { jsonPath } from '../core/json-path.js';
import { displayBytes, displayMessage, displayText, type TreePath } from '../core/path.js';
import { formatCount } from '../util/format.js';
import type { CommandContext } from './define.js';

export interface PrintOptions {
  readonly check: boolean;
  readonly json: boolean;
}

export function printNormalized(
  { stdout, stderr }: CommandContext,
  files: readonly NormalizedFile[],
  { check, json }: PrintOptions,
): void {
  if (json) {
    stdout.write(`${JSON.stringify(normalizedJson(files, check), null, 2)}\n`);
    return;
  }
  for (const one of files) {
    const name = displayText(one.file);
    if (one.kind === 'left')
      stderr.write(`repro-audit: left ${name}: ${displayMessage(one.reason)}\n`);
    else stdout.write(`${lines(one, name).join('\n')}\n`);
  }
  stdout.write(`${totals(files)}${check ? '; nothing written' : ''}\n`);
}

function lines(one: Exclude<NormalizedFile, { kind: 'left' }>, name: string): readonly string[] {
  switch (one.kind) {
    case 'unknown':
      return [`unknown ${name}`];
    case 'link':
      return [`link    ${name}`];
    case 'normal':
      return [`normal  ${name} (${one.normalizer})`];
    case 'changed':
      return [
        `changed ${name} (${one.normalizer})`,
        ...one.fields.map(
          ({ member, field, before, after }) =>
            `  ${member === '' ? '' : `${displayBytes(member)}: `}${field}: ${displayMessage(before)} -> ${displayMessage(after)}`,
        ),
        ...(one.otherNames > 0
          ? [`  note: ${formatCount(one.otherNames)} other names of it keep the old bytes`]
          : []),
        ...one.warnings.map((warning) => `  note: ${displayMessage(warning)}`),
      ];
  }
}

function totals(files: readonly NormalizedFile[]): string {
  const words = ['changed', 'normal', 'left', 'unknown', 'link'] as const;
  const counts = words
    .map((kind) => [files.filter((one) => one.kind === kind).length, kind] as const)
    .filter(([count]) => count > 0);
  return counts.map(([count, kind]) => `${formatCount(count)} ${kind}`).join(', ');
}

function normalizedJson(files: readonly NormalizedFile[], check: boolean): object {
  return { schemaVersion: 1, check, files: files.map(fileJson) };
}

function fileJson(one: NormalizedFile): object {
  const { file, kind } = one;
  switch (one.kind) {
    case 'unknown':
    case 'link':
      return { file, kind };
    case 'normal':
      return { file, kind, normalizer: one.normalizer };
    case 'left':
      return { file, kind, normalizer: one.normalizer, reason: one.reason };
    case 'changed':
      return {
        file,
        kind,
        normalizer: one.normalizer,
        normalizerVersion: one.normalizerVersion,
        before: contentJson(one.before),
        after: contentJson(one.after),
        fields: one.fields.map(({ member, ...rest }) => {
          const { path, pathBase64 } = jsonPath(member as TreePath);
          return {
            member: path,
            ...(pathBase64 === undefined ? {} : { memberBase64: pathBase64 }),
            ...rest,
          };
        }),
        otherNames: one.otherNames,
        warnings: one.warnings,
      };
  }
}

function contentJson({ sizeBytes, sha256 }: Content): object {
  return { size: sizeBytes, sha256: Buffer.from(sha256).toString('hex') };
}
