import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { SftpClient } from '../../../electron/core/transfer/sftp/sftp-client.ts';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { onTestFinished } from 'vitest';
import { specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import type { Sshd } from '../ssh/ssh-lab.ts';

/** Both ways of reaching a host. */
export const BACK_ENDS = ['ssh2', 'system'] as const;

/** An account that OpenSSH lets do nothing but SFTP. */
export async function sftpOnlyHost(
  transport: (typeof BACK_ENDS)[number] = 'ssh2',
  config: readonly string[] = [],
): Promise<{ readonly host: RemoteHost; readonly sshd: Sshd }> {
  const sshd = await startSshd({ config: [...config, 'ForceCommand internal-sftp'] });
  const { host } = useHost(specOf(sshd), { deps: { transport } });
  return { host, sshd };
}

/** A session that is closed after the test. */
export async function openSftp(host: RemoteHost, signal?: AbortSignal): Promise<SftpClient> {
  const client = await SftpClient.open(host, signal);
  onTestFinished(() => client.close());
  return client;
}

/** A folder that sshd takes for a `ChrootDirectory`: nobody but root may write into any part of its path, so not below /tmp. */
export function chrootFolder(): string {
  const folder = mkdtempSync('/run/slipway-chroot-');
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
