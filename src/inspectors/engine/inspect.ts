/** Runs inspectors over a file and, level by level, over what it holds. */

import { createHmac } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

import { problemsOf } from '../../core/fact-problems.js';
import { NOT_ASKED_FOR, type FactPart, type FactProblem, type Facts } from '../../core/facts.js';
import { bufferAccess, type RandomAccess } from '../../core/random-access.js';
import {
  hasSecretWord,
  isSecretContent,
  isSecretPath,
  looksLikeKey,
  secretInside,
} from '../../core/secrets.js';
import { loadXxh64 } from '../../util/xxh64.js';
import type { Inspector, Piece } from '../define.js';
import { HEAD_BYTES } from '../define.js';
import { DeclinedError, isStop, LimitError } from './limits.js';
import { digestOf, HashedStream, pieceOf, streamPiece } from './piece.js';
import type { Inspected, InspectOptions, InspectRequest, KnownPiece } from './request.js';

export type { Inspected, InspectOptions, InspectRequest, KnownPiece } from './request.js';

/** Throws what `bytes.read` throws, and nothing for what the bytes are. */
export async function inspectFile(
  { name, bytes, digest }: InspectRequest,
  options: InspectOptions,
): Promise<Inspected> {
  await loadXxh64();
  await turn();
  const run = new Run(options, bytes.size);
  const key = digest ?? digestOf(bytes);
  const format = await run.file(key, name, bytes);
  return { digest: key, format, problems: run.problems, known: run.known };
}

/** Parts up to this size are gathered first, which finds out whether they are known already. */
const GATHERED_BYTES = 1024 * 1024;

const PARTS_AT_ONCE = 64;

interface PartOutcome {
  readonly part: FactPart;
  /** What went wrong with its bytes before they were whole. */
  readonly problem: string | null;
}

/** One file and all that it holds, under one budget. */
class Run {
  readonly problems: FactProblem[] = [];
  readonly known: KnownPiece[] = [];
  readonly #options: InspectOptions;
  readonly #deadline: number;
  readonly #secretParts = new WeakSet<FactPart>();
  #membersLeft: number;
  #parts = 0;
  #outputLeft: number;

  constructor(options: InspectOptions, size: number) {
    this.#options = options;
    this.#deadline = options.now() + options.limits.time;
    this.#membersLeft = options.limits.members;
    const { outputBytes, outputRatio, outputFloor } = options.limits;
    this.#outputLeft = Math.min(outputBytes, Math.max(outputFloor, outputRatio * size));
  }

  /** Returns the id of the format. */
  file(digest: string, name: string, bytes: RandomAccess): Promise<string> {
    const piece = pieceOf(name, bytes);
    return this.#inspect(digest, bytes, piece, this.#secrecyOf(piece, bytes), undefined, 0);
  }

  /** Goes from format to format until one makes sense of the bytes; returns its id. */
  async #inspect(
    digest: string,
    bytes: RandomAccess,
    piece: Piece,
    secret: Secrecy,
    as: string | undefined,
    depth: number,
  ): Promise<string> {
    const { name } = piece;
    const failures: FactProblem[] = [];
    for (const inspector of this.#claimants(piece, secret, as)) {
      const { id } = inspector;
      if (await this.#options.known(digest, id, inspector.version)) {
        this.known.push({ name, digest, format: id });
        return id;
      }
      try {
        const facts = { ...(await this.#run(inspector, piece, depth, failures)), size: bytes.size };
        this.#options.found({ digest, facts });
        const plain = secret === 'none' || depth === 0 ? digest : digestOf(bytes);
        if (plain !== digest && this.#options.isFile?.(plain) === true)
          this.#options.found({ digest: plain, facts });
        return id;
      } catch (error) {
        if (!isStop(error)) throw error;
        if (error instanceof DeclinedError) continue;
        failures.push({ offset: offsetOf(error), detail: `not ${id}: ${error.message}` });
      }
    }
    throw new Error(`no inspector takes every file, ${name} for one`);
  }

  /** A stream cannot be read twice: what the first inspector makes of it stands. */
  async #inspectStream(
    name: string,
    stream: HashedStream,
    inspector: Inspector,
    depth: number,
  ): Promise<PartOutcome> {
    const piece = streamPiece(name, stream, this.#options.limits.heldBytes);
    let facts: Facts | null = null;
    let skipped: string | null = null;
    try {
      facts = await this.#run(inspector, piece, depth, []);
    } catch (error) {
      if (!isStop(error)) throw error;
      skipped = `not ${inspector.id}: ${error.message}`;
    }
    const { size, digest } = await this.#finish(stream);
    if (facts !== null) this.#options.found({ digest, facts: { ...facts, size } });
    const format = facts === null ? null : inspector.id;
    return { part: { size, digest, format, skipped }, problem: stream.failure?.message ?? null };
  }

  async #run(
    inspector: Inspector,
    piece: Piece,
    depth: number,
    failures: readonly FactProblem[],
  ): Promise<Facts> {
    const problems: FactProblem[] = [...failures];
    let usedKey = false;
    const { key, isTime } = this.#options;
    const found = await inspector.inspect(piece, {
      isTime,
      outputBudget: () => this.#outputLeft,
      part: async (name, input, as) => {
        const { part, problem } =
          this.#options.skips?.(inspector.id, depth, name) === true
            ? await this.#hashOnly(this.#aliasOf(name), input)
            : await this.#part(this.#aliasOf(name), input, as, depth + 1);
        if (problem !== null) problems.push({ offset: null, detail: `${name}: ${problem}` });
        return part;
      },
      isSecret: (part) => this.#secretParts.has(part),
      spend: (members) => this.#spend(members),
      keyed: (bytes) => {
        usedKey = true;
        return this.#keyed(bytes);
      },
    });
    problems.push(...(found.problems ?? []));
    for (const { offset, detail } of problemsOf({ problems, tables: found.tables }))
      this.problems.push({ offset, detail: `${piece.name}: ${detail}` });
    return {
      format: inspector.id,
      version: inspector.version,
      size: piece.size ?? 0,
      key: usedKey ? key.id : null,
      facts: found.facts,
      tables: found.tables,
      content: found.content ?? null,
      problems,
    };
  }

  #aliasOf(name: string): string {
    return this.#options.alias?.(name) ?? name;
  }

  async #part(
    name: string,
    input: RandomAccess | AsyncIterable<Uint8Array>,
    as: string | undefined,
    depth: number,
  ): Promise<PartOutcome> {
    // Lets signals in, so that whoever gives the clock may stop what takes long.
    if (this.#parts++ % PARTS_AT_ONCE === 0) await turn();
    if (!(Symbol.asyncIterator in input))
      return { part: await this.#held(name, input, as, depth), problem: null };
    const stream = this.#stream(input);
    const { heldBytes } = this.#options.limits;
    await stream.hold(GATHERED_BYTES);
    if (!stream.hasEnded) {
      const secret = this.#headSecrecy(streamPiece(name, stream, heldBytes), as);
      const noted = async (outcome: Promise<PartOutcome>): Promise<PartOutcome> => {
        if (secret !== 'none') this.#secretParts.add((await outcome).part);
        return outcome;
      };
      if (depth > this.#options.limits.depth)
        return noted(this.#hashed(stream, 'nested too deeply'));
      const piece = (): Piece => streamPiece(name, stream, heldBytes);
      const claimants = (): Generator<Inspector> => this.#claimants(piece(), secret, as);
      const [first] = claimants();
      if (first?.streams === true) return this.#inspectStream(name, stream, first, depth);
      // Held while it fits, so that another format may be tried when the first makes no sense.
      await stream.hold(heldBytes + 1);
      if (!stream.hasEnded) {
        const next = [...claimants()].find(({ streams }) => streams);
        if (next === undefined) return noted(this.#hashed(stream, 'too long to be looked into'));
        return this.#inspectStream(name, stream, next, depth);
      }
    }
    const held = stream.held();
    await this.#finish(stream);
    const part = await this.#held(name, bufferAccess(held), as, depth);
    return { part, problem: stream.failure?.message ?? null };
  }

  /** For members that nobody wants to know more of. */
  async #hashOnly(
    name: string,
    input: RandomAccess | AsyncIterable<Uint8Array>,
  ): Promise<PartOutcome> {
    if (Symbol.asyncIterator in input) {
      const stream = this.#stream(input);
      await stream.hold(GATHERED_BYTES);
      if (!stream.hasEnded) return this.#hashed(stream, NOT_ASKED_FOR);
      const held = stream.held();
      await this.#finish(stream);
      const outcome = await this.#hashOnly(name, bufferAccess(held));
      return { ...outcome, problem: stream.failure?.message ?? null };
    }
    const { size } = input;
    const secret = isSecret(name, input.read(0, HEAD_BYTES));
    const digest = secret ? this.#keyed(input.read(0, size)) : digestOf(input);
    const part = { size, digest, format: null, skipped: NOT_ASKED_FOR };
    if (secret) this.#secretParts.add(part);
    return { part, problem: null };
  }

  #stream(input: AsyncIterable<Uint8Array>): HashedStream {
    return new HashedStream(input, () => this.#spend(0));
  }

  async #hashed(stream: HashedStream, skipped: string): Promise<PartOutcome> {
    const whole = await this.#finish(stream);
    return { part: { ...whole, format: null, skipped }, problem: stream.failure?.message ?? null };
  }

  /** Bytes at hand. */
  async #held(
    name: string,
    bytes: RandomAccess,
    as: string | undefined,
    depth: number,
  ): Promise<FactPart> {
    const { size } = bytes;
    const piece = pieceOf(name, bytes);
    const secret = this.#secrecyOf(piece, bytes, as);
    const digest = secret === 'none' ? digestOf(bytes) : this.#keyed(bytes.read(0, size));
    const told = async (): Promise<Pick<FactPart, 'format' | 'skipped'>> => {
      if (size === 0) return { format: null, skipped: null };
      if (depth > this.#options.limits.depth) return { format: null, skipped: 'nested too deeply' };
      return {
        format: await this.#inspect(digest, bytes, piece, secret, as, depth),
        skipped: null,
      };
    };
    const part = { size, digest, ...(await told()) };
    if (secret !== 'none') this.#secretParts.add(part);
    return part;
  }

  /**
   * A text is looked at whole: one line of it may be a key, and its lines have digests. What is no text is a container, whose
   * members are asked one by one, or has digests of blocks, which tell nothing of what is shorter.
   */
  #secrecyOf(piece: Piece, bytes: RandomAccess, as?: string): Secrecy {
    const { head } = piece;
    if (this.#headSecrecy(piece, as) === 'whole') return 'whole';
    if (bytes.size <= KEY_BYTES && looksLikeKey(bytes.read(0, bytes.size)))
      if (this.#usual(piece, as)?.takesAll === true) return 'whole';
    if (head.includes(0)) return 'none';
    let hasWords = false;
    const end = Math.min(bytes.size, SCANNED_BYTES);
    for (let offset = 0; offset < end; offset += SCAN_STEP) {
      const chunk = bytes.read(offset, SCAN_STEP + SCAN_OVERLAP);
      if (secretInside(chunk) !== null) return 'inside';
      hasWords ||= hasSecretWord(chunk);
    }
    return hasWords ? 'words' : 'none';
  }

  #headSecrecy(piece: Piece, as?: string): 'whole' | 'none' {
    if (isSecretPath(piece.name)) return 'whole';
    if (!isSecretContent(piece.head)) return 'none';
    return this.#usual(piece, as)?.holdsMembers === true ? 'none' : 'whole';
  }

  /** Who would look into it if it were no secret. */
  #usual(piece: Piece, as?: string): Inspector | undefined {
    for (const inspector of this.#claimants(piece, 'none', as)) return inspector;
    return undefined;
  }

  /**
   * Who may look into the piece, one after another. A file of secrets goes to one that knows which of its fields they are, or
   * is not looked into at all.
   */
  *#claimants(
    piece: Pick<Piece, 'name' | 'head' | 'size'>,
    secret: Secrecy,
    as?: string,
  ): Generator<Inspector> {
    const isAble = (each: Inspector): boolean =>
      secret === 'none' || secret === 'words' || (secret === 'inside' && each.hidesKeys === true)
        ? each.handlesSecrets !== true
        : each.handlesSecrets === true;
    const { inspectors } = this.#options;
    const named = inspectors.find((each) => each.id === as && isAble(each));
    if (named !== undefined) yield named;
    for (const each of inspectors)
      if (each !== named && isAble(each) && each.claims(piece)) yield each;
  }

  #spend(members: number): void {
    this.#membersLeft -= members;
    if (this.#membersLeft < 0) throw new LimitError('more members than are looked into');
    if (this.#options.now() > this.#deadline) throw new LimitError('no time left');
  }

  async #finish(stream: HashedStream): ReturnType<HashedStream['finish']> {
    const whole = await stream.finish();
    this.#outputLeft = Math.max(0, this.#outputLeft - whole.size);
    return whole;
  }

  #keyed(bytes: Uint8Array): string {
    return createHmac('sha256', this.#options.key.bytes).update(bytes).digest('hex');
  }
}

function isSecret(name: string, head: Uint8Array): boolean {
  return isSecretPath(name) || isSecretContent(head);
}

/**
 * A file of secrets; a text with a key or a hash behind its head; one with passwords or tokens, which those inspectors key that tell
 * values or lines; or nothing that is known.
 */
type Secrecy = 'whole' | 'inside' | 'words' | 'none';

/** Longer ones are no keys. */
const KEY_BYTES = 8192;

/** Longer texts have no lines in their facts. */
const SCANNED_BYTES = 16 * 1024 * 1024;
const SCAN_STEP = 1024 * 1024;
/** Longer than what tells a secret. */
const SCAN_OVERLAP = 512;

function offsetOf(error: Error): number | null {
  return 'offset' in error && typeof error.offset === 'number' ? error.offset : null;
}
