/** Real programs that tests run against, from Debian's packages. Installed when missing where that is possible (root, apt). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → Debian package. */
const PEERS = {
  chromium: 'chromium',
  ccx: 'calculix-ccx',
  busybox: 'busybox',
  bash: 'bash',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
  fish: 'fish',
  tcsh: 'tcsh',
  zsh: 'zsh',
  zstd: 'zstd',
  rsync: 'rsync',
  munged: 'munge',
  slurmctld: 'slurmctld',
  slurmd: 'slurmd',
  sbatch: 'slurm-client',
  slurmdbd: 'slurmdbd',
  sge_qmaster: 'gridengine-master',
  sge_execd: 'gridengine-exec',
  qconf: 'gridengine-client',
  mariadbd: 'mariadb-server',
  age: 'age',
  rclone: 'rclone',
  'ceph-mon': 'ceph-mon',
  'ceph-osd': 'ceph-osd',
  radosgw: 'radosgw',
  aws: 'awscli',
};
/** Servers are on no ordinary person's PATH. */
const FOLDERS = ['/usr/sbin', '/sbin'];
/** While it exists, installing a server does not start it: tests start their own. */
const POLICY = '/usr/sbin/policy-rc.d';

function isThere(program) {
  return [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS].some((folder) => existsSync(join(folder, program)));
}

/** One installation without package descriptions, recommended packages and a wait for the disk after each file: nothing of it has to survive a power cut. */
const INSTALL = `
options='-q -o Acquire::Languages=none -o Dpkg::Options::=--force-unsafe-io'
[ -z "$POLICY" ] || trap 'rm -f "$POLICY"' EXIT
apt-get $options update; apt-get $options install -y --no-install-recommends "$@"`;

/** Installs what is missing, in a process of its own so that it can go on beside other work; resolves when all is there that can be had. */
export async function ensurePeers() {
  const missing = Object.keys(PEERS).filter((program) => !isThere(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PEERS[program]);
  if (process.platform === 'linux' && isThere('apt-get') && process.getuid?.() === 0) {
    console.log(`\n── installing ${packages.join(', ')}`);
    const quiet = !existsSync(POLICY);
    if (quiet) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', POLICY: quiet ? POLICY : '' };
    await once(
      spawn('sh', ['-c', INSTALL, 'sh', ...packages], { env, stdio: ['ignore', 'ignore', 'inherit'] }),
      'close',
    );
  }
  const still = missing.filter((program) => !isThere(program));
  for (const program of still) {
    console.log(
      `── ${program} is missing (Debian package ${PEERS[program]}): the tests that need it are skipped, or fail where CI is set`,
    );
  }
}
