import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const FOLDER = process.env['SLIPWAY_TEST_PICTURES'];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
] as const;

/** What does not fit, in words: parts that stick out of the window, of their section or of a dialog without a way to scroll to them. */
async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (node: Element): boolean => getComputedStyle(node).overflowX !== 'visible';
    const found: string[] = [];
    for (const frame of document.querySelectorAll('main, main section, [role="dialog"], footer')) {
      const edge = Math.min(frame.getBoundingClientRect().right, window.innerWidth) + 1;
      for (const node of frame.querySelectorAll('*')) {
        if (node.getBoundingClientRect().width === 0 || node.getBoundingClientRect().right <= edge) continue;
        let around = node.parentElement;
        while (around !== null && around !== frame && !scrolls(around)) around = around.parentElement;
        if (around === frame)
          found.push(`${node.tagName} in ${frame.tagName}: ${(node.textContent ?? '').slice(0, 60)}`);
      }
    }
    return found;
  });
}

/**
 * Looks at a page in both sizes: nothing may stick out. When `SLIPWAY_TEST_PICTURES` names a folder it also takes pictures, for the
 * documentation and for people who judge the design: `NAME-WIDTH-SCHEME.png`, light and dark. Leaves the page as it was.
 */
export function viewer(page: Page): (name: string) => Promise<void> {
  return async (name) => {
    const before = page.viewportSize()!;
    for (const size of SIZES) {
      await page.setViewportSize(size);
      // Panes take their new sizes a moment after the window.
      await expect.poll(() => overflowing(page), { message: `${name} at ${size.width} × ${size.height}` }).toEqual([]);
      if (FOLDER === undefined) continue;
      mkdirSync(FOLDER, { recursive: true });
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.waitForFunction(() =>
          document
            .getAnimations()
            .every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity),
        );
        await page.screenshot({ path: join(FOLDER, `${name}-${size.width}-${scheme}.png`) });
      }
      await page.emulateMedia({ colorScheme: 'light' });
    }
    await page.setViewportSize(before);
  };
}
