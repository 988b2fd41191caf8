/** What the two builds say of themselves, side by side; only what differs. */

import type { BuildDescription, BuildFacts, Package } from '../core/build.js';
import type { CircumstanceChange, Remark } from '../core/report.js';
import { flatten } from './flatten.js';

type Group = CircumstanceChange['group'];
type Fields = ReadonlyMap<string, string>;

export function circumstanceChanges(
  before: BuildDescription,
  after: BuildDescription,
): readonly CircumstanceChange[] {
  const [a, b] = [before.facts, after.facts];
  return [
    ...sideBySide('facts', plainFacts(a), plainFacts(b)),
    ...sideBySide('environment', fields(a.environment), fields(b.environment)),
    ...sideBySide('os-release', fields(a.osRelease), fields(b.osRelease)),
    ...sideBySide('tools', fields(a.tools), fields(b.tools)),
    ...sideBySide('meta', flatten(before.meta), flatten(after.meta)),
    ...sideBySide('packages', versions(before.packages), versions(after.packages)),
  ];
}

/** Pairs of meta fields, by convention of a builder, of which one names the input and one the result. */
const INPUTS_AND_OUTPUTS = [
  // coreos-assembler's meta.json: builds by rpm-ostree, and images that were imported
  { input: 'rpm-ostree-inputhash', output: 'ostree-content-checksum' },
  {
    input: '"coreos-assembler.oci-imported-labels"."com.coreos.inputhash"',
    output: 'ostree-commit',
  },
] as const;

export function remarksOn(before: BuildDescription, after: BuildDescription): readonly Remark[] {
  const [a, b] = [flatten(before.meta), flatten(after.meta)];
  return INPUTS_AND_OUTPUTS.flatMap(({ input, output }) => {
    const value = a.get(input);
    const [old, now] = [a.get(output), b.get(output)];
    if (value === undefined || value !== b.get(input)) return [];
    if (old === undefined || now === undefined || old === now) return [];
    return [{ kind: 'equal-input' as const, input, value, output, before: old, after: now }];
  });
}

function sideBySide(group: Group, before: Fields, after: Fields): CircumstanceChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({
      group,
      name,
      before: before.get(name) ?? null,
      after: after.get(name) ?? null,
    }))
    .filter((change) => change.before !== change.after);
}

/** The facts that are one value each, in the order in which they are declared. */
function plainFacts(facts: BuildFacts): Fields {
  const { tools: _t, environment: _e, osRelease: _o, umask, ...plain } = facts;
  const entries = Object.entries({ ...plain, umask: umask.toString(8).padStart(4, '0') });
  return new Map(
    entries.filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)]),
  );
}

function fields(record: Readonly<Record<string, string>>): Fields {
  return new Map(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Versions by package; one that is installed more than once (a kernel) has them all. */
function versions(packages: readonly Package[]): Fields {
  const byName = new Map<string, string[]>();
  for (const { manager, name, version, architecture } of packages) {
    const key = `${manager}:${name}${architecture === '' ? '' : `.${architecture}`}`;
    const known = byName.get(key);
    if (known === undefined) byName.set(key, [version]);
    else known.push(version);
  }
  const sorted = [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([key, all]) => [key, all.toSorted().join(', ')]));
}
