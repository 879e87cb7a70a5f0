import type { CoreType, RemoteSiteKind } from '../../../../shared/contract/sites.ts';
import type { SchedulerAdapter, SchedulerLimits } from '../../../../shared/domain/scheduler/types.ts';
import type { RemoteHost } from '../../ssh/remote-host.ts';

/** What a probe found on a host; decides how files are packed and scripts are started. */
export interface SiteTools {
  readonly tar: boolean;
  readonly zstd: boolean;
  readonly gzip: boolean;
  /** GNU `find -printf`. */
  readonly gnuFind: boolean;
  /** GNU or busybox `stat -c`. */
  readonly statFormat: boolean;
  /** Absolute path of bash; null = there is none. */
  readonly bash: string | null;
}

/** A stored site, ready to be worked with. */
export interface RemoteSite {
  readonly name: string;
  readonly kind: RemoteSiteKind;
  readonly host: RemoteHost;
  readonly scheduler: SchedulerAdapter;
  readonly limits: SchedulerLimits;
  readonly tools: SiteTools;
  /** Absolute path on the host. */
  readonly workdir: string;
  readonly coreTypes: readonly CoreType[];
  /** Seconds between looks that a person set; null = Slipway chooses. */
  readonly pollSeconds: number | null;
}

/** Stored sites by name; null = there is none of that name (any more). */
export type FindRemoteSite = (name: string) => RemoteSite | null;
