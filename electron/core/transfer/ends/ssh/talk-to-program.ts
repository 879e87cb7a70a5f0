import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { gatherText, newStopper, writeChunk } from '../../channel-bytes.ts';
import { printableText } from '../../../ssh/sign-in-prompts.ts';
import { EndError } from '../far-end.ts';
import { endOf, wholeOutput } from './channel-output.ts';
import type { ProgramHost } from './file-host.ts';

/** A line for each of very many names is far less. */
export const MOST_OUTPUT = 64 * 1024 * 1024;

/** Runs a script on a host, sends it what it reads, and gives back all that it says. @throws EndError when it ends with a code that is not expected; RemoteError */
export async function talkTo(
  host: ProgramHost,
  script: string,
  input: Iterable<Buffer>,
  options: {
    readonly doing: string;
    readonly signal: AbortSignal;
    readonly expected?: readonly number[];
    /** It begins to say something. */
    readonly onOutput?: () => void;
  },
): Promise<{ readonly output: Buffer; readonly code: number | null }> {
  const { doing, signal, expected = [0] } = options;
  const channel = await host.channels.exec(`LC_ALL=C; export LC_ALL\n${script}`, signal);
  const said = gatherText(channel.stderr);
  const stopper = newStopper(signal);
  try {
    const send = async (): Promise<void> => {
      for (const chunk of input) {
        if (!(await writeChunk(channel, chunk, stopper.stopped))) return;
        // The next one takes a moment to make.
        await setImmediate();
      }
      channel.stdin.end();
    };
    const sending = send();
    const output = await wholeOutput(channel, MOST_OUTPUT, signal, options.onOutput);
    await sending;
    const { code } = await endOf(channel, host.name, signal);
    if (code === null || !expected.includes(code)) {
      const words = printableText(said()).trim().split('\n').at(-1) ?? '';
      const why = words === '' ? `exit code ${code ?? 'unknown'}` : words;
      throw new EndError({ kind: 'other', message: `${doing} on ${host.name} failed: ${why}.`, hint: null });
    }
    return { output, code };
  } finally {
    stopper.release();
  }
}
