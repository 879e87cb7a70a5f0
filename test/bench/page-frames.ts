/** How smooth a page of the app is while its job goes on. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env['SLIPWAY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const SERVER = fileURLToPath(new URL('../../dist/server.js', import.meta.url));

export interface PageFrames {
  /** Milliseconds from one frame to the next, software rendering. */
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

/** Opens a job in Chromium on the profile whose core runs already, moves the pointer over its run map for so many seconds, and tells the times between frames. Null without Chromium or a build. */
export async function measurePageFrames(home: string, job: string, seconds: number): Promise<PageFrames | null> {
  if (!existsSync(CHROMIUM) || !existsSync(SERVER)) return null;
  const server = spawn(process.execPath, [SERVER, '--json'], {
    env: { ...process.env, SLIPWAY_HOME: home, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const line = await new Promise<string>((resolve) => createInterface(server.stdout).once('line', resolve));
    const { url } = JSON.parse(line) as { url: string };
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(new URL(`/jobs/${job}${new URL(url).hash}`, url).href);
    const map = page.getByRole('grid', { name: /^Runs of / });
    await map.waitFor();
    const box = (await map.boundingBox())!;
    await page.evaluate(() => {
      const times: number[] = [];
      (window as unknown as { times: number[] }).times = times;
      let last = performance.now();
      const frame = (now: number): void => {
        times.push(now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const until = performance.now() + seconds * 1000;
    for (let step = 0; performance.now() < until; step++) {
      const share = (step % 60) / 60;
      await page.mouse.move(box.x + 60 + share * (box.width - 120), box.y + 10 + share * (box.height - 20));
      await page.waitForTimeout(30);
    }
    const times = await page.evaluate(() => (window as unknown as { times: number[] }).times);
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
    return { median: at(0.5), p99: at(0.99), longest: at(1) };
  } finally {
    await browser.close();
    server.kill();
  }
}
