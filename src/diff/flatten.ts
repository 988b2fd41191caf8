/** Nested values as fields with one text each, named as `jq` would: `images.ostree.sha256`, `tags[0]`, `"a.b".c`. */

const PLAIN_KEY = /^[^."[\]\s]+$/;
/** Deeper than any meta.json; a guard against a stack overflow. */
const MAX_DEPTH = 64;

/** Empty objects and lists are fields of their own, so that they differ from absent ones. Sorted by name. */
export function flatten(value: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const fields: [string, string][] = [];
  for (const [key, inner] of Object.entries(value)) add(inner, keyText(key), 1, fields);
  return new Map(fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function add(value: unknown, name: string, depth: number, fields: [string, string][]): void {
  if (typeof value === 'string') fields.push([name, value]);
  else if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH)
    fields.push([name, JSON.stringify(value) ?? String(value)]);
  else if (Array.isArray(value)) {
    if (value.length === 0) fields.push([name, '[]']);
    for (const [i, inner] of value.entries()) add(inner, `${name}[${i}]`, depth + 1, fields);
  } else {
    const entries = Object.entries(value);
    if (entries.length === 0) fields.push([name, '{}']);
    for (const [key, inner] of entries) add(inner, `${name}.${keyText(key)}`, depth + 1, fields);
  }
}

function keyText(key: string): string {
  return PLAIN_KEY.test(key) ? key : JSON.stringify(key);
}
