/** Values inside of each other as a list of values with paths. */

import type { VariantValue } from '../../formats/gvariant-value.js';

export interface FlatValue {
  /** `''` for the value itself, `/3/name` for what lies in it. */
  readonly path: string;
  /** GVariant type of the outermost value, or of the variant it lies in. */
  readonly type: string;
  /** Latin1; bytes as hex digits. */
  readonly text: string;
}

/**
 * A record of simple values (a package of a list of packages) is one value, named by its first member. Null when there are
 * more than `most`.
 */
export function flatValues(
  value: VariantValue,
  type: string,
  most: number,
): readonly FlatValue[] | null {
  const found: FlatValue[] = [];
  const visit = (each: VariantValue, path: string, inner: string): boolean => {
    if (found.length >= most) return false;
    const simple = simpleText(each);
    if (simple !== null) return found.push({ path, type: inner, text: simple }) > 0;
    if (each.kind === 'variant') return visit(each.item, path, each.type);
    if (each.kind === 'maybe')
      return each.item === null
        ? found.push({ path, type: inner, text: 'nothing' }) > 0
        : visit(each.item, `${path}/just`, inner);
    if (each.kind !== 'list') return true;
    if (each.items.length === 0) return found.push({ path, type: inner, text: '[]' }) > 0;
    const record = path === '' ? null : recordTexts(each.items);
    if (record === null) return each.items.every((item, i) => visit(item, `${path}/${i}`, inner));
    const [name, ...rest] = record;
    const place = path.replace(/[^/]*$/, name!);
    return (
      found.push({
        path: place,
        type: inner,
        text: rest.length === 1 ? rest[0]! : JSON.stringify(rest),
      }) > 0
    );
  };
  return visit(value, '', type) ? found : null;
}

/** Null unless there are at least two and all are simple. */
function recordTexts(items: readonly VariantValue[]): readonly string[] | null {
  const texts = items.map((item) => simpleText(item));
  return texts.length > 1 && items[0]!.kind === 'string' && texts.every((text) => text !== null)
    ? (texts as readonly string[])
    : null;
}

function simpleText(value: VariantValue): string | null {
  switch (value.kind) {
    case 'number':
    case 'boolean':
      return String(value.value);
    case 'string':
      return value.value;
    case 'bytes':
      return Buffer.from(value.value).toString('hex');
    case 'list':
    case 'maybe':
    case 'variant':
      return null;
  }
}
