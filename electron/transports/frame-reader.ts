import { MAX_FRAME_BYTES } from '../../shared/wires/codec.ts';

const HEAD_BYTES = 5;

/** Puts a length before a frame: u32 length (big-endian), u8 kind (0 text, 1 bytes), then the frame as `encodeFrame` made it. */
export function frameHead(data: string | Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(Buffer.byteLength(data), 0);
  head.writeUInt8(typeof data === 'string' ? 0 : 1, 4);
  return head;
}

/** Cuts a byte stream into the frames that `frameHead` announces. */
export class FrameReader {
  readonly #onFrame: (data: string | Uint8Array) => void;
  #parts: Buffer[] = [];
  #have = 0;
  /** Bytes needed before anything can be done: a head, or a head with its frame. */
  #need = HEAD_BYTES;
  /** Longer frames are refused. Kept small until the other side has shown its token. */
  limit: number;

  constructor(onFrame: (data: string | Uint8Array) => void, limit = MAX_FRAME_BYTES) {
    this.#onFrame = onFrame;
    this.limit = limit;
  }

  /** Returns false when the stream cannot be read on: a frame over the limit, or an unknown kind. */
  push(chunk: Buffer): boolean {
    this.#parts.push(chunk);
    this.#have += chunk.byteLength;
    while (this.#have >= this.#need) {
      // Joined only when something is whole, so that a large frame is copied once.
      const all = this.#parts.length === 1 ? (this.#parts[0] ?? chunk) : Buffer.concat(this.#parts);
      const length = all.readUInt32BE(0);
      const kind = all.readUInt8(4);
      if (length > this.limit || kind > 1) return false;
      const size = HEAD_BYTES + length;
      const whole = all.byteLength >= size;
      const rest = whole ? all.subarray(size) : all;
      this.#parts = rest.byteLength === 0 ? [] : [rest];
      this.#have = rest.byteLength;
      this.#need = whole ? HEAD_BYTES : size;
      if (!whole) continue;
      const body = all.subarray(HEAD_BYTES, size);
      this.#onFrame(kind === 0 ? body.toString('utf8') : body);
    }
    return true;
  }
}
