import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bringIn } from '../../../renderer/features/new-job/bring-in.ts';
import { commandMarks } from '../../../renderer/features/new-job/command-marks.ts';
import { insertedSpans } from '../../../renderer/features/new-job/inserted-spans.ts';
import { hardwareUse, roundsOf, runsSentence } from '../../../renderer/features/new-job/job-words.ts';
import { exampleOf, looksBinary, readText } from '../../../renderer/features/new-job/sample-text.ts';
import { changeBetween, withoutCarriageReturns } from '../../../renderer/ui/code-view/text-places.ts';
import type { Dropped } from '../../../renderer/ui/file-drop/dropped-files.ts';
import { listEntries, pickedFiles, withoutTopFolder } from '../../../renderer/ui/file-drop/dropped-files.ts';
import { UPLOAD_CHUNK, uploadFiles } from '../../../renderer/ui/file-drop/upload-files.ts';
import type { UploadPiece } from '../../../renderer/ui/file-drop/upload-files.ts';
import { childPath, crumbsOf } from '../../../shared/domain/transfer/folder-path.ts';
import type { Draft } from '../../../shared/contract/drafts.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';

function file(name: string, text = name): File {
  return new File([text], name);
}

/** A dropped file or folder as browsers give them: a folder hands out its children in batches. */
function entry(path: string, children?: readonly FileSystemEntry[]): FileSystemEntry {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const base = { name, fullPath: path, isFile: !children, isDirectory: children !== undefined };
  const batches = (children ?? []).map((child) => [child]);
  const extra = children
    ? {
        createReader: () => ({
          readEntries: (done: (found: FileSystemEntry[]) => void) => done(batches.shift() ?? []),
        }),
      }
    : { file: (done: (found: File) => void) => done(file(name)) };
  return { ...base, ...extra } as unknown as FileSystemEntry;
}

function dropped(roots: Dropped['roots'], paths: readonly string[]): Dropped {
  return { roots, handles: [], list: async () => paths.map((path) => ({ path, file: file(path) })) };
}

/** Records what is asked of the drafts. */
function recordingCore() {
  const calls: string[] = [];
  const draft = (id: string, owned: boolean): Draft => ({
    id,
    folder: `/f/${id}`,
    owned,
    createdAt: '',
    specText: '',
    unsaved: true,
  });
  const existing: Draft[] = [];
  const drafts = {
    list: async () => ({ drafts: existing }),
    create: async (input: { folder?: string }) => {
      calls.push(`create ${input.folder ?? 'owned'}`);
      return draft('new', input.folder === undefined);
    },
    addPaths: async (input: { draft: string; paths: string[] }) => {
      calls.push(`add ${input.draft} ${input.paths.join(' ')}`);
      return {};
    },
    putFile: async (input: { draft: string; path: string; last: boolean }) => {
      calls.push(`put ${input.draft} ${input.path}`);
      return {};
    },
    propose: async (input: { draft: string }) => {
      calls.push(`propose ${input.draft}`);
      return draft(input.draft, true);
    },
    patch: async (input: { draft: string; changes: { path: unknown; value: unknown }[] }) => {
      calls.push(`patch ${input.draft} ${JSON.stringify(input.changes)}`);
      return draft(input.draft, true);
    },
  };
  return { calls, draft, existing, client: { drafts } as unknown as Pick<CoreClient, 'drafts'> };
}

describe('dropped files', () => {
  it('reads folders to the bottom, in batches, without .git', async () => {
    const tree = entry('/beam', [
      entry('/beam/runs.csv'),
      entry('/beam/mesh', [entry('/beam/mesh/a.msh'), entry('/beam/mesh/b.msh')]),
      entry('/beam/.git', [entry('/beam/.git/HEAD')]),
    ]);
    const files = await listEntries([tree, entry('/notes.txt')]);
    expect(files.map((f) => f.path)).toEqual(['beam/runs.csv', 'beam/mesh/a.msh', 'beam/mesh/b.msh', 'notes.txt']);
  });

  it('takes the content of a single folder, and several roots as they are', () => {
    const list = [{ path: 'beam/mesh/a.msh', file: file('a.msh') }];
    expect(withoutTopFolder({ roots: [{ name: 'beam', isFolder: true }] }, list)[0]?.path).toBe('mesh/a.msh');
    const two = [
      { name: 'beam', isFolder: true },
      { name: 'x', isFolder: false },
    ];
    expect(withoutTopFolder({ roots: two }, list)).toBe(list);
    expect(pickedFiles([file('a.csv')]).roots).toEqual([{ name: 'a.csv', isFolder: false }]);
  });

  it('sends files in chunks, an empty one too, and tells how far it is', async () => {
    const sent: [string, number, number, boolean][] = [];
    const put = async (piece: UploadPiece): Promise<void> => {
      sent.push([piece.path, piece.offset, piece.bytes.length, piece.last]);
    };
    const files = [
      { path: 'big', file: new File([new Uint8Array(UPLOAD_CHUNK + 3)], 'big') },
      { path: 'empty', file: new File([], 'empty') },
    ];
    const progress: number[] = [];
    await uploadFiles(put, files, { onProgress: (p) => progress.push(p.bytesDone) });
    expect(sent).toEqual([
      ['big', 0, UPLOAD_CHUNK, false],
      ['big', UPLOAD_CHUNK, 3, true],
      ['empty', 0, 0, true],
    ]);
    expect(progress).toEqual([UPLOAD_CHUNK, UPLOAD_CHUNK + 3, UPLOAD_CHUNK + 3]);
  });

  it('stops between chunks when it is cancelled', async () => {
    const stop = new AbortController();
    let calls = 0;
    const put = async (): Promise<void> => {
      calls += 1;
      stop.abort(new Error('cancelled'));
    };
    const big = { path: 'big', file: new File([new Uint8Array(UPLOAD_CHUNK * 3)], 'big') };
    await expect(uploadFiles(put, [big], { signal: stop.signal })).rejects.toThrow('cancelled');
    expect(calls).toBe(1);
  });
});

describe('bringing files in', () => {
  const folder = [{ name: 'beam', isFolder: true }];

  it('uses one folder with a known path where it is', async () => {
    const { client, calls } = recordingCore();
    await bringIn(client, dropped(folder, []), { paths: ['/data/beam'], into: null });
    expect(calls).toEqual(['create /data/beam']);
  });

  it('opens the draft that a folder has already, unless that was changed', async () => {
    const { client, calls, existing, draft } = recordingCore();
    existing.push({ ...draft('changed', false), folder: '/data/beam', unsaved: true });
    await bringIn(client, dropped(folder, []), { paths: ['/data/beam'], into: null });
    expect(calls).toEqual(['create /data/beam']);
    existing.push({ ...draft('same', false), folder: '/data/beam', unsaved: false });
    const opened = await bringIn(client, dropped(folder, []), { paths: ['/data/beam'], into: null });
    expect(opened.id).toBe('same');
  });

  it('copies several known paths into a draft of their own', async () => {
    const { client, calls } = recordingCore();
    const roots = [...folder, { name: 'x.csv', isFolder: false }];
    await bringIn(client, dropped(roots, []), { paths: ['/data/beam', '/data/x.csv'], into: null });
    expect(calls).toEqual(['create owned', 'add new /data/beam /data/x.csv', 'propose new']);
  });

  it('sends bytes where paths are not known, and names the job after the folder', async () => {
    const { client, calls } = recordingCore();
    await bringIn(client, dropped(folder, ['beam/runs.csv']), { paths: null, into: null });
    expect(calls).toEqual([
      'create owned',
      'put new runs.csv',
      'propose new',
      'patch new [{"path":["name"],"value":"beam"}]',
    ]);
  });

  it('leaves the name to a folder that brings a slipway.yaml', async () => {
    const { client, calls } = recordingCore();
    await bringIn(client, dropped(folder, ['beam/slipway.yaml']), { paths: null, into: null });
    expect(calls.at(-1)).toBe('propose new');
  });

  it('adds to the open draft only when that owns its files', async () => {
    const { client, calls, draft } = recordingCore();
    await bringIn(client, dropped(folder, ['beam/a']), { paths: null, into: draft('open', true) });
    expect(calls).toEqual(['put open beam/a', 'propose open']);
    calls.length = 0;
    await bringIn(client, dropped([{ name: 'a', isFolder: false }], ['a']), {
      paths: null,
      into: draft('open', false),
    });
    expect(calls).toEqual(['create owned', 'put new a', 'propose new']);
  });

  it('makes no draft of an empty drop', async () => {
    const { client, calls } = recordingCore();
    await expect(bringIn(client, dropped(folder, []), { paths: null, into: null })).rejects.toThrow('no files');
    expect(calls).toEqual([]);
  });
});

describe('texts', () => {
  it('finds the one change between two texts', () => {
    expect(changeBetween('abc', 'abc')).toBeNull();
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, next) => {
        const found = changeBetween(before, next);
        const made = found ? before.slice(0, found.from) + found.insert + before.slice(found.to) : before;
        expect(made).toBe(next);
      }),
    );
  });

  it('places offsets of CRLF texts in texts with LF', () => {
    expect(withoutCarriageReturns('a\r\nb\r\nc', 6)).toBe(4);
  });

  it('finds what was inserted for each placeholder', () => {
    const source = 'w=${w}, t=${t}!';
    const placeholders = [
      { offset: 2, length: 4, text: '${w}', kind: 'value' as const },
      { offset: 10, length: 4, text: '${t}', kind: 'expression' as const },
    ];
    expect(insertedSpans(source, placeholders, 'w=2.5, t=3!')).toEqual([
      { offset: 2, length: 3, kind: 'value' },
      { offset: 9, length: 1, kind: 'expression' },
    ]);
    expect(insertedSpans(source, placeholders, 'something else')).toEqual([]);
  });

  it('marks only the values when the text between them does not occur in values', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9.]*$/), { minLength: 1, maxLength: 5 }), (values) => {
        let source = '#';
        let result = '#';
        const placeholders = values.map((value) => {
          const offset = source.length;
          source += '${x}#';
          result += `${value}#`;
          return { offset, length: 4, text: '${x}', kind: 'value' as const };
        });
        expect(
          insertedSpans(source, placeholders, result).map((s) => result.slice(s.offset, s.offset + s.length)),
        ).toEqual(values);
      }),
    );
  });

  it('tells values, expressions and unknown names of a command apart', () => {
    expect(commandMarks('run ${w:%d} ${w*2} ${v} ${run}', ['w']).map((m) => m.kind)).toEqual([
      'value',
      'expression',
      'unknown',
      'value',
    ]);
  });

  it('reads samples up to the limit and knows binary ones', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array([0x75, 0xc3]);
      yield new Uint8Array([0xbc, 0x76, 0x77]);
    }
    expect(await readText(chunks(), 4)).toBe('uüv');
    expect(looksBinary('a\0b')).toBe(true);
    expect(exampleOf('out/beam.dat', ['ref/beam.dat', 'x'])).toBe('ref/beam.dat');
    expect(exampleOf('stdout', ['x'])).toBeNull();
  });
});

describe('words and paths', () => {
  it('says how runs sit on the machine', () => {
    expect(hardwareUse(4, 2, 8).sentence).toBe('4 runs at once, 2 cores each; 8 of 8 cores');
    expect(hardwareUse(1, 1, 8).sentence).toBe('1 run at once, 1 core; 1 of 8 cores');
    expect(hardwareUse(4, 4, 8)).toMatchObject({ usedCores: 16, overCores: 8 });
    expect(hardwareUse(Number.NaN, 0, 4).usedCores).toBe(1);
    expect(runsSentence(48, 4)).toBe('48 runs, 4 at once');
    expect(runsSentence(1, 4)).toBe('1 run');
    expect(roundsOf(48, 5)).toBe(10);
  });

  it('divides paths of both kinds of machines', () => {
    expect(crumbsOf('/data/beam').map((c) => c.path)).toEqual(['/', '/data', '/data/beam']);
    expect(crumbsOf('C:\\data\\beam').map((c) => c.path)).toEqual(['C:\\', 'C:\\data', 'C:\\data\\beam']);
    expect(childPath('/', 'a')).toBe('/a');
    expect(childPath('C:\\data', 'a')).toBe('C:\\data\\a');
  });
});
