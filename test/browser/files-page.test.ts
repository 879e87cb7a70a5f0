import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeFiles } from '../support/job-folder.ts';
import { looking } from './barriers.ts';
import { address, openApp, useBrowser } from './support.ts';
import type { AppServer } from './support.ts';

useBrowser();

/** A small picture: one red point. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

const tableOf = (page: Page, place: string): Locator => page.getByRole('grid', { name: `Files of ${place}` });
const row = (table: Locator, name: string): Locator => table.getByRole('row').filter({ hasText: name });

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
    await page.getByText('No site yet').waitFor();
    const { found, look } = looking(page, 'light');
    await look('files, no site');
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
    await look('preview of a log');
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
    await look('new folder, with a problem');
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
    expect(found).toEqual({});
  }, 90_000);
});
