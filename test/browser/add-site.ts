import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Sshd } from '../integration/ssh/ssh-lab.ts';
import { tempFolder } from '../support/job-folder.ts';
import type { AppServer } from './support.ts';
import { address } from './support.ts';

/** Milliseconds that a look around on a host may take: it starts many small programs. */
export const LOOK_AROUND = { timeout: 60_000 } as const;

/** Adds the host as the site `box` with the mouse, with a work folder of its own. */
export async function addBox(page: Page, server: AppServer, sshd: Sshd): Promise<void> {
  await page.goto(address(server, '/sites?add=true'));
  await page.getByRole('combobox', { name: 'Host' }).fill(`root@127.0.0.1:${sshd.port}`);
  await page.getByLabel('Private key').fill(sshd.key);
  await page.getByRole('button', { name: 'Sign in and look around' }).click();
  await page.getByRole('button', { name: 'It is the right key' }).click(LOOK_AROUND);
  await page.getByLabel('Name of the site').fill('box', LOOK_AROUND);
  await page.getByRole('combobox', { name: 'Work folder' }).fill(join(tempFolder('slipway-work-'), 'work'));
  await page.getByRole('button', { name: 'Add site' }).click();
  await page.getByRole('heading', { name: 'box' }).waitFor(LOOK_AROUND);
}
