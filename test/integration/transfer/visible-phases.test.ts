import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Transfer } from '../../../shared/contract/transfers.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { atRest, local } from './engine-lab.ts';

/** A folder for the host's PATH whose `openssl` waits as long as `hold` is there, and whose `python3` is none, so that `openssl` is what hashes. */
function slowHashes(): { readonly programs: string; readonly hold: string } {
  const programs = tempFolder('slipway-programs-');
  const hold = join(programs, 'hold');
  writeFileSync(hold, '');
  for (const [name, script] of [
    ['python3', 'exit 127'],
    ['openssl', `while [ -e ${hold} ]; do sleep 0.05; done\nexec /usr/bin/openssl "$@"`],
  ] as const) {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  }
  return { programs, hold };
}

describe.skipIf(!HAS_SSHD)('a transfer whose bytes are all there', () => {
  it('says that hashes are compared, and how many files are in place', async () => {
    const { programs, hold } = slowHashes();
    const slipway = new Slipway();
    rmSync(hold);
    await addSite(slipway, 'hpc', { env: { PATH: `${programs}:/usr/bin:/bin` } });
    const { client } = await startCore(slipway.home);
    await client.sites.connect({ site: 'hpc' });
    const here = tempFolder();
    const there = writeFiles({ a: 'a', b: 'b', c: 'c' });
    const from = [{ kind: 'site' as const, site: 'hpc', path: there }];
    // What the host can do is tried out now.
    await client.transfers.preview({ from, to: local(here), into: false });
    writeFileSync(hold, '');
    const seen = new Map<Transfer['state'], Transfer>();
    const stop = new AbortController();
    const watching = (async () => {
      for await (const { transfers } of client.transfers.watch({}, { signal: stop.signal }))
        for (const transfer of transfers) seen.set(transfer.state, transfer);
    })().catch(() => undefined);
    const { id } = await client.transfers.start({
      ...{ requestId: randomUUID(), from, into: false },
      to: local(here),
    });
    await eventually(() => seen.has('verifying'), 30).catch(() => expect([...seen.keys()]).toContain('verifying'));
    expect(seen.get('verifying')).toMatchObject({
      files: { total: 3, done: 3, published: 0 },
      ...{ bytesPerSecond: null, secondsLeft: null, message: null },
    });
    expect(readdirSync(here).filter((name) => !name.startsWith('.'))).toEqual([]);
    rmSync(hold);
    expect(await atRest(client, id)).toMatchObject({ state: 'done', files: { done: 3 } });
    expect(readdirSync(here).toSorted()).toEqual(['a', 'b', 'c']);
    stop.abort();
    await watching;
  }, 120_000);
});
