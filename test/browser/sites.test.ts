import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { HAS_SSHD, startSshd } from '../integration/ssh/ssh-lab.ts';
import { tempFolder, writeFiles } from '../support/job-folder.ts';
import { addBox, LOOK_AROUND } from './add-site.ts';
import { address, openApp, openFolder, tabTo, useBrowser } from './support.ts';

useBrowser();

/** Waits until the element has the focus. */
async function focused(target: Locator): Promise<void> {
  await target.waitFor(LOOK_AROUND);
  await expect.poll(() => target.evaluate((node) => node === document.activeElement)).toBe(true);
}

describe.skipIf(!HAS_SSHD)('sites in the app', () => {
  it('adds a host with an unknown key and a code by keyboard alone, in one sign-in', async () => {
    const sshd = await startSshd({
      answers: ['secret', '123456'],
      config: ['AuthenticationMethods publickey,keyboard-interactive'],
    });
    const { page } = await openApp();
    const press = async (target: Locator): Promise<void> => {
      await target.waitFor();
      await tabTo(page, target);
      await page.keyboard.press('Enter');
    };
    await press(page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Sites' }));
    await press(page.getByRole('main').getByRole('link', { name: 'Add site' }));
    // The form begins at its first field.
    await focused(page.getByRole('combobox', { name: 'Host' }));
    await page.keyboard.type(`root@127.0.0.1:${sshd.port}`);
    await page.keyboard.press('Tab');
    await page.keyboard.type(sshd.key);
    await page.keyboard.press('Enter');

    const key = page.getByRole('dialog', { name: /First time on/ });
    await key.getByText(/^SHA256:/).waitFor();
    // Enter at once must not accept a key that nobody has looked at.
    await focused(key.getByRole('button', { name: 'Do not connect' }));
    await press(key.getByRole('button', { name: 'It is the right key' }));
    await focused(page.getByRole('dialog', { name: /Sign in to/ }).getByRole('textbox'));
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'What is there' }).waitFor(LOOK_AROUND);
    await focused(page.getByLabel('Name of the site'));
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('box');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(join(tempFolder('slipway-work-'), 'work'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await focused(page.getByRole('heading', { name: 'box' }));
    await press(page.getByRole('button', { name: 'Run a one-second job' }));
    await page.getByText(/^box works: /).waitFor({ timeout: 60_000 });
    // Sign in, shell, work folder, hand over, run, bring back.
    expect(await page.locator('[aria-labelledby="site-test"]').getByRole('listitem').count()).toBe(6);
    expect(sshd.accepted()).toBe(1);
  }, 120_000);

  it('says no to a host key, and forgets nothing of what was typed', async () => {
    const sshd = await startSshd();
    const { page, server } = await openApp();
    await page.goto(address(server, '/sites?add=true'));
    await page.getByRole('combobox', { name: 'Host' }).fill(`root@127.0.0.1:${sshd.port}`);
    await page.getByLabel('Private key').fill(sshd.key);
    await page.getByRole('button', { name: 'Sign in and look around' }).click();
    await page.getByRole('button', { name: 'Do not connect' }).click();
    await page.getByRole('alert').getByText('The host could not be looked at.').waitFor();
    expect(await page.getByLabel('Private key').inputValue()).toBe(sshd.key);
    expect(sshd.accepted()).toBe(0);
    expect(await page.getByRole('heading', { name: 'What is there' }).count()).toBe(0);
  }, 60_000);

  it('runs a job on a host that can be repaired, and follows it by its site', async () => {
    const sshd = await startSshd();
    const { page, server } = await openApp();
    await addBox(page, server, sshd);

    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `name: Repair
type: doe
command: sleep \${n}; [ \${n} -lt 3 ] || sleep 30
doe: {runs: runs.csv}
hardware: {slots: 3, walltime: 4s}
`,
    });
    await openFolder(page, folder);
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'box' }).click();
    await page.getByText(/^this-host of box has/).waitFor();
    await page.getByRole('button', { name: 'Run 3 runs' }).click();
    await page.getByText(/^box: /).waitFor();
    await page.getByRole('button', { name: 'Re-run with 6 s' }).waitFor({ timeout: 60_000 });

    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('row', { name: /Repair box/ }).waitFor();
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'This workstation' }).click();
    await page.getByText('No job on This workstation yet').waitFor();
    await page.getByRole('button', { name: 'Show all jobs' }).click();
    await page.getByRole('link', { name: 'Repair' }).waitFor();
    await sshd.stop();
    await page.goto(address(server, '/sites?site=box'));
    await page
      .getByText(/Unreachable|Not connected/)
      .first()
      .waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: '1 job', exact: true }).click();
    await page.waitForURL(/site=box/);
    await page.getByRole('link', { name: 'Repair' }).waitFor();
  }, 120_000);

  it('keeps own software: jobs find it by name, and it replaces what was found of the same name', async () => {
    const sshd = await startSshd();
    const { page, server } = await openApp();
    await addBox(page, server, sshd);
    const table = page.getByRole('table', { name: 'Software' });
    await page.getByRole('button', { name: 'Add software' }).click();
    const entry = page.getByRole('dialog', { name: 'Software of box' });
    await entry.getByRole('combobox', { name: 'Name' }).fill('greeter');
    await entry.getByLabel('Title').fill('Greeter');
    await entry.getByLabel('Set-up').fill('WORD=hello; export WORD');
    await entry.getByLabel('Variables').fill('LICENCE=1055@server');
    await entry.getByLabel('Usual command').fill('echo');
    await entry.getByRole('button', { name: 'Add entry' }).click();
    await table.getByRole('row', { name: /Greeter your own .* sets LICENCE/ }).waitFor();
    await page.getByRole('button', { name: 'Change Greeter' }).click();
    const change = page.getByRole('dialog', { name: 'Greeter on box' });
    await change.getByLabel('Version').fill('2');
    await change.getByRole('button', { name: 'Save entry' }).click();
    await change.waitFor({ state: 'detached' });
    await table.getByRole('row', { name: /Greeter 2 your own/ }).waitFor();
    expect(await table.getByRole('row', { name: /Greeter/ }).count()).toBe(1);

    const folder = writeFiles({
      'slipway.yaml': 'name: Greeting\ntype: basic\ncommand: echo $WORD $LICENCE\nhardware: {walltime: 1m}\n',
    });
    await openFolder(page, folder);
    await page.getByRole('combobox', { name: 'Site' }).click();
    await page.getByRole('option', { name: 'box' }).click();
    await page.getByText(/^this-host of box has/).waitFor();
    await page.getByRole('combobox', { name: 'Software' }).click();
    await page.getByRole('option', { name: 'Greeter 2' }).click();
    await page.getByText('Set up by WORD=hello; export WORD').waitFor();
    await page.getByRole('button', { name: /^Run/ }).click();
    await page.getByRole('log').getByText('hello 1055@server').waitFor({ timeout: 60_000 });

    await page.goto(address(server, '/sites?site=box'));
    await page.getByRole('button', { name: 'Remove Greeter 2' }).click();
    await page.getByRole('button', { name: 'Remove entry' }).click();
    await table.getByRole('row', { name: /Greeter/ }).waitFor({ state: 'detached' });
  }, 120_000);
});
