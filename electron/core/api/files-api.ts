import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import type { CoreHandlers } from '../../../shared/contract/index.ts';
import { isSpecFile } from '../../../shared/domain/job-spec/spec-file-name.ts';
import { AppError } from '../../../shared/errors.ts';
import { listFolder } from '../files/list-folder.ts';
import { localRoots } from '../places/local-roots.ts';
import type { CoreServices } from '../services.ts';

export function filesHandlers(services: CoreServices): CoreHandlers['files'] {
  return {
    list: async ({ path }) => {
      const folder = await existing(path ?? homedir());
      const entries = await listFolder(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOTDIR') throw new AppError('bad_input', `${folder} is a file, not a folder.`);
        throw new AppError('files/denied', `${folder} cannot be read (${error.code ?? error.message}).`);
      });
      const parent = dirname(folder);
      const places = localRoots(services).map(({ title, place }) => ({ title, path: place.path }));
      return {
        path: folder,
        parent: parent === folder ? null : parent,
        entries,
        isJobFolder: entries.some((e) => e.kind === 'file' && isSpecFile(e.path)),
        places,
      };
    },
    async *read({ path, limit }, { signal }) {
      const file = await existing(path);
      if (!(await stat(file)).isFile()) throw new AppError('bad_input', `${file} is not a file.`);
      const stream = createReadStream(file, { start: 0, end: limit - 1, signal });
      for await (const chunk of stream) yield new Uint8Array(chunk as Buffer);
    },
  };
}

async function existing(path: string): Promise<string> {
  if (!isAbsolute(path)) throw new AppError('bad_input', `"${path}" is not an absolute path.`);
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') throw new AppError('files/denied', `${path} cannot be read (no permission).`);
    throw new AppError('files/not_found', `${path} does not exist.`);
  }
}
