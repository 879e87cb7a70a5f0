import type { CoreType, RemoteSiteKind } from '../../../../shared/contract/sites.ts';
import type { SchedulerAdapter, SchedulerLimits } from '../../../../shared/domain/scheduler/types.ts';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import type { FileTools, SiteFiles } from '../../transfer/host-files.ts';

/** What a probe found on a host; decides how files are packed and scripts are started. */
export interface SiteTools extends FileTools {
  /** GNU or busybox `stat -c`. */
  readonly statFormat: boolean;
  /** Absolute path of bash; null = there is none. */
  readonly bash: string | null;
}

/** The host that a site's files go through, with what it has for moving them. */
export interface FileHost {
  readonly host: RemoteHost;
  readonly tools: FileTools;
}

/** A stored site, ready to be worked with. */
export interface RemoteSite {
  readonly name: string;
  readonly kind: RemoteSiteKind;
  readonly host: RemoteHost;
  /** How files get there and back: by this host, or by one that shares its file system. */
  readonly files: SiteFiles;
  /** The same host, for those who look at files and move trees by themselves. */
  readonly fileHost: FileHost;
  readonly scheduler: SchedulerAdapter;
  readonly limits: SchedulerLimits;
  readonly tools: SiteTools;
  /** Absolute path on the host. */
  readonly workdir: string;
  /** Folders with room for large files, absolute; the best first. */
  readonly scratch: readonly string[];
  readonly coreTypes: readonly CoreType[];
  /** Seconds between looks that a person set; null = Slipway chooses. */
  readonly pollSeconds: number | null;
}

/** Stored sites by name; null = there is none of that name (any more). */
export type FindRemoteSite = (name: string) => RemoteSite | null;
