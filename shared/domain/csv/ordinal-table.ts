/**
 * Finds texts that were seen before, in about 25 bytes a text: only two 32-bit hashes and the ordinal of the first sight are kept, so that
 * a million rows need no million strings. Two different texts among a million are taken for equal with a chance of 3e-8.
 */
export class OrdinalTable {
  #capacity = 1024;
  #size = 0;
  #a = new Int32Array(this.#capacity);
  #b = new Int32Array(this.#capacity);
  #ordinals = new Int32Array(this.#capacity);

  /** Ordinal (≥ 1) that was first put in with these hashes; 0 when they are new, and then they are put in with `ordinal`. */
  seen(a: number, b: number, ordinal: number): number {
    if (this.#size * 2 >= this.#capacity) this.#grow();
    const slot = this.#slotOf(a, b);
    const found = this.#ordinals[slot]!;
    if (found !== 0) return found;
    this.#put(slot, a, b, ordinal);
    return 0;
  }

  #slotOf(a: number, b: number): number {
    const mask = this.#capacity - 1;
    let slot = (a ^ (b >>> 7)) & mask;
    while (this.#ordinals[slot] !== 0 && (this.#a[slot] !== a || this.#b[slot] !== b)) slot = (slot + 1) & mask;
    return slot;
  }

  #put(slot: number, a: number, b: number, ordinal: number): void {
    this.#a[slot] = a;
    this.#b[slot] = b;
    this.#ordinals[slot] = ordinal;
    this.#size += 1;
  }

  #grow(): void {
    const [a, b, ordinals] = [this.#a, this.#b, this.#ordinals];
    this.#capacity *= 2;
    this.#size = 0;
    this.#a = new Int32Array(this.#capacity);
    this.#b = new Int32Array(this.#capacity);
    this.#ordinals = new Int32Array(this.#capacity);
    for (let i = 0; i < ordinals.length; i++) {
      if (ordinals[i] !== 0) this.#put(this.#slotOf(a[i]!, b[i]!), a[i]!, b[i]!, ordinals[i]!);
    }
  }
}
