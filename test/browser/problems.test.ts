import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../shared/domain/problem.ts';
import { writeFiles } from '../support/job-folder.ts';
import { eventually } from '../support/slipway.ts';
import { openApp, openFolder, typeOver, useBrowser } from './support.ts';

useBrowser();

const YAML = `name: Trouble
type: doe
inputs: [mesh.msh]
command: ./solve \${width} \${hight}
doe:
  runs: runs.csv
  templates: [{from: deck.template, to: deck}]
hardware: {slots: 1, coresPerSlot: 4000, walltime: 1m}
outputs:
  tip: {file: stdout, regex: 'tip (\\d+'}
`;

function troubledFolder(): string {
  return writeFiles({
    'slipway.yaml': YAML,
    'runs.csv': 'width,height\n1,2\n3\n',
    'deck.template': 'w = ${width}\nd = ${depth}\n',
  });
}

/** The section that has the focus or, for a line of a text, holds it. */
function focusedSection(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.closest('[id^="section-"]')?.id);
}

const SMALL = 'name: Small\ntype: basic\ncommand: echo hello\n';

describe('a folder with many errors', () => {
  it('shows all of them at once, as the check of the command line does, each leading to its place', async () => {
    const { slipway, page } = await openApp();
    const folder = troubledFolder();
    const check = await slipway.json<{ problems: Problem[] }>('check', folder);
    expect(check.value.problems.length).toBeGreaterThanOrEqual(6);
    await openFolder(page, folder);
    const summary = page.getByLabel('Summary');
    const links = summary.getByRole('region').getByRole('button');
    const listed = await links.allInnerTexts();
    expect(listed).toHaveLength(check.value.problems.length);
    for (const problem of check.value.problems) {
      const words = problem.message.replaceAll('`', '').slice(0, 60).toLowerCase();
      expect(listed.filter((text) => text.toLowerCase().includes(words))).not.toEqual([]);
    }

    const errors = check.value.problems.filter((problem) => problem.severity === 'error').length;
    const run = summary.getByRole('button', { name: /^Run/ });
    expect(await run.isDisabled()).toBe(true);
    expect(await page.locator(`#${await run.getAttribute('aria-describedby')}`).innerText()).toBe(
      `${errors} errors to mend first.`,
    );

    const template = page.getByRole('textbox', { name: 'Template deck.template' });
    expect(await template.locator('.slip-mark-value').allInnerTexts()).toEqual(['${width}']);
    expect(await template.locator('.slip-mark-unknown').allInnerTexts()).toEqual(['${depth}']);

    const places: Record<string, string> = {
      'mesh.msh': 'section-files',
      '${hight} is not defined': 'section-command',
      depth: 'section-templates',
      '4000 cores': 'section-hardware',
      'output "tip"': 'section-outputs',
      'runs.csv:3': 'section-runs',
    };
    for (const [word, section] of Object.entries(places)) {
      await links.filter({ hasText: word }).first().click();
      await eventually(async () => (await focusedSection(page)) === section).catch(async () => {
        throw new Error(`${word} leads to ${String(await focusedSection(page))}, not to ${section}`);
      });
    }
  }, 60_000);

  it('loses a problem as soon as it is mended, in a field or in the text of slipway.yaml', async () => {
    const { page } = await openApp();
    await openFolder(page, troubledFolder());
    const summary = page.getByLabel('Summary');
    const about = (word: string) => summary.getByRole('region').getByRole('button').filter({ hasText: word });
    const text = page.getByRole('textbox', { name: 'Text of slipway.yaml' });
    await typeOver(text, YAML.replace('hight', 'height').replace('inputs: [mesh.msh]\n', ''));
    await about('hight').first().waitFor({ state: 'detached' });
    await about('mesh.msh').first().waitFor({ state: 'detached' });
    await page.getByLabel('Cores per slot').fill('1');
    await page.getByLabel('Cores per slot').press('Tab');
    await about('4000 cores').first().waitFor({ state: 'detached' });
    expect(await about('depth').count()).toBe(1);

    await typeOver(text, 'name: [unclosed\n');
    await summary.getByText('slipway.yaml cannot be read.').waitFor();
    expect(await summary.getByRole('button', { name: /^Run/ }).isDisabled()).toBe(true);
    expect(await page.getByLabel('Cores per slot').isDisabled()).toBe(true);
    await typeOver(text, SMALL);
    await summary.getByText('Everything is checked.').waitFor();
    await summary.getByRole('button', { name: 'Save slipway.yaml' }).waitFor();
    await text.press('ControlOrMeta+a');
    await page.keyboard.type('name: Typed');
    expect(await text.innerText()).toBe('name: Typed');
    // One undo takes back what was typed without a pause, and a busy machine makes pauses.
    for (
      let undone = 0;
      undone < 'name: Typed'.length && (await text.innerText()).trimEnd() !== SMALL.trimEnd();
      undone++
    )
      await text.press('ControlOrMeta+z');
    await summary.getByText('Everything is checked.').waitFor();
  }, 60_000);
});

describe('the try-out of an output', () => {
  it('shows match and value on a pasted sample, and what is wrong with a bad expression', async () => {
    const { page } = await openApp();
    const folder = writeFiles({
      'slipway.yaml': `name: Try
type: basic
command: echo tip 3.25
outputs:
  tip: {file: stdout, regex: 'tip (\\S+)', unit: mm}
`,
    });
    await openFolder(page, folder);
    const outputs = page.locator('#section-outputs');
    await outputs.getByRole('button', { name: /^tip/ }).click();
    const sample = outputs.getByRole('textbox', { name: 'Sample of stdout' });
    await typeOver(sample, 'begin\ntip 3.25\nend');
    const result = outputs.locator('[class*="result"][aria-live="polite"]');
    await result.getByText('3.25', { exact: true }).waitFor();
    await result.getByText('mm').waitFor();
    expect(await sample.locator('.slip-mark-used').innerText()).toContain('3.25');

    const regex = outputs.getByLabel('Regular expression');
    await regex.fill('tip (\\S+');
    await regex.press('Tab');
    await outputs
      .getByText(/parenthes|group|unterminated|expression/i)
      .filter({ hasText: /\(/ })
      .first()
      .waitFor();
    await page.getByLabel('Summary').getByText('1 error to mend first.').waitFor();
    await regex.fill('nothing (\\d+)');
    await result.getByText('No match in this sample.').waitFor();
    await regex.fill('(tip) ');
    await eventually(async () => !(await result.innerText()).includes('No match'));
  }, 60_000);
});
