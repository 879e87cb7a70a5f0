import type { Place } from '../../../../shared/domain/transfer/place.ts';
import type { Clock } from '../../clock.ts';
import type { SentContentStore } from '../../storage/sent-content-store.ts';
import type { PlanSummary, TransferRow } from '../../storage/transfer-store.ts';
import type { FarEnd } from '../ends/far-end.ts';
import type { FollowFile, HashFile } from '../local/hash-file.ts';
import type { WalkLocal } from '../local/walk-local.ts';
import { FetchMover } from './fetch-mover.ts';
import type { Mover } from './mover.ts';
import { SendMover } from './send-mover.ts';
import type { Seal } from './seal.ts';
import type { Ends } from './survey.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface MoverDeps {
  /** The far end of a place; for a local one, the folders of this workstation. @throws AppError `not_found` */
  readonly endOf: (place: Place) => FarEnd;
  /** The folders of this workstation. */
  readonly local: FarEnd;
  readonly hash: HashFile;
  /** Walks folders of this workstation. */
  readonly walk: WalkLocal;
  readonly follow: FollowFile;
  readonly bucket: TokenBucket;
  /** What was sent before. */
  readonly sent: SentContentStore;
  readonly clock: Clock;
  /** @throws AppError `not_found` when there is no such key */
  readonly sealOf: (key: string) => Seal;
}

/** Finds the two ends of a request and looks what the far one can do. @throws AppError `not_found`, RemoteError, EndError */
export async function openEnds(
  deps: MoverDeps,
  { request, direction }: Pick<TransferRow, 'request' | 'direction'>,
  signal: AbortSignal,
): Promise<Ends> {
  const target = deps.endOf(request.to);
  const source = direction === 'down' ? deps.endOf(request.from[0]!) : null;
  const { key } = request.options;
  const seal = key === null ? null : deps.sealOf(key);
  return { direction, target, source, seal, traits: await (source ?? target).traits(signal) };
}

/** Opens the session in which the files of a plan are moved. @throws RemoteError, EndError */
export async function openMover(
  deps: MoverDeps,
  { id, request }: Pick<TransferRow, 'id' | 'request'>,
  ends: Ends,
  plan: PlanSummary,
  signal: AbortSignal,
): Promise<Mover> {
  const { hash, follow, bucket, local, sent, clock } = deps;
  const throttle = (bytes: number): Promise<void> => bucket.take(bytes, signal);
  const common = { traits: ends.traits, seal: ends.seal, plan, transfer: id, hash, throttle };
  if (ends.source === null)
    return SendMover.open(
      { ...common, sent, clock, hashesFirst: false, end: ends.target, kind: request.to.kind },
      signal,
    );
  return new FetchMover({ ...common, follow, end: ends.source, kind: request.from[0]!.kind, local });
}
