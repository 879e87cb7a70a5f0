import { describe, expect, test } from 'vitest';
import { BulkChannels, PIECES_OF_A_LANE } from '../../../electron/core/transfer/ends/ssh/bulk-channels.ts';
import type { SftpClient } from '../../../electron/core/transfer/sftp/sftp-client.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';

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
});
