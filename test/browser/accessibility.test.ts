import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { ROOT } from '../support/slipway.ts';
import { looking } from './barriers.ts';
import { openApp, openFolder, useBrowser } from './support.ts';

useBrowser();

describe('the app in light and dark colours', () => {
  it('has no barriers on any page', async () => {
    const { slipway, page } = await openApp();
    const { found, look } = looking(page);
    await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
    await look('jobs, empty');
    await page.getByRole('banner').getByRole('link', { name: 'New job' }).click();
    await page.getByRole('heading', { name: 'Try an example' }).waitFor();
    await look('new job, empty');
    await page.getByRole('button', { name: 'Choose a folder…' }).click();
    await page.getByRole('listbox', { name: 'Folders' }).waitFor();
    await look('folder picker');
    await page.keyboard.press('Escape');
    await openFolder(page, join(ROOT, 'examples', 'cantilever'));
    await page.getByRole('button', { name: /^displacement/ }).click();
    await look('new job');
    await page.getByText('Difference').click();
    await look('new job, difference');

    const gate = join(tempFolder(), 'gate');
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n4\n',
      'slipway.yaml': `
name: Seen
type: doe
command: 'echo "value \${n}"; [ \${n} -eq 1 ] && exit 4; while [ ! -e ${gate} ]; do sleep 0.05; done'
doe: {runs: runs.csv}
hardware: {slots: 1, walltime: 5m}
outputs:
  value: {file: stdout, regex: 'value (\\d+)', unit: mm}
`,
    });
    await slipway.json('run', folder, '--no-wait');
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('link', { name: 'Seen' }).waitFor();
    await look('jobs');
    await page.getByRole('link', { name: 'Seen' }).click();
    await page.getByRole('button', { name: 'Failed 1' }).waitFor();
    await page.getByRole('button', { name: 'Running 1' }).waitFor();
    await look('job, running');
    await page
      .getByRole('grid', { name: /^Results of/ })
      .locator('[data-index="0"]')
      .click();
    await page.getByRole('log').getByText('value 1').waitFor();
    await look('job, running, a failed run chosen');
    writeFileSync(gate, '');
    await page.getByText('4 of 4 runs ended').waitFor({ timeout: 20_000 });
    for (const tab of ['Values', 'Files', 'Command']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').locator('table, pre').first().waitFor();
      await look(`job, ended, ${tab}`);
    }
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'CSV' }).waitFor();
    await look('job, menu');
    await page.keyboard.press('Escape');
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Workstation' }).click();
    await page
      .getByRole('heading', { name: /workstation/i })
      .first()
      .waitFor();
    await page.getByRole('table').or(page.getByRole('list')).first().waitFor();
    await look('workstation');
    expect(found).toEqual({});
  }, 240_000);
});

describe('the keyboard', () => {
  it('reaches every control and shows where it is, goes past the frame, through menus and back, and finds jobs by their name', async () => {
    const { slipway, page } = await openApp();
    await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
    const seen: string[] = [];
    for (let press = 0; press < 20; press++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const node = document.activeElement;
        if (!node || node === document.body) return null;
        const style = getComputedStyle(node);
        const around = node.parentElement ? getComputedStyle(node.parentElement) : style;
        const ring = [style, around].some(
          (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none',
        );
        const name = node.getAttribute('aria-label') ?? node.textContent?.trim() ?? '';
        return { name, visible: ring || style.borderColor !== around.borderColor };
      });
      if (at === null) break;
      expect(at, `focus on ${at.name}`).toMatchObject({ visible: true });
      seen.push(at.name);
    }
    expect(seen[0]).toBe('Skip to the page');
    for (const name of ['Jobs', 'Workstation', 'Find a job or an action', 'Colours', 'New job']) {
      expect(seen).toContain(name);
    }

    const folder = writeFiles({ 'slipway.yaml': 'name: Needle\ntype: basic\ncommand: echo found\n' });
    await slipway.json('run', folder);
    await page.getByRole('link', { name: 'Needle' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'Needle' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('page');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('needle');
    await page.getByRole('option', { name: /Needle/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/jobs\/(?!new)/);
    await page.getByRole('log').getByText('found').waitFor();
    const colours = page.getByRole('button', { name: 'Colours' });
    await colours.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Dark' }).waitFor();
    await page.keyboard.press('ArrowDown');
    // The menu takes the focus when it has opened; keys before that are the page's.
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'menuitem');
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Dark' }).waitFor({ state: 'detached' });
    expect(await colours.evaluate((node) => node === document.activeElement)).toBe(true);
  }, 90_000);
});
