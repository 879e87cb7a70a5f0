import type { SiteKind } from '../../../../shared/contract/sites.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { archiveKindByName } from '../../archives/archive-kind.ts';
import { findProgram } from '../../sites/local/probe-programs.ts';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import type { CheckedStorage } from './checked-job.ts';

/** Programs that nodes use to fetch, unpack and put files. */
const PROGRAMS = ['curl', 'aws', 'rclone', 'unzip', 'python3', 'bsdtar', 'tar', 'awk', 'age'] as const;
const AT = { file: 'slipway.yaml', field: '/storage' } as const;

/** `STO08`: programs that the storage script would miss. On a site that is not connected nobody knows. */
export async function checkStorageTools(
  storage: CheckedStorage,
  site: { readonly name: string; readonly kind: SiteKind },
  host: RemoteHost | null,
): Promise<Problem[]> {
  if (site.kind === 'local' && process.platform === 'win32')
    return [
      problem('STO08', 'error', 'On Windows the files of runs cannot live in a bucket.', {
        ...AT,
        hint: 'Run the job on a site, or copy its files into the job folder.',
      }),
    ];
  const there = site.kind === 'local' ? localPrograms() : await hostPrograms(host);
  if (there === null) return [];
  const problems: Problem[] = [];
  // What the login node does not have a module of the nodes may.
  const severity = site.kind === 'local' ? 'error' : 'warning';
  const here = site.kind === 'local' ? 'this workstation' : site.name;
  const needOne = (names: readonly string[], what: string): void => {
    if (names.some((name) => there.has(name))) return;
    problems.push(
      problem('STO08', severity, `${what} ${names.join(' or ')}, and ${here} has ${none(names)}.`, {
        ...AT,
        hint: `Install ${names[0]} on the machines that run the job.`,
      }),
    );
  };
  needOne(['awk'], 'Files are listed with');
  needOne(['curl', 'aws', 'rclone'], 'Files are fetched from the bucket with');
  if (storage.plan.encrypt !== null) needOne(['age'], 'Encrypted files are opened and made with');
  const plainName = (key: string): string => key.replace(/\.age$/, '');
  const kinds = new Set(storage.objects.map((object) => archiveKindByName(plainName(object.key))));
  if (kinds.has('zip')) needOne(['unzip', 'python3', 'bsdtar'], 'Zip archives are unpacked with');
  if (kinds.has('tar')) needOne(['tar'], 'Tar archives are unpacked with');
  return problems;
}

function none(names: readonly string[]): string {
  return names.length === 1 ? 'none' : names.length === 2 ? 'neither' : 'none of them';
}

function localPrograms(): Set<string> {
  const path = `${process.env['PATH'] ?? ''}:/usr/bin:/bin`;
  return new Set(PROGRAMS.filter((name) => findProgram(name, path) !== null));
}

async function hostPrograms(host: RemoteHost | null): Promise<Set<string> | null> {
  if (host === null || host.status.state !== 'connected') return null;
  const script = `for p in ${PROGRAMS.join(' ')}; do ! command -v "$p" >/dev/null 2>&1 || echo "$p"; done`;
  const found = await host.run(script, { timeoutMs: 20_000 }).catch(() => null);
  return found === null ? null : new Set(found.stdout.toString('utf8').split('\n'));
}
