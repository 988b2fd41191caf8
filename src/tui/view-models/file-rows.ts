/** Rows of the list of files, flat or as a tree. */

import { isKnown } from '../../core/coverage.js';
import type { Entry } from '../../core/entry.js';
import type { Change } from '../../core/report.js';
import { countOf, formatBytes } from '../../util/format.js';
import { span, type Line, type Span, type Token } from '../text/line.js';
import { safeBytes, safePath } from '../text/safe.js';
import { displayWidth, padEnd, padStart, truncateEnd, truncateMiddle } from '../text/width.js';
import { changeAt, type Model } from './model.js';
import { KIND_LETTERS, KIND_TOKENS, kindCode, SHOWN_KINDS } from './change-kind.js';
import { isDirectoryNode, nodeLabel, type FileTree } from './file-tree.js';
import { highlightSpan } from './highlight.js';

export interface RowView {
  readonly width: number;
  /** Searched text, shown where it stands; empty for none. */
  readonly needle: string;
}

export function flatRow(model: Model, change: number, view: RowView): Line {
  const item = changeAt(model, change);
  const columns = columnsOf(view.width);
  const path = truncateMiddle(safePath(item.path), columns.name, model.glyphs.ellipsis);
  return [...leading(item), ...named(path, columns, view), ...trailing(whatChanged(item), columns)];
}

export function treeRow(
  model: Model,
  tree: FileTree,
  node: number,
  view: RowView & { readonly expanded: boolean },
): Line {
  const change = tree.change[node]!;
  const item = change < 0 ? null : changeAt(model, change);
  const columns = columnsOf(view.width);
  const isDirectory = isDirectoryNode(tree, node);
  const { glyphs } = model;
  const mark = !isDirectory ? '  ' : view.expanded ? `${glyphs.expanded} ` : `${glyphs.collapsed} `;
  // Deep trees must leave room for names.
  const indent = '  '.repeat(Math.min(tree.depth[node]!, Math.floor(columns.name / 4)));
  const label = safeBytes(nodeLabel(tree, node, model.pathOf)) + (isDirectory ? '/' : '');
  const room = columns.name - displayWidth(indent + mark);
  const name = truncateMiddle(label === '' ? '/' : label, room, glyphs.ellipsis);
  const what = isDirectory ? countOf(tree.changes[node]!, 'change') : item && whatChanged(item);
  return [
    ...(isDirectory ? leadingDirectory(item, tree.sizes[node]!) : leading(item!)),
    span(indent + mark, 'muted'),
    ...named(name, { ...columns, name: room }, view, isDirectory ? 'strong' : 'plain'),
    ...trailing(what ?? '', columns),
  ];
}

/** Words for what differs: `content mtime`, `owner`. Nothing for what is new or gone: its letter says it. */
export function whatChanged(change: Change): string {
  const words = new Set<string>();
  for (const { attribute } of change.attributes)
    words.add(attribute === 'uid' || attribute === 'gid' ? 'owner' : attribute);
  if (words.has('content')) words.delete('size');
  return [...words].join(' ');
}

interface Columns {
  readonly name: number;
  /** 0 where there is no room for the last column. */
  readonly what: number;
}

function columnsOf(width: number): Columns {
  const what = width >= WHAT_FROM ? WHAT_WIDTH : 0;
  return {
    name: Math.max(1, width - LETTER_WIDTH - SIZE_WIDTH - 2 - (what === 0 ? 0 : what + 2)),
    what,
  };
}

function leading(change: Change): Line {
  const kind = SHOWN_KINDS[kindCode(change)]!;
  const entry = change.after ?? change.before;
  const isFile = entry?.type === 'file';
  const size = isFile ? sizeText(entry) : (SHORT_TYPES[change.type] ?? change.type);
  return [
    span(`${KIND_LETTERS[kind]} `, KIND_TOKENS[kind]),
    span(`${padStart(size, SIZE_WIDTH)}  `, 'muted'),
  ];
}

function sizeText(entry: Entry): string {
  return isKnown(entry, 'size') ? formatBytes(entry.size) : '?';
}

function leadingDirectory(change: Change | null, sizeBytes: number): Line {
  const kind = change === null ? null : SHOWN_KINDS[kindCode(change)]!;
  return [
    kind === null ? span('  ') : span(`${KIND_LETTERS[kind]} `, KIND_TOKENS[kind]),
    span(`${padStart(formatBytes(sizeBytes), SIZE_WIDTH)}  `, 'muted'),
  ];
}

function named(
  text: string,
  columns: Columns,
  view: RowView,
  token: Token = 'plain',
): readonly Span[] {
  const pad = columns.what === 0 ? '' : ' '.repeat(Math.max(0, columns.name - displayWidth(text)));
  return [...highlightSpan(span(text, token), view.needle), span(pad)];
}

function trailing(what: string, columns: Columns): Line {
  if (columns.what === 0) return [];
  return [span('  '), span(padEnd(truncateEnd(what, columns.what, '+'), columns.what), 'muted')];
}

const LETTER_WIDTH = 2;
const SIZE_WIDTH = 9;
const WHAT_WIDTH = 16;
/** A pane this wide has room to say what changed. */
const WHAT_FROM = 60;

const SHORT_TYPES: Readonly<Record<string, string>> = {
  directory: 'dir',
  symlink: 'link',
  fifo: 'fifo',
  socket: 'socket',
  char: 'char dev',
  block: 'block dev',
};
