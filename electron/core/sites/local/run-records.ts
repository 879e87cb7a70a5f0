/** The records that a run wrapper leaves in the run folder. They come from outside: a full disk, a person or the command itself may have spoilt them. */
import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '../../../../shared/zod.ts';
import { endRecord } from '../end-record.ts';
import type { EndRecord, RunHandle } from '../site.ts';

const startRecord = z.object({
  attempt: z.number().int().positive(),
  pid: z.number().int().positive(),
  /** Start of the process as the system tells it; with `pid` it names the process for ever. */
  startTicks: z.string().nullable(),
  /** Changes with every start of the machine. */
  bootId: z.string().nullable(),
  host: z.string(),
  /** Seconds since 1970. */
  startedAt: z.number(),
  /** Seconds since the machine started. */
  uptime: z.number().nullable(),
  token: z.string().min(1),
});
export type StartRecord = z.infer<typeof startRecord>;

/** `absent`: no record of this attempt. `damaged`: there is one, and it cannot be read; `ageMs` since it was last written. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly record: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly reason: string; readonly empty: boolean; readonly ageMs: number };

/** The record of the attempt's start: its claim, or `start.json` when someone tidied `.slipway` away. */
export async function readStart(run: RunHandle, now: number): Promise<Reading<StartRecord>> {
  const claim = await readRecord(claimPath(run), startRecord, run.attempt, now);
  if (claim.kind === 'read') return claim;
  const published = await readRecord(join(run.runDir, 'start.json'), startRecord, run.attempt, now);
  return published.kind === 'read' || claim.kind === 'absent' ? published : claim;
}

/** The record of the attempt's end, from `end.json`. */
export async function readEnd(run: RunHandle, now: number): Promise<Reading<EndRecord>> {
  return await readRecord(join(run.runDir, 'end.json'), endRecord, run.attempt, now);
}

/** Writes `end.json` in the place of a wrapper that could not. */
export async function writeEnd(run: RunHandle, end: EndRecord): Promise<void> {
  const temporary = join(run.runDir, '.slipway', `end.${run.attempt}.core`);
  await writeFile(temporary, `${JSON.stringify(end)}\n`);
  await rename(temporary, join(run.runDir, 'end.json'));
}

/** Its existence belongs to the attempt: the wrapper creates it exclusively before anything else. */
export function claimPath(run: RunHandle): string {
  return join(run.runDir, '.slipway', `claim.${run.attempt}`);
}

/** Its existence says that the person (not a shutdown) wants the attempt to end. */
export function cancelPath(run: RunHandle): string {
  return join(run.runDir, '.slipway', `cancel.${run.attempt}`);
}

/** The word that every process of the attempt carries in its environment: 32 hexadecimal digits, the same in every core. */
export function runToken(run: RunHandle): string {
  return createHash('sha256').update(`${run.runDir}\0${run.attempt}`).digest('hex').slice(0, 32);
}

async function readRecord<T extends { attempt: number }>(
  path: string,
  schema: z.ZodType<T>,
  attempt: number,
  now: number,
): Promise<Reading<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return { kind: 'absent' };
    return { kind: 'damaged', reason: `${path} cannot be read: ${messageOf(error)}`, empty: false, ageMs: Infinity };
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success)
    return parsed.data.attempt === attempt ? { kind: 'read', record: parsed.data } : { kind: 'absent' };
  const ageMs = await stat(path).then(
    (found) => now - found.mtimeMs,
    () => Infinity,
  );
  const where = parsed.error.issues[0]?.path.join('.') || 'the text';
  const reason = `${path} is not a record of a run wrapper (${where} makes no sense)`;
  return { kind: 'damaged', reason, empty: text.trim() === '', ageMs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
