import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on stderr and reads a line from the terminal, without echo when it is a secret; null = Ctrl-C, Ctrl-D, or `closed` (the question is taken back). */
export function askInTerminal(question: string, secret: boolean, closed: AbortSignal): Promise<string | null> {
  if (closed.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    let muted = false;
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (!muted) process.stderr.write(chunk);
        done();
      },
    });
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    let answer: string | null = null;
    const close = (): void => lines.close();
    closed.addEventListener('abort', close, { once: true });
    lines.on('SIGINT', close);
    lines.on('close', () => {
      closed.removeEventListener('abort', close);
      if (secret || answer === null) process.stderr.write('\n');
      resolve(answer);
    });
    lines.question(question, (text) => {
      answer = text;
      lines.close();
    });
    muted = secret;
  });
}
