import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { looking } from './barriers.ts';
import { viewer } from './pictures.ts';
import { address, openApp, useBrowser } from './support.ts';

useBrowser();

const PASSPHRASE = 'correct horse battery';

/** Answers the question for the vault's passphrase, as often as it has fields. */
async function passphrase(page: Page, title: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.waitFor();
  const fields = dialog.locator('input[type="password"]');
  for (let i = 0; i < (await fields.count()); i++) await fields.nth(i).fill(PASSPHRASE);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached', timeout: 30_000 });
}

async function wordsOn(page: Page): Promise<string[]> {
  const items = page.getByRole('dialog').getByRole('list', { name: 'Recovery phrase' }).getByRole('listitem');
  await items.first().waitFor({ timeout: 30_000 });
  return (await items.allTextContents()).map((text) => text.replace(/^\d+/, ''));
}

async function giveBack(page: Page, words: readonly string[]): Promise<void> {
  for (const field of await page
    .getByRole('dialog')
    .getByLabel(/^Word \d+/)
    .all()) {
    const label = await field.evaluate((node) => (node as HTMLInputElement).labels?.[0]?.textContent ?? '');
    await field.fill(words[Number(/\d+/.exec(label)![0]) - 1]!);
  }
}

describe('keys in the app', () => {
  it('a key is made, written down and given back, shared, rotated and recovered', async () => {
    const { page, server } = await openApp();
    const view = viewer(page);
    const barriers = looking(page);
    const look = async (name: string): Promise<void> => {
      await view(name);
      await barriers.look(name);
    };
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Keys' }).click();
    await page.getByText('No key yet').waitFor();
    await look('keys-empty');

    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('no spaces');
    await page.keyboard.press('Enter');
    await page.getByText(/use letters, digits/).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('turbine');
    await look('keys-new');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: /Choose a passphrase/ }).waitFor();
    await look('keys-vault');
    await passphrase(page, 'Choose a passphrase for the vault');
    const words = await wordsOn(page);
    expect(words).toHaveLength(24);
    await look('keys-phrase');
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(words.join(' '));
    // On paper the sheet stands alone, with what to do.
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText(/Whoever has these words/).isVisible()).toBe(true);
    expect(await page.locator('button', { hasText: 'Print' }).isVisible()).toBe(false);
    await view('keys-paper');
    await page.emulateMedia({ media: 'screen' });

    // Left for later, it is told until it is done.
    await page.getByRole('button', { name: 'Later' }).click();
    await page.getByText('The recovery phrase is not confirmed yet').waitFor();
    await look('keys-not-confirmed');
    await page.getByRole('button', { name: 'Show the phrase…' }).click();
    expect(await wordsOn(page)).toEqual(words);
    await page.getByRole('button', { name: 'It is written down' }).click();
    await giveBack(
      page,
      words.map(() => 'wrong'),
    );
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('not what the phrase says').first().waitFor();
    await look('keys-ask-back');
    await giveBack(page, words);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('encrypts and reads').waitFor();
    await page.getByText('in a vault with a passphrase, open now').waitFor();

    await page.getByRole('button', { name: 'Add recipient' }).click();
    await page.getByRole('textbox', { name: 'Public key' }).fill('AGE-SECRET-KEY-1QQQ');
    await page.getByRole('dialog').getByRole('button', { name: 'Add recipient' }).click();
    await page.getByText('That is a secret key.').waitFor();
    await page
      .getByRole('textbox', { name: 'Public key' })
      .fill(await identityToRecipient(await generateX25519Identity()));
    await page.getByLabel('Who that is').fill('Grace');
    await look('keys-recipient');
    await page.getByRole('dialog').getByRole('button', { name: 'Add recipient' }).click();
    await page.getByRole('cell', { name: 'Grace', exact: true }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save key file for recipients' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('turbine.key.age');
    await page.getByRole('button', { name: 'Remove Grace' }).click();
    await page.getByRole('dialog', { name: /^Remove Grace/ }).waitFor();
    await look('keys-remove-recipient');
    await page.getByRole('button', { name: 'Remove and rotate' }).click();
    const later = await wordsOn(page);
    expect(later).not.toEqual(words);
    await page.getByRole('button', { name: 'It is written down' }).click();
    await giveBack(page, later);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('reads', { exact: true }).waitFor();
    await look('keys');
    expect(await page.getByRole('cell', { name: 'Grace', exact: true }).count()).toBe(0);

    await page.getByRole('button', { name: 'Change the passphrase…' }).click();
    await page.getByLabel('Passphrase of now').fill('not this one');
    await page.getByLabel('New passphrase').fill('another passphrase');
    await page.getByLabel('The same again').fill('another');
    await page.keyboard.press('Enter');
    await page.getByText('The two differ.').waitFor();
    await page.getByLabel('The same again').fill('another passphrase');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase').waitFor({ timeout: 30_000 });
    await look('keys-passphrase');
    await page.getByLabel('Passphrase of now').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached', timeout: 30_000 });

    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByRole('menuitem', { name: 'Take a colleague’s key…' }).click();
    await page.getByText('Send this device’s public key').waitFor();
    await look('keys-import');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByRole('menuitem', { name: 'Recover a key…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('wing');
    await page.getByLabel('Recovery phrase').fill(later.with(4, 'slipway').join(' '));
    await page.getByRole('button', { name: 'Recover the key' }).click();
    await page.getByText('word 5 ("slipway")').waitFor();
    await look('keys-recover');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove key…' }).click();
    await page.getByText('the 24 words of each of its 2 papers').waitFor();
    await look('keys-remove');
    await page.getByRole('button', { name: 'Remove key', exact: true }).click();
    await page.getByText('No key yet').waitFor();
    await page.goto(address(server, '/keys?key=nowhere'));
    await page.getByText('There is no key nowhere here.').waitFor();
    expect(barriers.found).toEqual({});
  }, 180_000);
});
