/** How smooth a page of the app is while a person works in it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';

const CHROMIUM = process.env['SLIPWAY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const SERVER = fileURLToPath(new URL('../../dist/server.js', import.meta.url));

export interface PageFrames {
  /** Milliseconds from one frame to the next, software rendering. */
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Opens a page of the app (`/jobs/ID`) in Chromium on a profile, whose core may run already, and hands it over. Null without Chromium or a build. */
export async function withPage<T>(home: string, path: string, work: (page: Page) => Promise<T>): Promise<T | null> {
  if (!existsSync(CHROMIUM) || !existsSync(SERVER)) return null;
  const server = spawn(process.execPath, [SERVER, '--json'], {
    env: { ...process.env, SLIPWAY_HOME: home, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const line = await new Promise<string>((resolve) => createInterface(server.stdout).once('line', resolve));
    const { url } = JSON.parse(line) as { url: string };
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(new URL(`${path}${new URL(url).hash}`, url).href);
    return await work(page);
  } finally {
    await browser.close();
    server.kill();
    await ended;
  }
}

/** The times between frames while something is done in a page. */
export async function framesWhile(page: Page, act: () => Promise<void>): Promise<PageFrames> {
  await page.evaluate(() => {
    const times: number[] = [];
    const state = { times, stop: false };
    (window as unknown as { frames: typeof state }).frames = state;
    let last = performance.now();
    const frame = (now: number): void => {
      times.push(now - last);
      last = now;
      if (!state.stop) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await act();
  const times = await page.evaluate(() => {
    const state = (window as unknown as { frames: { times: number[]; stop: boolean } }).frames;
    state.stop = true;
    return state.times;
  });
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
  return { median: at(0.5), p99: at(0.99), longest: at(1) };
}

/** Opens a job on the profile whose core runs already, moves the pointer over its run map for so many seconds, and tells the times between frames. Null without Chromium or a build. */
export function measurePageFrames(home: string, job: string, seconds: number): Promise<PageFrames | null> {
  return withPage(home, `/jobs/${job}`, async (page) => {
    const map = page.getByRole('grid', { name: /^Runs of / });
    await map.waitFor();
    const box = (await map.boundingBox())!;
    return framesWhile(page, async () => {
      const until = performance.now() + seconds * 1000;
      for (let step = 0; performance.now() < until; step++) {
        const share = (step % 60) / 60;
        await page.mouse.move(box.x + 60 + share * (box.width - 120), box.y + 10 + share * (box.height - 20));
        await page.waitForTimeout(30);
      }
    });
  });
}
