import { parentPort } from 'node:worker_threads';
import { fastestCipher, openChunks, sealChunks } from './chunk-cipher.ts';
import type { CipherReply, CipherRequest } from './cipher-protocol.ts';

/** Worker thread entry: encrypts and decrypts runs of chunks until it is ended. Start it through `CipherPool`. */

const cipher = fastestCipher();

parentPort?.on('message', ({ id, kind, run, bytes }: CipherRequest) => {
  // What is decrypted takes the place of what it was made from, which is never ahead of it.
  const result = kind === 'seal' ? sealChunks(cipher, run, bytes) : openChunks(cipher, run, bytes, bytes);
  const reply: CipherReply = { id, bytes: result };
  parentPort?.postMessage(reply, result === null ? [] : [result.buffer as ArrayBuffer]);
});
