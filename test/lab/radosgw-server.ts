/**
 * A real S3 store on this machine, in a temp folder and on private ports of 127.0.0.1: Ceph's ceph-mon, ceph-osd (all objects in memory) and
 * radosgw with STS. It is there after about two seconds.
 */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const PROGRAMS = [
  '/usr/bin/ceph',
  '/usr/bin/ceph-authtool',
  '/usr/bin/ceph-mon',
  '/usr/bin/ceph-osd',
  '/usr/bin/monmaptool',
  '/usr/bin/radosgw',
  '/usr/bin/radosgw-admin',
];

/** Whether this machine can run the lab; where CI is set a missing program is a failure. */
export function hasRadosgw(): boolean {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  const can = process.platform === 'linux' && missing.length === 0;
  if (!can && process.env['CI']) throw new Error(`The S3 lab needs Linux and ${missing.join(', ')}`);
  return can;
}

/** Somebody with keys. */
export interface S3User {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Radosgw {
  /** `http://127.0.0.1:PORT`, for S3 and STS. Buckets are in the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly folder: string;
  /** Runs `radosgw-admin` and returns what it prints. */
  admin(...args: string[]): Promise<string>;
  addUser(name: string): Promise<S3User>;
  /** Keeps a user below a number of bytes; a larger PUT is refused with `QuotaExceeded`. */
  limit(user: S3User, bytes: number): Promise<void>;
  addBucket(owner: S3User, bucket: string): Promise<void>;
  /** A role that the user may take by AssumeRole, and that may do everything in the bucket. Returns its ARN. */
  addRole(name: string, trusts: S3User, bucket: string): Promise<string>;
  /** A plain client, to look from outside at what is in the store. */
  client(user: S3User): S3Client;
  /** Kills the gateway, as its machine would at a loss of power; the objects stay. */
  stopGateway(): Promise<void>;
  startGateway(): Promise<void>;
  stop(): Promise<void>;
}

/** @param folder that nobody else uses; the caller removes it */
export async function startRadosgw(folder: string): Promise<Radosgw> {
  const [monitorPort, port] = await Promise.all([freePort(), freePort()]);
  const conf = join(folder, 'ceph.conf');
  const keyring = join(folder, 'keyring');
  const map = join(folder, 'monmap');
  const [cluster, disk] = [randomUUID(), randomUUID()];
  for (const name of ['mon', 'osd']) mkdirSync(join(folder, name));
  writeFileSync(conf, configurationOf({ folder, keyring, cluster, monitorPort, port }));

  const execute = promisify(execFile);
  const run = async (program: string, ...args: string[]): Promise<string> =>
    (await execute(`/usr/bin/${program}`, args, { maxBuffer: 64 << 20 })).stdout;
  const admin = (...args: string[]): Promise<string> =>
    run('radosgw-admin', '-c', conf, '-n', 'client.gateway', ...args);
  const daemons: ChildProcess[] = [];
  /** Starts a daemon in the foreground that dies with this process. */
  const daemon = (name: string, program: string, ...args: string[]): ChildProcess => {
    const out = openSync(join(folder, `${name}.out`), 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', `/usr/bin/${program}`, '-f', '-c', conf, ...args], {
      stdio: ['ignore', out, out],
    });
    daemons.push(child);
    return child;
  };

  await run('ceph-authtool', keyring, '--create-keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
  for (const [name, monitor, objects] of [
    ['client.admin', 'allow *', 'allow *'],
    ['osd.0', 'allow profile osd', 'allow *'],
    ['client.gateway', 'allow rw', 'allow rwx'],
  ] as const)
    await run('ceph-authtool', keyring, '--gen-key', '-n', name, '--cap', 'mon', monitor, '--cap', 'osd', objects);
  const address = `[v2:127.0.0.1:${monitorPort}/0]`;
  await run('monmaptool', '--create', '--addv', 'a', address, '--fsid', cluster, map);
  await run('ceph-mon', '-c', conf, '-i', 'a', '--mkfs', '--monmap', map, '--keyring', keyring);
  daemon('mon', 'ceph-mon', '-i', 'a');
  await run('ceph', '-c', conf, 'osd', 'new', disk);
  await run('ceph-osd', '-c', conf, '-i', '0', '--mkfs', '--osd-uuid', disk);
  daemon('osd', 'ceph-osd', '-i', '0');

  const endpoint = `http://127.0.0.1:${port}`;
  let gateway: ChildProcess;
  const startGateway = async (): Promise<void> => {
    gateway = daemon('gateway', 'radosgw', '-n', 'client.gateway');
    const answers = (): Promise<boolean> =>
      fetch(endpoint).then(
        (response) => response.body?.cancel().then(() => true) ?? true,
        () => false,
      );
    await eventually(answers, 60).catch(() => {
      const tail = ['mon', 'osd', 'gateway'].map((name) =>
        readFileSync(join(folder, `${name}.out`), 'utf8').slice(-1000),
      );
      throw new Error(`radosgw did not start:\n${tail.join('\n')}`);
    });
  };
  await startGateway();

  const region = 'us-east-1';
  const client = ({ accessKeyId, secretAccessKey }: S3User): S3Client =>
    new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  return {
    endpoint,
    region,
    folder,
    admin,
    client,
    addUser: async (name) => {
      const accessKeyId = randomBytes(10).toString('hex').toUpperCase();
      const secretAccessKey = randomBytes(20).toString('hex');
      const keys = ['--access-key', accessKeyId, '--secret', secretAccessKey];
      await admin('user', 'create', '--uid', name, '--display-name', name, ...keys);
      return { name, accessKeyId, secretAccessKey };
    },
    limit: async (user, bytes) => {
      await admin('quota', 'set', '--quota-scope=user', '--uid', user.name, `--max-size=${bytes}B`);
      await admin('quota', 'enable', '--quota-scope=user', '--uid', user.name);
    },
    addBucket: async (owner, bucket) => {
      const s3 = client(owner);
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      s3.destroy();
    },
    addRole: async (name, trusts, bucket) => {
      const trust = statement({
        Principal: { AWS: [`arn:aws:iam:::user/${trusts.name}`] },
        Action: ['sts:AssumeRole'],
      });
      const all = statement({ Action: ['s3:*'], Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] });
      await admin('role', 'create', '--role-name', name, '--path', '/', '--assume-role-policy-doc', trust);
      await admin('role-policy', 'put', '--role-name', name, '--policy-name', 'all', '--policy-doc', all);
      return `arn:aws:iam:::role/${name}`;
    },
    stopGateway: () => kill(gateway),
    startGateway,
    stop: async () => {
      await Promise.all(daemons.map(kill));
    },
  };
}

function statement(allowed: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...allowed }] });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/**
 * One copy of everything, on one disk that is memory. The monitor decides at once (by default it waits up to a second for more to decide about), and a killed
 * gateway is given up after two seconds instead of thirty. Keys are looked up before roles, so that a wrong one is called that.
 */
function configurationOf(lab: {
  readonly folder: string;
  readonly keyring: string;
  readonly cluster: string;
  readonly monitorPort: number;
  readonly port: number;
}): string {
  return `[global]
fsid = ${lab.cluster}
mon_host = v2:127.0.0.1:${lab.monitorPort}/0
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
admin_socket =
run_dir = ${lab.folder}
crash_dir = ${lab.folder}
log_file = ${lab.folder}/$name.log
mon_cluster_log_file = ${lab.folder}/cluster.log
keyring = ${lab.keyring}
mon_data = ${lab.folder}/mon
mon_data_avail_warn = 1
mon_data_avail_crit = 1
osd_data = ${lab.folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 8589934592
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
auth_allow_insecure_global_id_reclaim = false
osd_client_watch_timeout = 2

[client.gateway]
rgw_data = ${lab.folder}
rgw_frontends = beast endpoint=127.0.0.1:${lab.port}
rgw_s3_auth_use_sts = true
rgw_s3_auth_order = local, sts
rgw_sts_key = ${randomBytes(8).toString('hex')}
`;
}
