/** Bits of bytes, the highest first, as bzip2 has them. */

export class BitReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Next byte to load. Goes beyond `end` when more was asked for than there is. */
  at: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** At most 24 bits. Zeros stand behind the end. */
  take(count: number): number {
    while (this.#count < count) this.#load();
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  /** The next `count` bits, at most 20, without taking them. */
  peek(count: number): number {
    while (this.#count < count) this.#load();
    return (this.#bits >>> (this.#count - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#count -= count;
  }

  /** Whether more was taken than there is. */
  isBeyond(): boolean {
    return this.at - (this.#count >>> 3) > this.end;
  }

  /** Bits taken of the byte at `position`: 0 to 7. */
  get bitOffset(): number {
    return (8 - (this.#count & 7)) & 7;
  }

  /** The byte of the next bit. */
  get position(): number {
    return this.at - ((this.#count + 7) >>> 3);
  }

  #load(): void {
    this.#bits = (this.#bits << 8) | (this.at < this.end ? this.bytes[this.at]! : 0);
    this.at++;
    this.#count += 8;
  }
}
