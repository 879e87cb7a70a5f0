import { describe, expect, test } from 'vitest';
import type { ByteChannel } from '../../../electron/core/ssh/remote-host.ts';
import { BulkChannels, PIECES_OF_A_LANE } from '../../../electron/core/transfer/ends/ssh/bulk-channels.ts';
import type { SftpClient } from '../../../electron/core/transfer/sftp/sftp-client.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { eventually } from '../../support/eventually.ts';

/** All that a command says. */
async function said(channel: ByteChannel): Promise<string> {
  let text = '';
  channel.stderr.resume();
  channel.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await channel.closed;
  return text;
}

describe.runIf(HAS_SSHD)('the channels of one connection that move files', () => {
  test('share what is asked for at the same time, and give what waits to the next that is free', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const channels = new BulkChannels(host);
    const signal = AbortSignal.timeout(50_000);
    const working = new Map<SftpClient, number>();
    const most = new Map<SftpClient, number>();
    let done = 0;
    const { promise: spread, resolve } = Promise.withResolvers<void>();
    const piece = async (client: SftpClient): Promise<void> => {
      const now = (working.get(client) ?? 0) + 1;
      working.set(client, now);
      most.set(client, Math.max(now, most.get(client) ?? 0));
      if (working.size > 1) resolve();
      // The first ones go on only when another lane works, too.
      await spread;
      working.set(client, working.get(client)! - 1);
      done++;
    };
    await Promise.all(Array.from({ length: 12 }, () => channels.use(piece, signal, PIECES_OF_A_LANE)));
    expect(done).toBe(12);
    expect(most.size).toBeGreaterThanOrEqual(2);
    expect(Math.max(...most.values())).toBeLessThanOrEqual(PIECES_OF_A_LANE);
    channels.close();
  });

  test('stay open beside commands', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const channels = new BulkChannels(host);
    const signal = AbortSignal.timeout(50_000);
    channels.warm();
    await eventually(() => channels.lanes === 2);
    const before = await channels.use((client) => Promise.resolve(client), signal);
    const commands = await Promise.all([1, 2, 3].map((i) => channels.exec(`echo ${i}; cat`, signal)));
    expect(channels.lanes).toBe(2);
    for (const command of commands) command.stdin.end();
    expect(await Promise.all(commands.map(said))).toEqual(['1\n', '2\n', '3\n']);
    expect(await channels.use((client) => Promise.resolve(client), signal)).toBe(before);
    channels.close();
  });

  test.each([1, 2, 3])('take turns with commands where a server allows %i sessions', async (sessions) => {
    const sshd = await startSshd({ config: [`MaxSessions ${sessions}`] });
    const { host } = useHost(specOf(sshd));
    const channels = new BulkChannels(host);
    const signal = AbortSignal.timeout(50_000);
    channels.warm();
    let left = 40;
    // Each begins another one: without a turn of their own, commands would wait until all have gone.
    const pieces = async (): Promise<void> => {
      while (left-- > 0) await channels.use((client) => client.stat('.'), signal, PIECES_OF_A_LANE);
    };
    const turns: string[] = [];
    const command = async (i: number): Promise<void> => {
      turns.push(await said(await channels.exec(`echo ${i}`, signal)));
    };
    await Promise.all([pieces(), pieces(), pieces(), command(1), command(2), command(3), pieces()]);
    expect(turns.toSorted()).toEqual(['1\n', '2\n', '3\n']);
    expect(sshd.accepted()).toBe(1);
    channels.close();
  });

  test('let a command have its channel while a lane always has something to do', async () => {
    const { host } = useHost(specOf(await startSshd({ config: ['MaxSessions 1'] })));
    const channels = new BulkChannels(host);
    const signal = AbortSignal.timeout(50_000);
    const over = new AbortController();
    const pieces = async (): Promise<void> => {
      while (!over.signal.aborted) await channels.use((client) => client.stat('.'), signal, PIECES_OF_A_LANE);
    };
    const going = Promise.all([pieces(), pieces()]);
    await eventually(() => channels.lanes === 1);
    for (const word of ['first', 'second'])
      expect(await said(await channels.exec(`echo ${word}`, signal))).toBe(`${word}\n`);
    over.abort();
    await going;
    channels.close();
  });
});
