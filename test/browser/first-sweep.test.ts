import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/slipway.ts';
import { loaded, openApp, openPage, startServer, tabTo, useBrowser } from './support.ts';

useBrowser();

async function openCantilever(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'New job' }).first().click();
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose the job folder' });
  await dialog.getByRole('button', { name: 'Examples' }).click();
  await dialog.getByRole('option', { name: 'cantilever', exact: true }).dblclick();
  await dialog.getByText('job folder', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Choose this folder' }).click();
}

describe('the first sweep', () => {
  it('goes from an empty list to results by mouse, and survives a reload and a restart', async () => {
    const { slipway, server, page } = await openApp();
    await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
    await page.getByText(/Drop a folder here with your input files and a CSV/).waitFor();
    await openCantilever(page);

    const summary = page.getByLabel('Summary');
    await summary.getByText('Everything is checked.').waitFor();
    await summary.getByText('No problems found. Ready to run.').waitFor();
    const sections = summary.getByRole('navigation', { name: 'Sections' }).getByRole('button');
    expect(await sections.count()).toBe(7);
    for (const section of await sections.all()) expect(await section.innerText()).toContain('ready');
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
    expect(await page.locator('#section-runs').innerText()).toMatch(/48 runs, 3 variables/);
    expect(await page.getByRole('group', { name: 'First runs' }).locator('tbody tr').count()).toBeGreaterThan(10);

    const templates = page.locator('#section-templates');
    const template = templates.getByRole('textbox', { name: 'Template beam.json.template' });
    await template.waitFor();
    const marked = await template.locator('.slip-mark-value').allInnerTexts();
    expect(marked.filter((text) => /width|thickness|load/.test(text))).toHaveLength(3);
    await templates.getByText('value of a variable').waitFor();
    await templates.getByText('Processed file').click();
    const processed = templates.getByRole('textbox', { name: 'Processed file beam.json' });
    await processed.waitFor();
    const first = await processed.innerText();
    expect(first).not.toContain('${');
    await templates.getByRole('textbox', { name: 'Run', exact: true }).fill('48');
    await eventually(async () => (await processed.innerText()) !== first);
    await templates.getByText('Difference').click();
    await templates.locator('.cm-mergeView, .cm-changedLine').first().waitFor();

    await page.getByRole('button', { name: 'Run 48 runs' }).click();
    await page.waitForURL(/\/jobs\/(?!new)/);
    await page.getByText('48 of 48 runs ended').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Done 48' }).waitFor();
    const table = page.getByRole('grid', { name: 'Results of Cantilever' });
    expect(await table.getAttribute('aria-rowcount')).toBe('49');
    const cells = table.locator('[data-index="0"] [role="gridcell"]');
    await eventually(async () => (await cells.allInnerTexts()).slice(6).every((text) => /\d/.test(text)));

    const map = page.getByRole('grid', { name: /^Runs of Cantilever, 48 runs/ });
    await map.click({ position: { x: 60, y: 14 } });
    const panel = page.getByRole('region', { name: /^Run \d+$/ });
    const clicked = await panel.getByRole('heading').first().innerText();
    await map.press('ArrowRight');
    const next = `Run ${Number(clicked.slice(4)) + 1}`;
    await page.getByRole('region', { name: next, exact: true }).waitFor();
    await panel
      .getByRole('log')
      .getByText(/solved \d+ equations/)
      .first()
      .waitFor();
    await panel.getByRole('tab', { name: 'Values' }).click();
    expect(await panel.getByRole('table', { name: 'Outputs' }).innerText()).toMatch(/displacement\s+\d/);
    expect(await panel.getByRole('table', { name: 'Variables' }).innerText()).toMatch(/width\s+\d/);
    await panel.getByRole('tab', { name: 'Files' }).click();
    await panel.getByRole('button', { name: 'result.json' }).click();
    await panel.getByRole('log').getByText(/"tip"/).waitFor();
    await page.waitForURL(new RegExp(`run=${next.slice(4)}\\b`));

    await page.reload();
    const row = table.locator(`[data-index="${Number(next.slice(4)) - 1}"]`);
    await eventually(async () => (await row.getAttribute('data-focused')) !== null);
    await page.getByRole('region', { name: next, exact: true }).waitFor();
    await panel.getByRole('log').getByText(/"tip"/).waitFor();
    const kept = new URL(page.url());
    await page.close();

    await server.stop();
    const again = await startServer(slipway);
    const later = await openPage(again.url);
    await loaded(later);
    await later.getByRole('link', { name: 'Cantilever' }).click();
    await later.getByText('48 of 48 runs ended').waitFor();
    expect(new URL(later.url()).pathname).toBe(kept.pathname);
    await later.getByRole('grid', { name: 'Results of Cantilever' }).locator('[data-index="0"]').waitFor();
  }, 120_000);

  it('goes the same way by keyboard alone', async () => {
    const { page } = await openApp();
    await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
    await tabTo(page, page.getByRole('banner').getByRole('link', { name: 'New job' }));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/jobs\/new/);
    await tabTo(page, page.getByRole('button', { name: 'Choose a folder…' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Choose the job folder' });
    await tabTo(page, dialog.getByRole('button', { name: 'Examples' }));
    await page.keyboard.press('Enter');
    const folders = dialog.getByRole('listbox', { name: 'Folders' });
    await folders.getByRole('option', { name: 'cantilever', exact: true }).waitFor();
    await tabTo(page, folders);
    await page.keyboard.press('c');
    await eventually(async () => (await folders.locator('[data-active]').innerText()).startsWith('cantilever'));
    if ((await folders.locator('[data-active]').innerText()) !== 'cantilever') await page.keyboard.press('c');
    await page.keyboard.press('Enter');
    await dialog.getByText('job folder', { exact: true }).waitFor();
    await tabTo(page, dialog.getByRole('button', { name: 'Choose this folder' }));
    await page.keyboard.press('Enter');
    await page.getByText('Everything is checked.').waitFor();
    // Ctrl+Enter runs from anywhere in the form.
    await tabTo(page, page.getByRole('textbox', { name: 'Job name' }));
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/\/jobs\/(?!new)/);
    await page.getByText('48 of 48 runs ended').waitFor({ timeout: 60_000 });
    const map = page.getByRole('grid', { name: /^Runs of Cantilever/ });
    await tabTo(page, map);
    await page.keyboard.press('End');
    await page.getByRole('region', { name: /^Run \d+$/ }).waitFor();
    await page.keyboard.press('Enter');
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('role') === 'tab'));
    // The command field leads anywhere.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('show all jobs');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/jobs$/);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('cantil');
    await page.getByRole('option', { name: /Cantilever/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('48 of 48 runs ended').waitFor();
  }, 120_000);
});
