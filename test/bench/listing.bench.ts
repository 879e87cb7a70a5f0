import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { framesWhile, withPage } from './page-frames.ts';
import type { PageFrames } from './page-frames.ts';

export interface ListingBenchResult {
  readonly entries: number;
  /** From the key that opens the folder until its files are in sight. */
  readonly secondsToShown: number;
  /** Times between frames while the folder is opened, and while one works in it. */
  readonly frames: Readonly<Record<string, PageFrames>>;
}

/** The Files page in a folder with many entries: how long until it is shown, and whether the page stays responsive. Null without Chromium or a build. */
export async function runListingBench(entries = 20_000): Promise<ListingBenchResult | null> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-bench-'));
  try {
    const folder = join(root, 'study');
    mkdirSync(join(folder, 'frames'), { recursive: true });
    for (let i = 0; i < entries; i++) writeFileSync(join(folder, 'frames', `frame_load=${i % 97}_run=${i}.png`), '');
    const query = new URLSearchParams({ here: folder });
    return await withPage(join(root, 'home'), `/files?${query.toString()}`, async (page) => {
      const table = page.getByRole('grid', { name: 'Files of this workstation' });
      await table.getByText('frames', { exact: true }).click();
      const frames: Record<string, PageFrames> = {};
      let secondsToShown = 0;
      frames['open'] = await framesWhile(page, async () => {
        const started = performance.now();
        await page.keyboard.press('Enter');
        await page.getByText(/run=0\.png/).waitFor();
        secondsToShown = (performance.now() - started) / 1000;
      });
      const box = (await table.boundingBox())!;
      await page.mouse.move(box.x + 100, box.y + 100);
      frames['wheel'] = await framesWhile(page, async () => {
        for (let step = 0; step < 60; step++) {
          await page.mouse.wheel(0, 2000);
          await page.waitForTimeout(20);
        }
      });
      frames['keys'] = await framesWhile(page, async () => {
        await page.keyboard.press('Home');
        for (let step = 0; step < 60; step++)
          await page.keyboard.press(step % 2 === 0 ? 'PageDown' : 'Shift+ArrowDown');
      });
      frames['choose all'] = await framesWhile(page, async () => {
        await page.keyboard.press('Control+a');
        await page.getByText(/^\d.* of .* chosen/).waitFor();
        await page.keyboard.press('Escape');
        await page.waitForTimeout(300);
      });
      frames['sort'] = await framesWhile(page, async () => {
        for (const name of ['Modified', 'Size', 'Name']) {
          await page.getByRole('columnheader', { name }).getByRole('button').click();
          await page.waitForTimeout(300);
        }
      });
      frames['filter'] = await framesWhile(page, async () => {
        await page.getByLabel('Filter by name').first().pressSequentially('load=42_run=1', { delay: 60 });
        await page.getByText(/ shown$/).waitFor();
        await page.keyboard.press('Escape');
        await page.waitForTimeout(300);
      });
      frames['look again'] = await framesWhile(page, async () => {
        await page.keyboard.press('F5');
        await page.waitForTimeout(1500);
      });
      return { entries, secondsToShown, frames };
    });
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}
