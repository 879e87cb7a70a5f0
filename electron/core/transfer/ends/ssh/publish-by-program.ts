import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { z } from '../../../../../shared/zod.ts';
import { errorOf } from '../../sftp/sftp-error.ts';
import type { EndProblem, Publication } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import type { AsideFolder } from './aside-folder.ts';
import { asideName } from './aside-folder.ts';
import { problemOfOne } from './end-problem.ts';
import type { FileHost } from './file-host.ts';
import { bytesOfPath, folderWord } from './path-text.ts';
import { differs, isFolderThere, leadsOut, missing, notAFolder } from './publish-problems.ts';
import { PROVEN, PUBLISH_PY } from './publish-program.ts';
import { pythonCommand } from './python-command.ts';
import { talkTo } from './talk-to-program.ts';

const WRITE = 64 * 1024;
const NAMED = '[]';
const answer = z.union([
  z.tuple([z.enum(['differs', 'missing', 'folder'])]),
  z.tuple([z.literal('blocked'), z.string()]),
  z.tuple([z.literal('outside'), z.string(), z.string()]),
  z.tuple([
    z.literal('failed'),
    z.enum(['permission', 'read-only', 'no-space', 'bad-name', 'not-found', 'failed']),
    z.string(),
  ]),
]);
type Answer = z.infer<typeof answer>;

/**
 * Proves files and gives them their names by one program of the host. `known`: what the host has read back already, path → SHA-256. The paths are known to lie inside the root.
 * Resolves to the problems of those that have not got theirs. @throws EndError, RemoteError
 */
export async function publishByProgram(
  host: FileHost,
  aside: AsideFolder,
  files: readonly Publication[],
  {
    known,
    signal,
    onProven,
  }: { readonly known: ReadonlyMap<string, string>; readonly signal: AbortSignal; readonly onProven: () => void },
): Promise<Map<string, EndProblem>> {
  const problems = new Map<string, EndProblem>();
  const asked: Publication[] = [];
  for (const file of files) {
    const hash = known.get(file.path);
    if (hash === undefined || hash === file.sha256) asked.push(file);
    else problems.set(file.path, differs(file.path, 'its hash differs'));
  }
  if (asked.length === 0) return problems;
  const script = `cd ${folderWord(aside.root)} || exit\n${pythonCommand(PUBLISH_PY, posix.basename(aside.path))}`;
  const { output } = await talkTo(host, script, records(asked, known), {
    ...{ doing: 'Publishing', signal },
    // The first thing that it says.
    onOutput: onProven,
  });
  const [proven, ...lines] = output.toString('utf8').trimEnd().split('\n');
  if (proven !== PROVEN || lines.length !== asked.length) throw oddAnswer(host.name);
  for (const [i, line] of lines.entries()) {
    if (line === NAMED) continue;
    const { path } = asked[i]!;
    problems.set(path, problemIn(path, answerOf(line, host.name)));
  }
  return problems;
}

function* records(files: readonly Publication[], known: ReadonlyMap<string, string>): Generator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for (const { path, sha256 } of files) {
    parts.push(
      Buffer.from(`${known.has(path) ? 1 : 0} ${sha256} ${asideName(path)} `),
      bytesOfPath(path),
      Buffer.of(0),
    );
    size += path.length + sha256.length;
    if (size < WRITE) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

/** @throws EndError for what is none of the program's */
function answerOf(line: string, host: string): Answer {
  try {
    return answer.parse(JSON.parse(line));
  } catch (error) {
    throw oddAnswer(host, error);
  }
}

/** @throws EndError for what concerns all of them */
function problemIn(path: string, told: Answer): EndProblem {
  switch (told[0]) {
    case 'differs':
      return differs(path, 'its hash differs');
    case 'missing':
      return missing(path);
    case 'folder':
      return isFolderThere(path);
    case 'blocked':
      return notAFolder(told[1]);
    case 'outside':
      return leadsOut(told[1], told[2]);
    case 'failed':
      return problemOfOne(errorOf(told[1], 'give its name to', bytesOfPath(path), told[2]));
  }
}

function oddAnswer(host: string, cause?: unknown): EndError {
  return new EndError(
    {
      kind: 'other',
      message: `What ${host} says of the files that were to get their names is not understood.`,
      hint: 'Try it again. Files that have their names already are recognised.',
    },
    { cause },
  );
}
