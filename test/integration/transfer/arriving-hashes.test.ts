import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { ArrivingHashes } from '../../../electron/core/transfer/ends/ssh/arriving-hashes.ts';
import { AsideFolder } from '../../../electron/core/transfer/ends/ssh/aside-folder.ts';
import { BulkChannels } from '../../../electron/core/transfer/ends/ssh/bulk-channels.ts';
import type { FileHost } from '../../../electron/core/transfer/ends/ssh/file-host.ts';
import { lookAtAbilities } from '../../../electron/core/transfer/ends/ssh/host-abilities.ts';
import { packHere } from '../../../electron/core/transfer/ends/ssh/outgoing-bundle.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { ALL_TOOLS, endOf, incoming, sha256, soon } from './ssh-end-lab.ts';

const PIECES = 6;
const PIECE = 100_000;

async function lab(host: RemoteHost): Promise<{ hashes: ArrivingHashes; aside: AsideFolder; channels: BulkChannels }> {
  const aside = new AsideFolder(tempFolder(), 't1');
  mkdirSync(aside.path);
  const channels = new BulkChannels(host);
  const abilities = await lookAtAbilities(host, ALL_TOOLS, soon());
  const fileHost: FileHost = { name: 'lab', channels, abilities, pack: packHere };
  const hashes = new ArrivingHashes(fileHost, aside);
  onTestFinished(() => {
    hashes.close();
    channels.close();
  });
  return { hashes, aside, channels };
}

describe.runIf(HAS_SSHD)('the hash of a file that still arrives', () => {
  test('is that of the whole file, in whatever order its pieces come, and beside others', async () => {
    const { hashes, aside } = await lab(useHost(specOf(await startSshd())).host);
    const order = fc.shuffledSubarray(
      Array.from({ length: 2 * PIECES }, (_, i) => i),
      { minLength: 2 * PIECES },
    );
    await fc.assert(
      fc.asyncProperty(order, fc.nat(PIECE - 1), async (pieces, missing) => {
        const content = randomBytes(PIECES * PIECE - missing);
        const open = (path: string): number => {
          const file = openSync(aside.fileOf(path), 'w');
          ftruncateSync(file, content.length);
          hashes.begin(path);
          return file;
        };
        const files = [open('a'), open('sub/b')];
        for (const piece of pieces) {
          const which = piece % 2;
          const offset = (piece >> 1) * PIECE;
          const bytes = content.subarray(offset, offset + PIECE);
          writeSync(files[which]!, bytes, 0, bytes.length, offset);
          hashes.arrived(['a', 'sub/b'][which]!, { offset, length: bytes.length });
        }
        for (const file of files) closeSync(file);
        const wanted = createHash('sha256').update(content).digest('hex');
        expect(await hashes.whole('a', content.length, soon())).toBe(wanted);
        expect(await hashes.whole('sub/b', content.length, soon())).toBe(wanted);
      }),
      { numRuns: 20 },
    );
  });

  test('covers what an earlier session has brought, and is told of nothing that is not there or has another size', async () => {
    const { hashes, aside } = await lab(useHost(specOf(await startSshd())).host);
    writeFileSync(aside.fileOf('earlier'), 'from yesterday and today');
    for (const path of ['earlier', 'gone']) hashes.begin(path);
    hashes.arrived('earlier', { offset: 15, length: 9 });
    expect(await hashes.whole('earlier', 24, soon())).toBe(sha256('from yesterday and today'));
    expect(await hashes.whole('gone', 24, soon())).toBeNull();
    hashes.begin('earlier');
    expect(await hashes.whole('earlier', 23, soon())).toBeNull();
    expect(await hashes.whole('never begun', 5, soon())).toBeNull();
  });

  test('is given up where anything else needs the channel, and where there is none', async () => {
    const { host } = useHost(specOf(await startSshd({ config: ['MaxSessions 2'] })));
    const { hashes, aside, channels } = await lab(host);
    writeFileSync(aside.fileOf('a'), 'content');
    hashes.begin('a');
    // One session is the shell; the other one is wanted for more than a hash.
    await channels.use((client) => client.stat('.'), soon());
    hashes.arrived('a', { offset: 0, length: 7 });
    expect(await hashes.whole('a', 7, soon())).toBeNull();
  });
});

test.runIf(HAS_SSHD)(
  'the hash of a large file on a host is known once it has been fetched, and asked for anew afterwards',
  async () => {
    const end = endOf(useHost(specOf(await startSshd())).host);
    const root = tempFolder();
    const size = 70 * 1024 * 1024;
    writeFileSync(join(root, 'large'), '');
    truncateSync(join(root, 'large'), size);
    const session = await end.fetch({ root, transfer: 't1' }, soon());
    const entry = (await end.stat(join(root, 'large'), soon()))!;
    const piece = { index: 0, offset: 0, length: 1000 };
    const fetched = session.fetchPiece(entry, incoming().take('large'), piece, soon(), () => {});
    // While it is fetched it is hashed; who asks meanwhile waits for that.
    const hash = (): Promise<string | null | undefined> =>
      session.hashes(['large'], soon()).then((h) => h.get('large'));
    expect(await hash()).toBe(sha256(Buffer.alloc(size)));
    await fetched;
    appendFileSync(join(root, 'large'), 'more');
    expect(await hash()).toBe(sha256(Buffer.concat([Buffer.alloc(size), Buffer.from('more')])));
    await session.close();
  },
);
