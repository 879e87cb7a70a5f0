import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { eventually, Slipway } from '../support/slipway.ts';
import { loaded, openApp, openPage, startServer, useBrowser } from './support.ts';

useBrowser();

/** What Chromium writes when a socket finds nobody. */
const REFUSED = /WebSocket connection to .* failed/;

function waitingFolder(gate: string): string {
  return writeFiles({
    'runs.csv': 'n\n1\n2\n3\n',
    'slipway.yaml': `
name: Waiting
type: doe
command: 'echo begin \${n}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo "value \${n}"'
doe: {runs: runs.csv}
hardware: {slots: 2, walltime: 5m}
outputs:
  value: {file: stdout, regex: 'value (\\d+)'}
`,
  });
}

describe('a core that is not heard', () => {
  it('leaves the page as it was, with its age and what to do, and nothing that would need the core', async () => {
    const { slipway, server, page } = await openApp({ expected: REFUSED });
    const gate = join(tempFolder(), 'gate');
    await slipway.json('run', waitingFolder(gate), '--no-wait');
    await page.getByRole('link', { name: 'Waiting' }).click();
    await page.getByRole('button', { name: 'Running 2' }).waitFor();
    await page.getByRole('grid', { name: 'Results of Waiting' }).locator('[data-index="0"]').click();
    await page.getByRole('log').getByText('begin 1').waitFor();
    await server.kill();

    const banner = page.getByRole('alert').filter({ hasText: 'Not heard from since' });
    await banner.waitFor();
    expect(await banner.innerText()).toMatch(/since \d\d:\d\d.*\(.*\)/);
    await banner.getByText(/start it again and open the link that it prints/).waitFor();
    await page.getByRole('log').getByText('begin 1').waitFor();
    expect(await page.getByRole('grid', { name: /^Runs of Waiting/ }).isVisible()).toBe(true);
    for (const name of ['Cancel job', 'Cancel run']) {
      expect(await page.getByRole('button', { name }).isDisabled()).toBe(true);
    }
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Edit as a new job' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'CSV' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('contentinfo').getByText('Not heard from since').waitFor();
    await banner.getByRole('button', { name: 'Try now' }).click();
    await banner.waitFor();

    // The runs went on without it; the next server takes them up.
    writeFileSync(gate, '');
    const again = await startServer(slipway);
    const later = await openPage(again.url);
    await loaded(later);
    await later.getByRole('link', { name: 'Waiting' }).click();
    await later.getByText('3 of 3 runs ended').waitFor({ timeout: 20_000 });
  }, 60_000);

  it('is replaced without a word when only the process that ran it has ended', async () => {
    const slipway = new Slipway();
    const gate = join(tempFolder(), 'gate');
    const owner = slipway.start(['run', waitingFolder(gate)]);
    await eventually(async () => (await slipway.run('show', 'last')).stdout.includes('Waiting'));
    const { page } = await openApp({ slipway, expected: REFUSED });
    await page.getByRole('link', { name: 'Waiting' }).click();
    await page.getByRole('button', { name: 'Running 2' }).waitFor();
    owner.process.kill('SIGKILL');
    await owner.ended;
    writeFileSync(gate, '');
    await page.getByText('3 of 3 runs ended').waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Done 3' }).waitFor();
    await page.getByRole('contentinfo').getByText('Connected').waitFor();
    expect(await page.getByText('Not heard from since').count()).toBe(0);
  }, 60_000);
});

describe('the door', () => {
  it('keeps the token out of the address and sends pages with a strict policy', async () => {
    const slipway = new Slipway();
    const server = await startServer(slipway);
    const page = await openPage('about:blank');
    const answer = await page.goto(server.url);
    const headers = answer!.headers();
    const policy = headers['content-security-policy']!;
    expect(policy).toMatch(/default-src 'none'|default-src 'self'/);
    expect(policy).toMatch(/script-src 'self'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe-(inline|eval)/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['set-cookie']).toBeUndefined();
    await loaded(page);
    expect(page.url()).not.toContain('token');
    await page.reload();
    await loaded(page);
  }, 60_000);

  it('tells a tab without the token where to get it', async () => {
    const slipway = new Slipway();
    const server = await startServer(slipway);
    const page = await openPage(new URL('/', server.url).href.replace(/#.*/, ''));
    await page.locator('[data-app-state="failed"]').waitFor();
    await page.getByRole('heading', { name: 'This tab may not use Slipway' }).waitFor();
    await page
      .getByRole('alert')
      .getByText(/Open the link that Slipway printed when it started/)
      .waitFor();
    const wrong = await openPage(server.url.replace(/token=.*/, `token=${'0'.repeat(43)}`));
    await wrong.locator('[data-app-state="failed"]').waitFor();
    await wrong
      .getByRole('alert')
      .getByText(/not the one of this Slipway. Open the link it printed/)
      .waitFor();
  }, 60_000);
});
