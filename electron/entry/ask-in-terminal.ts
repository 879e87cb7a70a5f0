import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on stderr and reads a line from the terminal, without echo when it is a secret; null = Ctrl-C, Ctrl-D. */
export function askInTerminal(question: string, secret: boolean): Promise<string | null> {
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
    lines.on('SIGINT', () => lines.close());
    lines.on('close', () => {
      if (secret) process.stderr.write('\n');
      resolve(answer);
    });
    lines.question(question, (text) => {
      answer = text;
      lines.close();
    });
    muted = secret;
  });
}
