/** Parsing `slipway.yaml` with the place of everything. The only module besides the writer that knows the `yaml` package. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { excerpt } from '../outputs/excerpt.ts';
import { problem, type Problem } from '../problem.ts';

const MAX_CHARACTERS = 1_000_000;
const MAX_ALIASES = 100;
/** After so many the rest only repeats the first. */
const MAX_SYNTAX_ERRORS = 20;

/** A value in the file. Aliases are resolved; `offset` stays where the alias is written. */
export interface Place {
  readonly node: Node | null;
  readonly offset: number;
  /** JSON pointer, for links from problems to fields. */
  readonly pointer: string;
}

export interface MapEntry {
  readonly key: string;
  /** Offset of the key. */
  readonly offset: number;
  readonly value: Place;
}

export interface YamlSource {
  /** Null when the file cannot be parsed or is empty. */
  readonly root: Place | null;
  readonly problems: readonly Problem[];
  readonly document: Document;
  position(offset: number): { readonly line: number; readonly column: number };
  /** Entries of a map, or null when the place is none. */
  entries(place: Place): readonly MapEntry[] | null;
  /** Items of a list, or null when the place is none. */
  items(place: Place): readonly Place[] | null;
}

/**
 * Parses YAML 1.2 (core schema; so `yes` and `no` are texts, and JSON is YAML). Reports syntax errors and aliases that lead nowhere (JOB01),
 * double keys (JOB05), what YAML itself warns of (JOB16) and limits (JOB15).
 */
export function parseYamlSource(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const isTooLarge = text.length > MAX_CHARACTERS;
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const report: Report = (code, offset, message, hint) => {
    const severity = code === 'JOB16' ? 'warning' : 'error';
    const place = offset === null ? {} : position(offset);
    problems.push(problem(code, severity, message, { file, ...place, hint }));
  };
  const document = parseDocument(isTooLarge ? '' : text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    logLevel: 'error',
    // The package compares every key with every other; `checkNodes` finds double keys in linear time.
    uniqueKeys: false,
  });
  if (isTooLarge) report('JOB15', null, `The file has ${text.length} characters; ${MAX_CHARACTERS} are allowed.`, null);
  for (const error of document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
    const message = excerpt(error.message, 200).replace(/\.$/, '');
    report('JOB01', error.pos[0], `The file is not valid YAML: ${message}.`, syntaxHint(error.code));
  }
  const hint = 'Put the text in single quotes if it begins with an exclamation mark.';
  for (const warning of document.warnings.slice(0, MAX_SYNTAX_ERRORS)) {
    report('JOB16', warning.pos[0], `${excerpt(warning.message, 200)}.`, hint);
  }
  const isBroken = isTooLarge || document.errors.length > 0 || !checkNodes(document, report);

  const resolve = (node: unknown): Node | null => {
    if (isAlias(node)) return node.resolve(document) ?? null;
    return (node as Node | null) ?? null;
  };
  const placeOf = (node: unknown, fallback: number, pointer: string): Place => {
    const offset = (node as Node | null)?.range?.[0] ?? fallback;
    return { node: resolve(node), offset, pointer };
  };
  return {
    root: isBroken || document.contents === null ? null : placeOf(document.contents, 0, ''),
    problems,
    document,
    position,
    entries: (place) => {
      if (!isMap(place.node)) return null;
      return place.node.items.map((item: Pair) => {
        const keyNode = resolve(item.key);
        const key = isScalar(keyNode) ? (scalarText(keyNode) ?? '') : '';
        const offset = (item.key as Node | null)?.range?.[0] ?? place.offset;
        return { key, offset, value: placeOf(item.value, offset, `${place.pointer}/${escapeSegment(key)}`) };
      });
    },
    items: (place) =>
      isSeq(place.node)
        ? place.node.items.map((item, index) => placeOf(item, place.offset, `${place.pointer}/${index}`))
        : null,
  };
}

/** A scalar as it is written, for numbers too (`2.50`, `007`, `1e5`); null for null and for collections. */
export function scalarText(node: Node | null): string | null {
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** The value of a scalar as YAML understands it; undefined for collections and aliases without target. */
export function scalarValue(node: Node | null): unknown {
  return isScalar(node) ? node.value : node === null ? null : undefined;
}

/** What a place holds, as words for messages. */
export function describe(place: Place): string {
  const { node } = place;
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  const value = scalarValue(node);
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return `the text "${excerpt(value, 40)}"`;
  return `${typeof value === 'boolean' ? '' : 'the number '}${excerpt(scalarText(node) ?? '', 40)}`;
}

function escapeSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

type Report = (
  code: 'JOB01' | 'JOB05' | 'JOB15' | 'JOB16',
  offset: number | null,
  message: string,
  hint: string | null,
) => void;

/** Double keys, and aliases that are too many or lead nowhere. False when the file cannot be read further. */
function checkNodes(document: Document, report: Report): boolean {
  const aliases: Alias[] = [];
  try {
    visit(document, {
      Alias: (_, node) => {
        aliases.push(node);
        return aliases.length > MAX_ALIASES ? visit.BREAK : undefined;
      },
      Map: (_, map) => {
        const seen = new Set<string>();
        for (const { key } of map.items) {
          const name = isScalar(key) ? (scalarText(key) ?? '') : null;
          if (name === null) continue;
          if (seen.has(name)) {
            const offset = (key as Node).range?.[0] ?? null;
            report('JOB05', offset, `The key "${excerpt(name, 60)}" is written twice.`, 'Remove one of them.');
          }
          seen.add(name);
        }
      },
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report('JOB15', null, 'The file is nested too deeply.', 'A job spec needs no more than six levels.');
    return false;
  }
  if (aliases.length > MAX_ALIASES) {
    report('JOB15', null, `The file uses more than ${MAX_ALIASES} aliases (*name).`, 'Write the values out.');
    return false;
  }
  const dangling = aliases.filter((alias) => alias.resolve(document) === undefined);
  for (const alias of dangling) {
    const message = `"*${excerpt(alias.source, 60)}" is an alias in YAML, but nothing is named so.`;
    report('JOB01', alias.range?.[0] ?? null, message, 'A text that begins with * needs quotes.');
  }
  return dangling.length === 0;
}

function syntaxHint(code: string): string | null {
  if (code === 'BAD_DQ_ESCAPE')
    return "Backslashes are special in double quotes; put the text in single quotes: '\\*ERROR'.";
  if (code === 'TAB_AS_INDENT') return 'Indent with blanks, not with tabs.';
  if (code === 'MULTIPLE_DOCS') return 'Leave out the line "---"; a file describes one job.';
  if (code === 'BAD_ALIAS') return 'A text that begins with * or & needs quotes.';
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'MULTILINE_IMPLICIT_KEY')
    return 'A text that contains ": " needs quotes.';
  return null;
}
