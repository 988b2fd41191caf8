/** Members of an archive as its bytes arrive, one after the other, with memory for one chunk and one header. */

import { FormatError } from '../../core/errors.js';
import type { StepMember, Steps } from '../steps.js';
import type { ByteReader } from './byte-reader.js';
import { MemberData } from './member-data.js';

/** A member and the one chance to read its data: it is passed when the next member is asked for. */
export interface StreamedMember<Member> {
  readonly member: Member;
  readonly data: MemberData;
}

const NOTHING = new Uint8Array(0);

export class ArchiveStream<Member extends StepMember, End> {
  private readonly reader: ByteReader;
  private readonly steps: Steps<Member, End>;
  private readonly contentBytes: (member: Member) => number;
  private readonly start: number;
  /** What the parser asked for, when it did not get it yet. */
  private asked: number | null = null;
  private data: MemberData | null = null;
  private ended: End | null = null;
  private failure: unknown;

  /** Offsets of members count from where the reader stands. */
  constructor(
    reader: ByteReader,
    steps: Steps<Member, End>,
    contentBytes: (member: Member) => number,
  ) {
    this.reader = reader;
    this.steps = steps;
    this.contentBytes = contentBytes;
    this.start = reader.position;
  }

  /** What the parser returned; null before the last member was passed. */
  get end(): End | null {
    return this.ended;
  }

  /** The next member, null after the last, undefined when that takes waiting. Throws `FormatError`, again when asked again. */
  tryNext(): StreamedMember<Member> | null | undefined {
    if (this.failure !== undefined) throw this.failure;
    try {
      return this.advance();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  async next(): Promise<StreamedMember<Member> | null> {
    for (;;) {
      const found = this.tryNext();
      if (found !== undefined) return found;
      await this.wait();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedMember<Member>, void> {
    for (let found = await this.next(); found !== null; found = await this.next()) yield found;
  }

  private advance(): StreamedMember<Member> | null | undefined {
    if (this.ended !== null) return null;
    if (this.data !== null) {
      if (!this.data.tryFinish()) return undefined;
      this.data = null;
    }
    let answer: Uint8Array | null = NOTHING;
    if (this.asked !== null) {
      answer = this.answer(this.asked);
      if (answer === null) return undefined;
    }
    for (;;) {
      const step = this.steps.next(answer);
      if (step.done === true) {
        this.ended = step.value;
        return null;
      }
      const { value } = step;
      if (typeof value === 'number') {
        answer = this.answer(value);
        if (answer === null) return undefined;
      } else return this.hand(value);
    }
  }

  private answer(asked: number): Uint8Array | null {
    const answer = asked > 0 ? this.reader.tryTake(asked) : this.reader.tryPeek(-asked);
    this.asked = answer === null ? asked : null;
    return answer;
  }

  private hand(member: Member): StreamedMember<Member> {
    const content = this.contentBytes(member);
    const padding = this.start + member.end - this.reader.position - content;
    if (padding < 0) throw new FormatError('archive', member.end, 'a member that ends in its data');
    this.data = new MemberData(this.reader, content, padding);
    return { member, data: this.data };
  }

  private async wait(): Promise<void> {
    if (this.data !== null) await this.data.finish();
    else await this.reader.fill(Math.abs(this.asked ?? 1));
  }
}
