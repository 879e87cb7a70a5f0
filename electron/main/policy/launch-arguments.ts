import { z } from '../../../shared/zod.ts';

export interface LaunchArguments {
  /** Profile folder as written; undefined = the usual one. */
  readonly home: string | undefined;
  /** Folder to open New job with, as written; null = none. */
  readonly folder: string | null;
}

/**
 * Reads `[--home DIR] [FOLDER]` from a command line that may hold Chromium's own switches too; those, and what is not
 * understood, are passed over. Unpackaged, the first plain argument is the app itself. `argv` as in `process.argv`.
 */
export function launchArguments(argv: readonly string[], isPackaged: boolean): LaunchArguments {
  const plain: string[] = [];
  let home: string | undefined;
  const rest = argv.slice(1);
  for (let i = 0; i < rest.length; i++) {
    const argument = rest[i]!;
    if (argument === '--home') home = rest[++i];
    else if (argument.startsWith('--home=')) home = argument.slice('--home='.length);
    else if (!argument.startsWith('-') && argument !== '') plain.push(argument);
  }
  return { home, folder: plain[isPackaged ? 0 : 1] ?? null };
}

const secondInstance = z.object({ folder: z.string().max(4096).nullable() });
/** What a second start tells the first one. */
export type SecondInstance = z.infer<typeof secondInstance>;

/** Another process may say anything: what is not understood asks for nothing but the window. */
export function readSecondInstance(data: unknown): SecondInstance {
  const parsed = secondInstance.safeParse(data);
  return parsed.success ? parsed.data : { folder: null };
}
