/** What `repro-audit explain` can be asked about: causes, scrub rules, rows of the catalogue, and findings of a diff. */

import { AuditError } from '../core/errors.js';
import type { CauseId } from '../core/explanation.js';
import { listCauses, type ListedCause } from '../diff/index.js';
import { catalogue } from '../scrub/catalogue/index.js';
import type { CatalogueRow } from '../scrub/catalogue/define.js';
import { scrubRules } from '../scrub/index.js';
import { listRules, type ListedRule } from '../scrub/rule-list.js';
import { nearestNames } from '../util/nearest-names.js';

export type Topic =
  | { readonly kind: 'cause'; readonly cause: ListedCause }
  | { readonly kind: 'rule'; readonly rule: ListedRule }
  /** A kind of file that is known to vary, with the rule that takes care of it. */
  | { readonly kind: 'row'; readonly row: CatalogueRow; readonly rule: ListedRule | null }
  /** A finding that no cause and no row names. */
  | { readonly kind: 'finding'; readonly id: string; readonly text: string };

const causes = listCauses();
const rules = listRules(scrubRules, catalogue);

/** A cause, a rule, a row, or the id of a finding as a diff prints it, with or without brackets. Throws `USAGE`. */
export function topicOf(word: string): Topic {
  const name = word.replace(/^\[(.*)\]$/s, '$1');
  const topic = named(name) ?? findingTopic(name);
  if (topic !== null) return topic;
  const near = nearestNames(name.replace(/^[a-z]+:/, ''), topicNames());
  throw new AuditError('USAGE', `explain: there is no cause, rule or finding '${word}'`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : '`repro-audit explain` lists the causes, `repro-audit rules` the rules',
  });
}

export function allCauses(): readonly ListedCause[] {
  return causes;
}

function topicNames(): readonly string[] {
  return [...new Set([...causes, ...rules, ...catalogue].map(({ id }) => id))];
}

function named(name: string): Topic | null {
  const cause = causes.find(({ id }) => id === name);
  if (cause !== undefined) return { kind: 'cause', cause };
  const row = catalogue.find(({ id }) => id === name);
  const rule = rules.find(({ id }) => id === (row?.rule ?? name));
  if (rule !== undefined && (row === undefined || rule.id === row.id))
    return { kind: 'rule', rule };
  return row === undefined ? null : { kind: 'row', row, rule: rule ?? null };
}

/** Ids begin with a kind: `content:apt-cache`, `cause:time.field`, `metadata:mtime`, `drift:deb:bash`, `content:/etc`. */
function findingTopic(id: string): Topic | null {
  const [, kind = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(id) ?? [];
  if (kind === 'drift') return causeTopic('dep.version');
  if (kind === 'metadata') {
    const cause = ATTRIBUTE_CAUSES[rest];
    return cause === undefined ? { kind: 'finding', id, text: TEXTS.metadata } : causeTopic(cause);
  }
  if (!isKind(kind)) return kind === 'cause' ? named(rest) : null;
  return rest.startsWith('/') ? { kind: 'finding', id, text: TEXTS[kind] } : named(rest);
}

function causeTopic(id: CauseId): Topic {
  return { kind: 'cause', cause: causes.find((each) => each.id === id)! };
}

/** Of one attribute alone, by name. */
const ATTRIBUTE_CAUSES: Readonly<Record<string, CauseId>> = {
  mtime: 'meta.mtime',
  mode: 'id.umask',
  uid: 'id.owner',
  gid: 'id.owner',
  'uid+gid': 'id.owner',
};

const TEXTS = {
  content:
    'Contents below this directory differ, no row of the catalogue names these files, and not all of their differences have a cause. The diff tells the causes that were found, `inspect` tells what a file holds, and --inspect all looks into files that were left out.',
  type: 'Paths below this directory are of another type than before: a file became a link, or a directory a file. One build ran a step that the other did not, or in another order.',
  added:
    'Paths that only the after build has, and that belong to no package that came with it. A step ran that did not run before, or left a temporary file under a name drawn by chance.',
  removed:
    'Paths that only the before build has. A step did not run, or a temporary file had a name drawn by chance.',
  links:
    'The names of one inode came apart or together. A copy that does not keep hard links (cp without -a, tar with --hard-dereference), or a tool that joins equal files, ran for one of the two.',
  metadata:
    'The same attributes differ in all these paths while their contents are equal. Modes follow from the umask and from packaging, owners from the user who built or from accounts made in another order, xattrs from labelling and capabilities.',
} as const;

function isKind(kind: string): kind is keyof typeof TEXTS {
  return Object.hasOwn(TEXTS, kind);
}
