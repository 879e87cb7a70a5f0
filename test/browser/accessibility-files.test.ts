import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { writeFiles } from '../support/job-folder.ts';
import { looking } from './barriers.ts';
import { address, openApp, useBrowser } from './support.ts';

useBrowser();

const here = (page: Page): Locator => page.getByRole('grid', { name: 'Files of this workstation' });
const row = (page: Page, name: string): Locator => here(page).getByRole('row').filter({ hasText: name });

/** A study of some files with odd names beside it, and a folder that holds part of it already. */
function study(): { readonly from: string; readonly to: string } {
  const folder = realpathSync(
    writeFiles({
      'from/mesh/part-1.inp': '*NODE\n',
      'from/runs.csv': 'width,load\n2.5,800\n',
      'from/solver.log': Array.from({ length: 400 }, (_, i) => `step ${i + 1}\n`).join(''),
      'from/line\nbreak.txt': 'odd',
      'from/it_width=2.5_load=800_material=steel_mesh=fine_run=0001.odb': new Uint8Array([1, 0, 2]),
      'from/.hidden': '',
      'to/mesh/part-1.inp': '*NODE changed\n',
    }),
  );
  return { from: join(folder, 'from'), to: join(folder, 'to') };
}

describe('the files page in light and dark colours', () => {
  it('has no barriers in its panes, menus, dialogs and transfers', async () => {
    const { page, server } = await openApp();
    const { found, look } = looking(page);
    const keys = async (...presses: string[]): Promise<void> => {
      for (const key of presses) await page.keyboard.press(key);
    };
    /** Looks at a dialog and leaves it by Escape; the keyboard is with the files again. */
    const lookAtDialog = async (name: string): Promise<void> => {
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      await look(name);
      await keys('Escape');
      await dialog.waitFor({ state: 'detached' });
      await expect.poll(() => here(page).evaluate((node) => node === document.activeElement)).toBe(true);
    };
    /** Opens a menu by its button; Escape closes it also where its first item cannot be chosen. */
    const lookAtMenu = async (button: Locator, name: string): Promise<void> => {
      await button.click();
      await page.waitForFunction(() => document.activeElement?.getAttribute('role')?.startsWith('menuitem'));
      await look(name);
      await keys('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
    };
    const show = async (query: Record<string, string>): Promise<void> => {
      await page.goto(address(server, `/files?${new URLSearchParams(query).toString()}`));
      await here(page).waitFor();
    };

    const { from, to } = study();
    await show({ here: from });
    await page.getByText('No site and no bucket yet').waitFor();
    await row(page, 'runs.csv').waitFor();
    await look('first use');
    await show({ here: from, there: join(to, 'nowhere') });
    await page.getByRole('alert').getByRole('button', { name: 'Folder above' }).waitFor();
    await look('a folder that is not there');
    await page.getByRole('alert').getByRole('button', { name: 'Folder above' }).click();
    await page.getByRole('grid', { name: 'Files of the other folder' }).getByRole('row').nth(1).waitFor();

    // What one does not see in a name is written out, and the end of a long one stays in sight.
    await row(page, 'line\\nbreak.txt').waitFor();
    await row(page, 'run=0001.odb').getByText('run=0001.odb', { exact: true }).waitFor();
    await lookAtMenu(page.getByRole('button', { name: 'Place: This workstation' }).last(), 'places');
    await lookAtMenu(page.getByRole('button', { name: 'More ways to send' }).first(), 'ways to send');
    await lookAtMenu(page.getByRole('button', { name: 'More of this pane' }).first(), 'more of a pane');
    await here(page).focus();
    await keys('Control+h');
    await row(page, '.hidden').waitFor();
    await keys('Control+a');
    await look('all chosen, hidden files shown');
    await keys('Delete');
    await lookAtDialog('trash of many');
    await keys('Escape', '/');
    await page.keyboard.type('nothing like that');
    await page.getByText('Nothing here has “nothing like that” in its name.').waitFor();
    await look('filter without a hit');
    await keys('Escape', 'Control+l');
    await page.getByRole('textbox', { name: 'Path' }).waitFor();
    await look('path as text');
    await keys('Escape');

    await row(page, 'runs.csv').click();
    await keys('F7');
    await page.getByLabel('Name of the folder').fill('a/b');
    await keys('Enter');
    await page.getByText('A name cannot hold a slash.').waitFor();
    await lookAtDialog('new folder, with a wrong name');
    await keys('F2');
    // The dialog gives the field the keyboard and chooses the name without its ending; keys before that would be added to it.
    await page.waitForFunction(() => window.getSelection()?.toString() === 'runs');
    await page.getByLabel('New name').fill('solver.log');
    await keys('Enter');
    await page.getByText(/something called solver.log already/).waitFor();
    await lookAtDialog('rename, to a name that is taken');
    await page.keyboard.type('sol');
    await keys('F3');
    await page.getByRole('document', { name: 'Text of solver.log' }).getByText('step 400').waitFor();
    await lookAtDialog('preview of a log');
    await page.keyboard.type('it_');
    await keys('F3');
    await page.getByText('This is no text.').waitFor();
    await lookAtDialog('preview of what is no text');
    await page.keyboard.type('mesh');
    await page.getByRole('button', { name: 'More ways to send' }).first().click();
    await page.getByRole('menuitem', { name: 'Keep in step…' }).click();
    await lookAtDialog('keep in step');

    // Transfers: one that asks, one that could not begin, one that is done.
    await keys('F6');
    await page.getByRole('button', { name: 'Decide…' }).click({ timeout: 30_000 });
    await page.getByRole('dialog').getByLabel('What to do with mesh/part-1.inp').waitFor();
    await look('conflicts');
    await keys('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    writeFileSync(join(to, 'solver.log'), '');
    mkdirSync(join(to, 'runs.csv'));
    for (const name of ['runs.csv', 'it_width']) {
      await row(page, name).click();
      await keys('F6');
    }
    await page.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 });
    await expect.poll(() => page.getByRole('list', { name: 'Transfers' }).getByRole('listitem').count()).toBe(3);
    await look('transfers');
    await lookAtMenu(page.getByRole('button', { name: 'More actions' }).first(), 'more of a transfer');
    await lookAtMenu(page.getByRole('button', { name: 'No speed limit' }), 'speed limits');
    expect(found).toEqual({});
  }, 180_000);
});
