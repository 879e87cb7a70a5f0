import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { printableText } from './sign-in-prompts.ts';
import type { ByteChannel, ChannelEnd } from './remote-host.ts';
import { RemoteError } from './remote-host.ts';

/**
 * Starts a POSIX shell that runs what it is sent. No quote, backslash, `!` or line end is in it that login shells read differently (csh, fish), so it means
 * the same under each of them.
 */
export const COPROCESS_COMMAND = 'exec /bin/sh';

/** Starts a POSIX shell that runs the first line of its stdin; `read` takes no byte more than that line, so the rest is the script's own stdin. */
export const SCRIPT_COMMAND = 'exec /bin/sh -c \'IFS= read -r slipway && eval "$slipway"\'';

/** What login shells may say before ours is there. */
const MOST_NOISE = 1024 * 1024;
const SNIPPET = 300;

/** A line that nothing else can print by accident. */
export function newNonce(): string {
  return `slipway-${randomBytes(16).toString('hex')}`;
}

/** A script as one word of POSIX sh, on one or more lines. @throws Error for a NUL, which no shell can hold */
export function quoteScript(script: string): string {
  if (script.includes('\0')) throw new Error('a script cannot hold a NUL character');
  return `'${script.replaceAll("'", "'\\''")}'`;
}

/** A script as one line of POSIX sh that runs it: line ends are written as `printf` escapes. */
export function scriptLine(script: string): string {
  if (script.includes('\0')) throw new Error('a script cannot hold a NUL character');
  const format = script.replace(
    /[\\%'\n\r]/g,
    (c) => ({ '\\': '\\\\', '%': '%%', "'": '\\047', '\n': '\\n', '\r': '\\r' })[c]!,
  );
  // The line end in front keeps a script that begins with `-` from being an option.
  return `eval "$(printf '\\n${format}')"`;
}

/** The line for {@link SCRIPT_COMMAND}: it says the nonce on both outputs, then runs the script. */
export function startLine(script: string, nonce: string): string {
  return `printf '%s\\n' ${nonce}; printf '%s\\n' ${nonce} >&2; ${scriptLine(script)}\n`;
}

/**
 * Sends a script down a channel that runs {@link SCRIPT_COMMAND} and waits until it begins; from then on both outputs hold nothing but what the script says.
 * @throws RemoteError `no-shell` when the channel ends first or speaks without end, `timeout`
 */
export async function startScript(
  channel: ByteChannel,
  script: string,
  host: string,
  timeoutMs: number,
): Promise<void> {
  const nonce = newNonce();
  channel.stdin.write(startLine(script, nonce));
  await shellStarted(channel, nonce, host, timeoutMs);
}

/** Waits for the nonce on both outputs and drops everything up to it. */
export async function shellStarted(
  channel: ByteChannel,
  nonce: string,
  host: string,
  timeoutMs: number,
): Promise<void> {
  const said: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new RemoteError(
          'timeout',
          `The login shell of ${host} did not start within ${Math.round(timeoutMs / 1000)} s.`,
          {
            sent: true,
            hint: 'Look at the start-up files of the shell (.bashrc, .cshrc, config.fish): they must not wait or ask when nobody is at a terminal.',
          },
        ),
      );
    }, timeoutMs);
  });
  try {
    await Promise.race([
      late,
      Promise.all([skipTo(channel.stdout, nonce, said), skipTo(channel.stderr, nonce, said)]).catch(
        async (error: unknown) => {
          if (!(error instanceof EndedEarly)) throw error;
          channel.stdout.resume();
          channel.stderr.resume();
          throw noShell(host, await channel.closed, said.join(''));
        },
      ),
    ]);
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function noShell(host: string, end: ChannelEnd, said: string): RemoteError {
  if (end.code === null && end.signal === null)
    return new RemoteError('lost', `The connection to ${host} broke while a shell was being started.`, { sent: true });
  const words = printableText(said).trim().slice(0, SNIPPET);
  return new RemoteError('no-shell', `${host} gives no shell${words === '' ? '' : `; it said: ${words}`}.`, {
    hint: 'The account may be for file transfer only. Ask the administrator of the host for an account that may run commands.',
  });
}

class EndedEarly extends Error {}

/** Takes from a paused stream up to and with the line that is `nonce`, and puts back what follows. */
function skipTo(stream: Readable, nonce: string, said: string[]): Promise<void> {
  const line = Buffer.from(`${nonce}\n`);
  let tail: Buffer = Buffer.alloc(0);
  let skipped = 0;
  return new Promise((resolve, reject) => {
    const stop = (error?: Error): void => {
      stream.off('readable', look);
      stream.off('end', ended);
      stream.off('error', ended);
      stream.off('close', ended);
      if (error === undefined) resolve();
      else reject(error);
    };
    const ended = (): void => stop(new EndedEarly());
    const look = (): void => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
        const all = Buffer.concat([tail, chunk]);
        const at = all.indexOf(line);
        if (at >= 0) {
          stop();
          const rest = all.subarray(at + line.length);
          if (rest.length > 0) stream.unshift(rest);
          return;
        }
        if (skipped < 4 * SNIPPET) said.push(chunk.toString('utf8', 0, 4 * SNIPPET));
        skipped += chunk.length;
        if (skipped > MOST_NOISE) {
          stop(new RemoteError('no-shell', 'The login shell prints without end before it runs a command.'));
          return;
        }
        tail = all.subarray(Math.max(0, all.length - line.length));
      }
    };
    stream.on('readable', look);
    stream.on('end', ended);
    stream.on('error', ended);
    stream.on('close', ended);
    // What has ended before anybody listened tells it no more.
    if (stream.readableEnded || stream.destroyed) ended();
    else look();
  });
}
