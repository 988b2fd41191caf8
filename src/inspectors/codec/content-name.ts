/** What compressed files call their content. */

/** `x.ko.xz` holds `x.ko`, `x.tgz` holds `x.tar`; a name without a suffix stays. */
export function contentName(name: string): string {
  for (const [suffix, replacement] of SUFFIXES)
    if (suffix.test(name)) return name.replace(suffix, replacement);
  return name;
}

const SUFFIXES: readonly (readonly [RegExp, string])[] = [
  [/(?<=[^/])\.(?:t(?:gz|xz|lz|bz2?|zst)|tlz4)$/i, '.tar'],
  [/(?<=[^/])\.svgz$/i, '.svg'],
  [/(?<=[^/])\.(?:gz|xz|lzma|zstd?|lz4|bz2|lzo|z)$/i, ''],
];

/** The last part of a path. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1) || 'content';
}
