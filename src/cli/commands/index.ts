/** The commands, in the order in which `--help` lists them; each is loaded when it is asked for. */

import type { Command } from '../define.js';

type Loader = () => Promise<Command>;

export const commands: Readonly<Record<string, Loader>> = {
  hook: async () => (await import('./hook.js')).hook,
  scrub: async () => (await import('./scrub.js')).scrub,
  normalize: async () => (await import('./normalize.js')).normalize,
  snapshot: async () => (await import('./snapshot.js')).snapshot,
  diff: async () => (await import('./diff.js')).diff,
  cosa: async () => (await import('./cosa.js')).cosa,
  builds: async () => (await import('./builds.js')).builds,
  inspect: async () => (await import('./inspect.js')).inspect,
  show: async () => (await import('./show.js')).show,
  rm: async () => (await import('./manage.js')).rm,
  prune: async () => (await import('./manage.js')).prune,
  keep: async () => (await import('./manage.js')).keep,
  import: async () => (await import('./manage.js')).importCommand,
  digest: async () => (await import('./digest.js')).digest,
  export: async () => (await import('./export.js')).exportCommand,
  rules: async () => (await import('./rules.js')).rules,
  explain: async () => (await import('./explain.js')).explain,
};
