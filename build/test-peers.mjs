/** Real programs that tests run against, from Debian's packages. Installed when missing where that is possible (root, apt). */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → Debian package. */
const PEERS = { chromium: 'chromium', ccx: 'calculix-ccx', busybox: 'busybox', bash: 'bash' };

function isThere(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

export async function ensurePeers() {
  const missing = Object.keys(PEERS).filter((program) => !isThere(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PEERS[program]);
  if (process.platform === 'linux' && isThere('apt-get') && process.getuid?.() === 0) {
    console.log(`\n── installing ${packages.join(', ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-q'],
      ['install', '-q', '-y', '--no-install-recommends', ...packages],
    ]) {
      spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  }
  const still = missing.filter((program) => !isThere(program));
  for (const program of still) {
    console.log(
      `── ${program} is missing (Debian package ${PEERS[program]}): the tests that need it are skipped, or fail where CI is set`,
    );
  }
}
