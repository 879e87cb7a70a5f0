import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Transfer, TransferPlan } from '../../../shared/contract/transfers.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { binWithout } from '../../support/programs.ts';
import type { Running } from '../../support/slipway.ts';
import { Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { readTree } from './transfer-lab.ts';

const PROGRAM = fileURLToPath(new URL('../../fakes/hostile-server/sftp-program.ts', import.meta.url));
/** What the server shows. */
const FOLDER = '/no/such/folder';
/** The whole of a command that looks at a quiet server takes some 110 MiB. */
const MOST_MEBIBYTES = 300;

/** What a command came to. */
interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What lies around the target folder then, the folder among it. */
  readonly tree: Record<string, string>;
  /** Highest resident set of the command. */
  readonly mebibytes: number;
}

interface HostileSite {
  /** Runs a command whose last word is a folder of this workstation, while the server does this harm; `meanwhile` may interrupt it. */
  run(harm: string, words: readonly string[], meanwhile?: (running: Running) => Promise<void>): Promise<Outcome>;
  /** Fetches the folder. */
  get(harm: string): Promise<Outcome & { readonly transfer: Transfer }>;
}

/** A site without `find` and `tar`, so that all of its files go by its SFTP server, which means harm. */
async function hostileSite(): Promise<HostileSite> {
  const slipway = new Slipway();
  const harmFile = join(tempFolder(), 'harm');
  writeFileSync(harmFile, 'silence');
  await addSite(slipway, 'evil', {
    env: { PATH: binWithout('tar', 'find') },
    sshd: { sftp: false, config: [`Subsystem sftp ${process.execPath} ${PROGRAM} ${FOLDER} ${harmFile}`] },
  });
  const run: HostileSite['run'] = async (harm, words, meanwhile) => {
    writeFileSync(harmFile, harm);
    const around = tempFolder();
    const target = join(around, 'target');
    mkdirSync(target);
    const running = slipway.start([...words, `${target}/`]);
    let mebibytes = 0;
    const watch = setInterval(() => (mebibytes = Math.max(mebibytes, residentSet(running.process.pid!))), 20);
    try {
      await meanwhile?.(running);
      return { ...(await running.ended), tree: readTree(around), mebibytes };
    } finally {
      clearInterval(watch);
    }
  };
  return {
    run,
    get: async (harm) => {
      const outcome = await run(harm, ['get', `evil:${FOLDER}`, '--json']);
      return { ...outcome, transfer: JSON.parse(outcome.stdout) as Transfer };
    },
  };
}

/** Highest resident set of a process so far, in MiB; 0 once it has ended. */
function residentSet(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** A tree that holds the target folder, and in it the fetched folder with these files. */
function holding(files: Record<string, string>): Record<string, string> {
  const inside = Object.entries(files).map(([name, text]) => [`target/folder/${name}`, text]);
  return { target: 'folder', 'target/folder': 'folder', ...(Object.fromEntries(inside) as Record<string, string>) };
}

describe.skipIf(!HAS_SSHD)('fetching from an SFTP server that means harm', () => {
  it('writes what has a name inside the folder, and says what it leaves out and why', async () => {
    const { get } = await hostileSite();
    const names = await get('names-that-lead-elsewhere');
    expect(names.tree).toEqual(
      holding({ good: 'evil', 'new\nline': 'evil', 'esc\u001b]0;title\u0007': 'evil', 'back\\..\\slash': 'evil' }),
    );

    const bytes = await get('names-without-encoding');
    expect(bytes.tree).toEqual(holding({ good: 'evil' }));
    expect(bytes.transfer.problems.map(({ message }) => message)).toEqual([
      '"caf\\udce8" is not UTF-8; it is left out.',
      '"caf\\udce9" is not UTF-8; it is left out.',
    ]);

    // Written one after the other, the file would go where the link leads.
    const through = await get('a-link-and-then-what-is-below-it');
    expect(through.tree).toEqual({ target: 'folder' });
    expect(through.transfer.problems[0]!.message).toBe('Two sources would become folder/a.');

    const links = await get('links-that-lead-elsewhere');
    expect(links.tree).toEqual(holding({ good: 'evil', inside: '-> good' }));
    expect(links.transfer.problems.map(({ path }) => path).toSorted()).toEqual(['folder/absolute', 'folder/up']);

    const devices = await get('devices');
    expect(devices.tree).toEqual(holding({ good: 'evil' }));
    expect(devices.transfer.problems.map(({ path }) => path)).toEqual(['block', 'char', 'pipe', 'socket']);
  }, 120_000);

  it('is not led out of the folder by how the server says that a folder is called', async () => {
    const { run } = await hostileSite();
    const outcome = await run('a-folder-called-up', ['get', 'evil:.']);
    expect([outcome.code, outcome.tree]).toEqual([2, { target: 'folder' }]);
    expect(outcome.stderr).toContain('evil:. is called "..", which does not stay inside the folder.');
  }, 60_000);

  it('takes of a file what was told of it, and no more', async () => {
    const { get } = await hostileSite();
    const endless = await get('a-file-without-end');
    expect(endless.tree).toEqual(holding({ good: 'evil', endless: '\0\0\0\0' }));
    const sizes = await get('sizes-that-lie');
    // What came of the other lies aside, for when it is tried again.
    const named = Object.entries(sizes.tree).filter(([path]) => !path.endsWith('.slipway-part'));
    expect(Object.fromEntries(named)).toEqual(holding({ good: 'evil', more: 'more' }));
    expect(sizes.transfer.problems.map(({ path }) => path)).toEqual(['folder/fewer']);
    const beyond = await get('a-size-beyond-all-numbers');
    expect(beyond.tree).toEqual({ target: 'folder' });
    expect(beyond.transfer.problems[0]!.message).toMatch(/^There is no room: 8 PiB are needed, /);
    for (const { mebibytes } of [endless, sizes, beyond]) expect(mebibytes).toBeLessThan(MOST_MEBIBYTES);
  }, 120_000);

  it('lists very many names, and none without end, in bounded memory', async () => {
    const { run, get } = await hostileSite();
    const many = await run('very-many-names', ['get', `evil:${FOLDER}`, '--dry-run', '--json']);
    expect((JSON.parse(many.stdout) as TransferPlan).newFiles).toBe(200_000);
    expect(many.mebibytes).toBeLessThan(MOST_MEBIBYTES);
    const deep = await get('folders-without-end');
    expect(deep.transfer.message).toMatch(/hold more names than can be listed/);
    expect(deep.mebibytes).toBeLessThan(MOST_MEBIBYTES);
    const list = await run('a-listing-of-no-names-without-end', ['get', `evil:${FOLDER}/*`]);
    expect([list.code, list.tree]).toEqual([4, { target: 'folder' }]);
  }, 120_000);

  it.each(['silence', 'a-listing-without-end'])(
    'can be interrupted at once: %s',
    async (harm) => {
      const { run } = await hostileSite();
      let interruptedAt = 0;
      const outcome = await run(harm, ['get', `evil:${FOLDER}`], async (running) => {
        await running.until((_, stderr) => stderr.includes('comparing both sides'));
        // So that the listing is well under way.
        await new Promise((resolve) => setTimeout(resolve, 3000));
        interruptedAt = performance.now();
        running.process.kill('SIGINT');
      });
      expect(performance.now() - interruptedAt).toBeLessThan(3000);
      expect([outcome.code, outcome.tree]).toEqual([130, { target: 'folder' }]);
      expect(outcome.mebibytes).toBeLessThan(MOST_MEBIBYTES);
    },
    60_000,
  );
});
