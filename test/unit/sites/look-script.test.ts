import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent, parseEvents, parseFiles } from '../../../electron/core/sites/remote/look-script.ts';
import { parseTry } from '../../../electron/core/sites/remote/submit-script.ts';
import { sectionScript } from '../../../electron/core/sites/remote/sections.ts';

const END =
  '{"attempt":1,"exitCode":0,"signal":null,"reason":"exit","endedAt":1767600020.50,"wallSeconds":10.25,"peakMemoryBytes":4096,"afterExitCode":null}';
const LINES = [
  'S 1 1 1001 0 n1 1767600010',
  `E 1 1 1001 0 n1 ${END}`,
  'S 2 1 1001 0 n1 1767600011',
  'X 3 1 1001 setup module: command not found',
  'D 2 1 1002 1001',
  'C 4 1 1001',
  'S 12 3 1001 2 n1',
];
const FILE = LINES.map((line) => `${line}\n`).join('');
const NONE: ReadonlyMap<string, number> = new Map();

/** What `eventsScript` prints for one file from an offset on. */
function printed(node: string, offset: number, body: string): string {
  return `@ ${node} ${offset}\n${body}\n@\n`;
}

describe('what tasks tell', () => {
  it('is read line by line', () => {
    const { events, offsets } = parseEvents(printed('n1', 0, FILE), NONE);
    expect(events.map((e) => [e.kind, e.run, e.attempt, e.id])).toEqual([
      ['start', 1, 1, '1001'],
      ['end', 1, 1, '1001'],
      ['start', 2, 1, '1001'],
      ['unprepared', 3, 1, '1001'],
      ['duplicate', 2, 1, '1002'],
      ['cancelled', 4, 1, '1001'],
      ['start', 12, 3, '1001'],
    ]);
    expect(offsets).toEqual(new Map([['n1', FILE.length]]));
  });

  it('in looks that end at any byte, everything is heard once', () => {
    const whole = parseEvents(printed('n1', 0, FILE), NONE).events;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: FILE.length }), { maxLength: 6 }), (cuts) => {
        let offsets: ReadonlyMap<string, number> = NONE;
        const heard = [];
        for (const end of [...cuts.toSorted((a, b) => a - b), FILE.length]) {
          const from = offsets.get('n1') ?? 0;
          if (end <= from) continue;
          const read = parseEvents(printed('n1', from, FILE.slice(from, end)), offsets);
          heard.push(...read.events);
          offsets = read.offsets;
        }
        expect(heard).toEqual(whole);
      }),
    );
  });

  it('an answer that was cut off at any byte moves on over whole lines only', () => {
    const text = printed('n1', 0, FILE) + printed('n2', 7, FILE);
    const whole = parseEvents(text, NONE).events;
    fc.assert(
      fc.property(fc.nat({ max: text.length }), (at) => {
        const { events, offsets } = parseEvents(text.slice(0, at), NONE);
        expect(events).toEqual(whole.slice(0, events.length));
        for (const [node, offset] of offsets) expect(offset).toBe(FILE.length + (node === 'n2' ? 7 : 0));
      }),
    );
  });

  it('a line that was cut off by a full disk is none', () => {
    const line = LINES[1]!;
    for (let at = 0; at < line.length; at++) expect(parseEvent(line.slice(0, at))).toBeNull();
    expect(parseEvent(line)).toMatchObject({ kind: 'end', end: { exitCode: 0, wallSeconds: 10.25 } });
  });

  it('an end of another attempt than its line says is none', () => {
    expect(parseEvent(`E 1 2 1001 0 n1 ${END}`)).toBeNull();
  });
});

describe('what lies in run folders', () => {
  it('is read, and a record of an end that is no whole one is none', () => {
    const text = `0001 1001 1 - 0 ${END}\n0002 - 0 - 1 \n0003 1001 1 0 0 ${END.slice(0, 40)}\nnoise\n`;
    expect(parseFiles(text)).toMatchObject([
      { run: 1, owner: '1001', started: true, alive: null, cancelled: false, end: { exitCode: 0 } },
      { run: 2, owner: null, started: false, alive: null, cancelled: true, end: null },
      { run: 3, owner: '1001', started: true, alive: false, cancelled: false, end: null },
    ]);
  });
});

describe('what lies in the folder of a try', () => {
  it('is told apart from what the scheduler said', () => {
    const text =
      'there=1 began=1767600000 rc=1 now=1767600009 asker=gone\no\nesbatch: error: there=0 began= rc=0 now=\n';
    expect(parseTry(text)).toEqual({
      ...{ begun: true, beganAt: 1_767_600_000, now: 1_767_600_009, ended: true, askerIsGone: false },
      output: { stdout: '', stderr: 'sbatch: error: there=0 began= rc=0 now=', code: 1 },
    });
  });

  it('cut off at any byte, it gives no other id than the whole', () => {
    const text = 'there=1 began=1767600000 rc=0 now=1767600009 asker=unknown\no12345\ne\n';
    for (let at = 0; at <= text.length; at++) {
      const seen = parseTry(text.slice(0, at));
      if (seen === null) continue;
      expect('12345'.startsWith(seen.output.stdout)).toBe(true);
    }
    expect(parseTry('')).toBeNull();
    expect(parseTry('there=1 began=17 rc=0 now= asker=alive')).not.toBeNull();
  });
});

describe('sections of a script', () => {
  it('a section is there as a whole or not at all, whatever byte the answer ends at', () => {
    const { script, parse } = sectionScript([
      { name: 'queue', commands: 'one' },
      { name: 'past', commands: 'two' },
    ]);
    const nonce = /slipway-[0-9a-f]+/.exec(script)![0];
    const text = `\n${nonce}[0\nfirst\n\n${nonce}]0\n\n${nonce}.\n\n${nonce}[1\nsecond\n\n${nonce}]1\nwords\n${nonce}.\n`;
    const whole = parse(Buffer.from(text));
    expect(whole.get('queue')).toEqual({ stdout: 'first\n', stderr: '', code: 0 });
    expect(whole.get('past')).toEqual({ stdout: 'second\n', stderr: 'words', code: 1 });
    for (let at = 0; at < text.length; at++) {
      const cut = parse(Buffer.from(text.slice(0, at)));
      for (const [name, output] of cut) expect(output).toEqual(whole.get(name));
      expect(cut.has('past')).toBe(false);
    }
  });
});
