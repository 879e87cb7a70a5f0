import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import { gatherText } from '../../transfer/channel-bytes.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import type { JobStorage } from '../storage/job-storage.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';

/** Gives the submissions of a job what they may do with its bucket, by SSH standard input into a folder that only the account can read. */
export class BucketAccess {
  readonly #d: RemoteJobDeps;
  readonly #storage: JobStorage;
  readonly #signal: AbortSignal;
  /** By folder of the submission: when a newer access is due. */
  readonly #renewAt = new Map<string, number>();

  constructor(deps: RemoteJobDeps, storage: JobStorage, signal: AbortSignal) {
    this.#d = deps;
    this.#storage = storage;
    this.#signal = signal;
  }

  /** @throws RemoteError, and the bucket's errors; what was there before still holds then. */
  async give(layout: SubmissionLayout, runs: Iterable<number>): Promise<void> {
    const numbers = [...runs];
    const grant = await this.#storage.grant(numbers, this.#signal);
    const open = numbers.map((run) => `open\t${runFolderName(run)}\n`).join('');
    await this.#write(putScript(layout.folder, this.#d.site.scheduler.kind === 'slots'), grant.text + open);
    this.#renewAt.set(layout.folder, grant.renewAt);
  }

  /** Whether a submission needs a newer access; after a restart nobody knows how old it is. */
  isDue(layout: SubmissionLayout): boolean {
    return this.#d.clock.now() >= (this.#renewAt.get(layout.folder) ?? 0);
  }

  /** Takes it away; when the site cannot be reached it ends by its time. */
  retire(layout: SubmissionLayout): void {
    this.#renewAt.delete(layout.folder);
    void this.#d.site.host.run(removeScript(layout.folder)).catch((error: unknown) => {
      this.#d.log.warn({ err: error, job: this.#d.job.id }, 'the access of a submission could not be removed');
    });
  }

  async #write(script: string, text: string): Promise<void> {
    const channel = await this.#d.site.host.exec(script, { signal: this.#signal });
    try {
      const said = gatherText(channel.stderr);
      channel.stdout.resume();
      channel.stdin.end(text);
      const end = await channel.closed;
      if (end.code === null) throw new RemoteError('lost', 'The connection broke while access was given.');
      if (end.code !== 0)
        throw new Error(`The access to the bucket could not be written on the site: ${said().trim()}`);
    } finally {
      channel.destroy();
    }
  }
}

/** On a host that runs the jobs itself the folder is in memory, behind a link. Runs on other nodes need it on the disk that they share. */
function putScript(folder: string, sameHost: boolean): string {
  const access = shellQuote(`${folder}/${JOB_FOLDER.access}`);
  const memory = `/dev/shm/slipway-$(id -u)-${folder.slice(folder.lastIndexOf('/') + 1).replaceAll(/[^\w.-]/g, '')}`;
  return `umask 077
a=${access} m=
${sameHost ? `m="${memory}"` : ''}
if [ -n "$m" ] && mkdir -p -m 700 "$m" 2>/dev/null && [ ! -L "$m" ] && [ -O "$m" ]; then
  [ "$(readlink "$a" 2>/dev/null)" = "$m" ] || { rm -rf "$a" && ln -s "$m" "$a"; } || exit
else
  mkdir -p -m 700 "$a" || exit
fi
mkdir -p "$a/open" && cat >"$a/grant.new" || exit
sed -n 's/^open	//p' "$a/grant.new" | while read -r run; do : >"$a/open/$run" || exit; done || exit
mv -f "$a/grant.new" "$a/grant"`;
}

function removeScript(folder: string): string {
  return `a=${shellQuote(`${folder}/${JOB_FOLDER.access}`)}
m=$(readlink "$a" 2>/dev/null)
case $m in /dev/shm/slipway-*) rm -rf "$m" ;; esac
rm -rf "$a"`;
}
