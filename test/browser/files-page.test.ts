import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addSite } from '../integration/sites/add-site.ts';
import { HAS_SSHD } from '../integration/ssh/ssh-lab.ts';
import { readTree } from '../integration/transfer/transfer-lab.ts';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { eventually, Slipway } from '../support/slipway.ts';
import { looking } from './barriers.ts';
import { viewer } from './pictures.ts';
import { address, dropFiles, loaded, openApp, openPage, startServer, useBrowser } from './support.ts';
import type { AppServer } from './support.ts';

useBrowser();

/** A small picture: one red point. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

const tableOf = (page: Page, place: string): Locator => page.getByRole('grid', { name: `Files of ${place}` });
const row = (table: Locator, name: string): Locator => table.getByRole('row').filter({ hasText: name });

const transferOf = (page: Page, name: RegExp): Locator => page.getByRole('listitem', { name });

/** How far a transfer is, in per cent. */
async function progressOf(transfer: Locator): Promise<number> {
  return Number(await transfer.getByRole('progressbar').getAttribute('aria-valuenow'));
}

async function showPanes(page: Page, server: AppServer, here: string, there: string): Promise<void> {
  const query = new URLSearchParams({ here, there });
  await page.goto(address(server, `/files?${query.toString()}`));
  await tableOf(page, 'this workstation').waitFor();
}

describe('the files page', () => {
  it('is used by keyboard: looks into files and folders, renames, makes and deletes them, without barriers', async () => {
    const folder = realpathSync(
      writeFiles({
        'mesh/part-1.inp': '*NODE\n',
        'runs.csv': 'width,load\n2.5,800\n3,1000\n',
        'solver.log': Array.from({ length: 3000 }, (_, i) => `step ${i + 1}\n`).join(''),
        'plot.png': PNG,
        'beam.frd': new Uint8Array([1, 0, 2]),
        '.hidden': '',
      }),
    );
    const { page, server } = await openApp();
    const keys = async (...presses: string[]): Promise<void> => {
      for (const key of presses) await page.keyboard.press(key);
    };
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Files' }).click();
    await page.getByText('No site and no bucket yet').waitFor();
    const { found, look } = looking(page);
    const here = tableOf(page, 'this workstation');
    await here.waitFor();
    await here.focus();
    await keys('Control+l');
    await page.keyboard.type(folder);
    await keys('Enter');
    await row(here, 'solver.log').waitFor();
    expect(await here.getByRole('row').count()).toBe(6);

    await page.keyboard.type('sol');
    await keys('F3');
    await page.getByRole('document', { name: 'Text of solver.log' }).getByText('step 3000').waitFor();
    await viewer(page)('files-preview');
    await keys('F3');
    await page.keyboard.type('runs');
    await keys('Enter');
    await page.getByRole('cell', { name: '1000' }).waitFor();
    await look('preview of a table');
    await keys('Escape');
    await row(here, 'plot.png').dblclick();
    await page.waitForFunction(
      () => document.querySelector<HTMLImageElement>('img[alt="plot.png"]')?.naturalWidth === 1,
    );
    await keys('Escape');
    await row(here, 'beam.frd').dblclick();
    await page.getByText('This is no text.').waitFor();
    await keys('Escape');

    await here.focus();
    await keys('F7');
    await page.getByLabel('Name of the folder').fill('a/b');
    await keys('Enter');
    await page.getByText('A name cannot hold a slash.').waitFor();
    await page.getByLabel('Name of the folder').fill('new');
    await keys('Enter');
    await row(here, 'new').waitFor();
    await expect.poll(() => here.evaluate((node) => node === document.activeElement)).toBe(true);
    await keys('Enter');
    await page.getByText('This folder is empty.').waitFor();
    await keys('Backspace');
    await expect.poll(() => row(here, 'new').getAttribute('aria-selected')).toBe('true');
    await keys('F2');
    await page.getByLabel('New name').fill('mesh');
    await keys('Enter');
    await page.getByText(/something called mesh already/).waitFor();
    await page.getByLabel('New name').fill('kept');
    await keys('Enter');
    await row(here, 'kept').waitFor();
    expect(existsSync(join(folder, 'kept'))).toBe(true);

    await page.keyboard.type('beam');
    await keys('Shift+End');
    await page.getByText('4 of 6 chosen').waitFor();
    await keys('Escape', 'Home');
    await page.keyboard.type('beam');
    await keys('Delete');
    const confirm = page.getByRole('dialog', { name: 'Move beam.frd to the trash?' });
    await confirm.getByText(/trash folder of this workstation/).waitFor();
    await look('trash');
    await confirm.getByRole('button', { name: 'Move to trash' }).click();
    await row(here, 'beam.frd').waitFor({ state: 'detached' });
    const notice = (await page.getByText(/^Moved to /).innerText()).slice('Moved to '.length);
    onTestFinished(() => rmSync(notice, { recursive: true, force: true }));
    expect(notice.startsWith(homedir())).toBe(true);
    expect(readdirSync(notice)).toEqual(['beam.frd']);

    await keys('Control+h');
    await row(here, '.hidden').waitFor();
    await keys('/');
    await page.keyboard.type('RUNS');
    await page.getByText('1 of 6 shown').waitFor();
    await keys('Escape');

    await showPanes(page, server, folder, join(folder, 'mesh'));
    await row(here, 'kept').waitFor();
    const there = tableOf(page, 'the other folder');
    await there.waitFor();
    await here.focus();
    await keys('Tab');
    expect(await there.evaluate((node) => node === document.activeElement)).toBe(true);
    await keys('Shift+Tab');
    expect(await here.evaluate((node) => node === document.activeElement)).toBe(true);

    await page.keyboard.type('mesh');
    await page.getByRole('button', { name: 'More ways to send' }).first().click();
    await page.getByRole('menuitem', { name: 'Send with options…' }).click();
    await page.getByRole('dialog', { name: 'Send mesh' }).waitFor();
    await look('send with options');
    await viewer(page)('files-send-options');
    await keys('Escape');
    await showPanes(page, server, folder, join(folder, 'kept'));
    await row(here, 'mesh').click();
    await page.getByRole('button', { name: 'More ways to send' }).first().click();
    await page.getByRole('menuitem', { name: 'Keep in step…' }).click();
    const keep = page.getByRole('dialog', { name: 'Keep mesh in step' });
    await keep.getByRole('button', { name: 'Keep in step' }).click();
    const watch = page.getByRole('listitem', { name: /kept in step with/ });
    await watch.getByText(/^In step/).waitFor({ timeout: 30_000 });
    expect(existsSync(join(folder, 'kept', 'mesh', 'part-1.inp'))).toBe(true);
    await watch.getByRole('button', { name: 'No longer keep in step' }).click();
    await watch.waitFor({ state: 'detached' });
    expect(found).toEqual({});
  }, 90_000);
});

describe.skipIf(!HAS_SSHD)('transfers on the files page', () => {
  it('go on after a restart, ask about files that differ, and take what is dropped from outside', async () => {
    const slipway = new Slipway();
    const { workdir } = await addSite(slipway, 'box');
    const target = join(workdir, '..', 'scratch');
    mkdirSync(target, { recursive: true });
    const folder = join(realpathSync(tempFolder()), 'studies');
    writeFiles(
      { 'runs.csv': 'width,load\n2,800\n', 'cantilever.inp.template': '${width}\n', 'notes.md': '# Beam\n' },
      folder,
    );
    const beam = join(folder, 'beam');
    for (let i = 0; i < 2000; i++) {
      const part = join(beam, `part-${i % 20}`);
      if (i < 20) mkdirSync(part, { recursive: true });
      writeFileSync(join(part, `node-${i}.inp`), `*NODE ${i}\n`.repeat(1200 + (i % 7)));
    }
    const { page, server } = await openApp({ slipway, expected: /ERR_CONNECTION_REFUSED/ });
    await showPanes(page, server, folder, `box:${target}`);
    const there = tableOf(page, 'box');
    await there.getByText('Name').waitFor();
    await page.getByRole('button', { name: 'No speed limit' }).click();
    await page.getByRole('menuitemradio', { name: 'At most 1 MiB/s' }).click();
    await page.getByRole('button', { name: 'At most 1 MiB/s' }).waitFor();

    await row(tableOf(page, 'this workstation'), 'beam').dragTo(there);
    const transfer = transferOf(page, /^beam to box:/);
    await transfer.getByText(/^Sending/).waitFor();
    await expect.poll(() => progressOf(transfer), { timeout: 20_000 }).toBeGreaterThan(0);
    await viewer(page)('files-moving');
    await transfer.getByRole('button', { name: 'Pause' }).click();
    await transfer.getByText('Paused').waitFor();
    // What is seen under its own name is whole, and it is not all yet.
    const whole = readTree(beam);
    const arrived = Object.entries(readTree(target)).filter(([path]) => /^beam\/part-\d+\/node-\d+\.inp$/.test(path));
    for (const [path, text] of arrived) expect(text).toBe(whole[path.slice('beam/'.length)]);
    expect(arrived.length).toBeLessThan(2000);
    await server.kill();

    const again = await startServer(slipway);
    const fresh = await openPage(address(again, new URL(page.url()).pathname + new URL(page.url()).search));
    await loaded(fresh);
    const resumed = transferOf(fresh, /^beam to box:/);
    await resumed.getByText('Paused').waitFor();
    await fresh.getByRole('button', { name: 'At most 1 MiB/s' }).click();
    await fresh.getByRole('menuitemradio', { name: 'No speed limit' }).click();
    await resumed.getByRole('button', { name: 'Resume' }).click();
    await resumed.getByText('Done', { exact: true }).waitFor({ timeout: 60_000 });
    expect(readTree(join(target, 'beam'))).toEqual(whole);
    await row(tableOf(fresh, 'box'), 'beam').waitFor();
    await fresh.getByRole('button', { name: 'Clear done' }).click();
    await fresh.getByText('Nothing is on its way.').waitFor();

    // Two files differ now: one is kept there, the other replaced.
    const [kept, replaced] = [0, 1].map((i) => `part-${i}/node-${i}.inp`) as [string, string];
    for (const path of [kept, replaced]) writeFileSync(join(beam, path), `changed ${path}\n`);
    const before = readFileSync(join(target, 'beam', kept), 'utf8');
    await row(tableOf(fresh, 'this workstation'), 'beam').click();
    await fresh.keyboard.press('F6');
    const asking = transferOf(fresh, /^beam to box:/);
    await asking.getByText('2 files to decide').waitFor({ timeout: 30_000 });
    await asking.getByRole('button', { name: 'Decide…' }).click();
    const dialog = fresh.getByRole('dialog', { name: '2 files are there already' });
    await dialog.getByLabel(`What to do with beam/${kept}`).selectOption('Skip');
    const { found, look } = looking(fresh);
    await look('conflicts');
    await viewer(fresh)('files-conflicts');
    await dialog.getByText('Replace', { exact: true }).first().click();
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await asking.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 });
    expect(readFileSync(join(target, 'beam', kept), 'utf8')).toBe(before);
    expect(readFileSync(join(target, 'beam', replaced), 'utf8')).toBe(`changed ${replaced}\n`);

    await dropFiles(fresh, tableOf(fresh, 'box'), { 'notes.txt': 'from outside\n' });
    await row(tableOf(fresh, 'box'), 'notes.txt').waitFor({ timeout: 30_000 });
    expect(readFileSync(join(target, 'notes.txt'), 'utf8')).toBe('from outside\n');
    await eventually(() => readdirSync(join(slipway.home, 'drops')).length === 0);
    await viewer(fresh)('files-done');
    await look('files, with transfers');
    expect(found).toEqual({});
  }, 180_000);

  it('tell what they have left out', async () => {
    const folder = realpathSync(writeFiles({ 'from/odd/a.txt': 'a' }));
    execFileSync('mkfifo', [join(folder, 'from/odd/pipe')]);
    mkdirSync(join(folder, 'to'));
    const { page, server } = await openApp();
    await showPanes(page, server, join(folder, 'from'), join(folder, 'to'));
    await row(tableOf(page, 'this workstation'), 'odd').click();
    await page.keyboard.press('F6');
    const transfer = transferOf(page, /^odd to/);
    await transfer.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 });
    await transfer.getByRole('button', { name: 'Warnings' }).click();
    const dialog = page.getByRole('dialog', { name: '1 warning with odd' });
    await dialog.getByText('odd/pipe').waitFor();
    const { found, look } = looking(page);
    await look('warnings');
    expect(found).toEqual({});
  }, 60_000);
});
