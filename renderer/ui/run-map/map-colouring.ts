import type { RunState } from '../../../shared/domain/run-state.ts';
import { runTone } from '../run-state/state-words.ts';
import type { Tone } from '../run-state/state-words.ts';
import { cssColour, luminance, scaleColour, shareOf } from './colour-scale.ts';
import type { Rgb, ValueRange } from './colour-scale.ts';

/** What the colour of a cell says: the run's state, or one number of each run (run 1 first, null = no number yet). */
export type MapColouring =
  | { readonly kind: 'state' }
  | { readonly kind: 'value'; readonly values: readonly (number | null)[]; readonly range: ValueRange };

/** The colours of the current scheme that a map is painted with. */
export interface MapPalette {
  readonly tones: Readonly<Record<Tone, Rgb>>;
  readonly text: string;
  readonly quiet: string;
  readonly focus: string;
  readonly surface: string;
}

/** How one cell is painted. */
export interface CellLook {
  /** CSS colour of the cell, or of its outline when it is hollow. */
  readonly fill: string;
  /** True for a run without a number in a map coloured by value. */
  readonly hollow: boolean;
  /** CSS colour of the sign inside. */
  readonly sign: string;
}

const DARK_SIGN = '#000000';
const LIGHT_SIGN = '#ffffff';
/** Luminance at which black and white have the same contrast (WCAG 2.2): 4.58, so the better one always passes 4.5. */
const SIGN_LIMIT = 0.179;

function signOn(colour: Rgb): string {
  return luminance(colour) > SIGN_LIMIT ? DARK_SIGN : LIGHT_SIGN;
}

const STEPS = 256;
const SCALE: readonly CellLook[] = Array.from({ length: STEPS }, (_, step) => {
  const colour = scaleColour(step / (STEPS - 1));
  return { fill: cssColour(colour), hollow: false, sign: signOn(colour) };
});

export type LookOf = (run: number, state: RunState) => CellLook;

/** A function from run and state to the look of its cell; made once per palette and colouring, because it is called for every cell. */
export function lookOfCells(palette: MapPalette, colouring: MapColouring): LookOf {
  const tones = Object.keys(palette.tones) as Tone[];
  const plain = new Map<Tone, CellLook>();
  const hollow = new Map<Tone, CellLook>();
  for (const tone of tones) {
    const fill = cssColour(palette.tones[tone]);
    plain.set(tone, { fill, hollow: false, sign: signOn(palette.tones[tone]) });
    hollow.set(tone, { fill, hollow: true, sign: fill });
  }
  if (colouring.kind === 'state') return (_run, state) => plain.get(runTone(state))!;
  const { values, range } = colouring;
  return (run, state) => {
    const value = values[run - 1];
    if (value === null || value === undefined || !Number.isFinite(value)) return hollow.get(runTone(state))!;
    return SCALE[Math.round(shareOf(value, range) * (STEPS - 1))]!;
  };
}

/** `#rrggbb` as numbers; black when the text is something else. */
export function parseHex(text: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim());
  if (!match) return [0, 0, 0];
  return [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16), Number.parseInt(match[3]!, 16)];
}

/** Reads the palette from the tokens (styles/tokens.css) as they are now. */
export function readPalette(variable: (name: string) => string): MapPalette {
  const tone = (name: Tone): Rgb => parseHex(variable(`--state-${name}`));
  return {
    tones: {
      planned: tone('planned'),
      queued: tone('queued'),
      running: tone('running'),
      done: tone('done'),
      failed: tone('failed'),
      cancelled: tone('cancelled'),
      unknown: tone('unknown'),
      attention: tone('attention'),
    },
    text: variable('--text').trim(),
    quiet: variable('--text-quiet').trim(),
    focus: variable('--focus').trim(),
    surface: variable('--surface').trim(),
  };
}
