import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/slipway.ts';
import { dropFiles, openApp, typeOver, useBrowser } from './support.ts';

useBrowser();

async function openNewJob(page: Page): Promise<Locator> {
  await page.getByRole('banner').getByRole('link', { name: 'New job' }).click();
  const zone = page.getByRole('heading', { name: 'Drop a job folder here, or loose files and a CSV' });
  await zone.waitFor();
  return zone;
}

describe('loose files', () => {
  it('are recognised when dropped, completed in the form and run', async () => {
    const { slipway, page } = await openApp();
    await dropFiles(page, await openNewJob(page), {
      'plate.txt.template': 'width = ${width}\nheight = ${height}\n',
      'runs.csv': 'width,height\n2,3\n4,5\n6,7\n',
      'notes.md': 'Made on Tuesday.\n',
    });
    const files = page.locator('#section-files');
    const role = async (name: string): Promise<string> =>
      (await files.getByRole('row').filter({ hasText: name }).innerText()).toLowerCase();
    await files.getByRole('row').filter({ hasText: 'runs.csv' }).waitFor();
    await eventually(async () => (await role('runs.csv')).includes('run definition'));
    expect(await role('plate.txt.template')).toContain('template');
    const summary = page.getByLabel('Summary');
    await summary.getByText(/to mend first/).waitFor();
    expect(await summary.getByRole('button', { name: 'Run 3 runs' }).isDisabled()).toBe(true);

    const command = page.getByRole('textbox', { name: 'Command', exact: true });
    await typeOver(command, 'cat plate.txt; echo "area $((${width} * ${height}))"');
    await page.getByLabel('Command of run 1').getByText('$((2 * 3))').waitFor();
    await page.getByRole('textbox', { name: 'Job name' }).fill('Plates');
    await summary.getByText('Everything is checked.').waitFor();
    await page.getByRole('button', { name: 'Next run' }).last().click();
    await page.getByLabel('Command of run 2').getByText('$((4 * 5))').waitFor();
    await summary.getByRole('button', { name: 'Run 3 runs' }).click();

    await page.waitForURL(/\/jobs\/(?!new)/);
    await page.getByText('3 of 3 runs ended').waitFor();
    await page.getByRole('grid', { name: 'Results of Plates' }).locator('[data-index="2"]').click();
    await page.getByRole('log').getByText('area 42').waitFor();
    await page.getByRole('log').getByText('width = 6').waitFor();
    expect((await slipway.job()).runs).toMatchObject({ total: 3, done: 3 });
  }, 60_000);

  it('can be picked in a dialog, and later ones join the draft wherever they are dropped', async () => {
    const { page } = await openApp();
    await openNewJob(page);
    await page.getByLabel('Files of the job').setInputFiles([
      { name: 'run.sh', mimeType: 'text/plain', buffer: Buffer.from('echo hello\n') },
      { name: 'data.txt', mimeType: 'text/plain', buffer: Buffer.from('1 2 3\n') },
    ]);
    const summary = page.getByLabel('Summary');
    await summary.getByText('Everything is checked.').waitFor();
    await summary.getByRole('button', { name: 'Run 1 run' }).waitFor();
    await dropFiles(page, page.getByRole('heading', { name: 'Command and software' }), { 'runs.csv': 'a\n1\n2\n' });
    await summary.getByRole('button', { name: 'Run 2 runs' }).waitFor();
    await page.getByRole('group', { name: 'First runs' }).waitFor();
    await page.getByRole('button', { name: 'Actions for data.txt' }).click();
    await page.getByRole('menuitem', { name: 'Remove from this draft' }).click();
    await page.locator('#section-files').getByText('data.txt').waitFor({ state: 'detached' });
    await summary.getByText('Everything is checked.').waitFor();
  }, 60_000);
});
