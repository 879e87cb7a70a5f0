import { parentPort } from 'node:worker_threads';
import { hashHere } from '../local/hash-file.ts';
import type { HashReply, HashRequest } from './protocol.ts';

const going = new Map<number, AbortController>();

async function answer({ id, path, md5 }: Extract<HashRequest, { kind: 'hash' }>): Promise<void> {
  const stop = new AbortController();
  going.set(id, stop);
  let reply: HashReply;
  try {
    reply = { id, ok: true, hashes: await hashHere(path, { md5, signal: stop.signal }) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    reply = { id, ok: false, message, code: code ?? null };
  }
  going.delete(id);
  parentPort!.postMessage(reply);
}

parentPort!.on('message', (request: HashRequest) => {
  if (request.kind === 'stop') going.get(request.id)?.abort();
  else void answer(request);
});
