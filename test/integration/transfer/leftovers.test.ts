import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { local } from './engine-lab.ts';
import { profileWithSite } from './fault-lab.ts';

describe.skipIf(!HAS_SSHD)('what a cancelled transfer has laid aside on a host', () => {
  it('holds up no end of the core, and is removed by the next one when the host answers again', async () => {
    const { slipway, proxy } = await profileWithSite();
    const source = tempFolder();
    writeFileSync(join(source, 'large'), randomBytes(30_000_000));
    const there = tempFolder();
    const first = await startCore(slipway.home);
    await first.client.sites.connect({ site: 'hpc' });
    await first.client.transfers.limit({ bytesPerSecond: 4_000_000 });
    const start = (): Promise<{ id: string }> =>
      first.client.transfers.start({
        ...{ requestId: randomUUID(), from: [local(join(source, 'large'))], into: true },
        to: { kind: 'site', site: 'hpc', path: there },
      });
    const { id } = await start();
    await eventually(async () => (await first.client.transfers.get({ transfer: id })).bytes.done > 3_000_000, 60);
    expect(readdirSync(there)).not.toEqual([]);

    proxy.freeze();
    await first.client.transfers.cancel({ transfer: id });
    await first.client.transfers.forget({ transfers: [id] });
    expect((await first.client.transfers.list({})).transfers).toEqual([]);
    const began = performance.now();
    await first.close();
    // It used to be the minute that a host is waited for.
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(readdirSync(there)).not.toEqual([]);

    proxy.cut();
    const second = await startCore(slipway.home);
    await eventually(() => readdirSync(there).length === 0, 60);
    expect((await second.client.transfers.list({})).transfers).toEqual([]);
  }, 180_000);
});
