import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What axe finds that keeps people from using the page, in words. Between the schemes only colours differ. */
async function barriers(page: Page, scheme: 'light' | 'dark'): Promise<string[]> {
  // The page has no frames of other origins, so that axe need not put its results together in a page of its own.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  if (scheme === 'dark') axe.withRules(['color-contrast']);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
    );
}

/** Looks at pages by name in dark and in light colours, and keeps what is wrong with them. */
export function looking(page: Page) {
  const found: Record<string, string[]> = {};
  const look = async (name: string): Promise<void> => {
    for (const scheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
      // Menus and panels fade in; a colour seen half way is none that stays.
      await page.waitForFunction(() =>
        document
          .getAnimations()
          .every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity),
      );
      const list = await barriers(page, scheme);
      if (list.length > 0) found[`${name}, ${scheme}`] = list;
    }
  };
  return { found, look };
}
