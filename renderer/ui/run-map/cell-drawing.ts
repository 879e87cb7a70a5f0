import type { RunState } from '../../../shared/domain/run-state.ts';
import type { CellLook, MapPalette } from './map-colouring.ts';
import { cellPlace } from './run-map-layout.ts';
import type { RunMapLayout } from './run-map-layout.ts';

/** Edges from which a cell has room for a sign, for round corners, and for its run number. */
export const SIGN_CELL = 8;
const ROUND_CELL = 10;
const NUMBER_CELL = 28;

const FONT = "10px 'Inter Variable', system-ui, sans-serif";

/** What a cell needs beside its look. */
export interface CellFacts {
  readonly run: number;
  readonly state: RunState;
  readonly look: CellLook;
  readonly chosen: boolean;
  /** 0–1, how far the cell has grown since its state changed. */
  readonly grown: number;
  /** 0–1, the phase of the pulse of running cells. */
  readonly pulse: number;
}

function tracePath(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  if (size >= ROUND_CELL) context.roundRect(x, y, size, size, size >= NUMBER_CELL ? 4 : 2);
  else context.rect(x, y, size, size);
}

/** Fills many cells of one colour in one path; signs, outlines and rings come after by `drawCellSigns`. */
export function fillCells(
  context: CanvasRenderingContext2D,
  layout: RunMapLayout,
  scrollTop: number,
  fill: string,
  runs: readonly number[],
): void {
  context.fillStyle = fill;
  if (layout.cell < ROUND_CELL) {
    for (const run of runs) {
      const { x, y } = cellPlace(layout, run);
      context.fillRect(x, y - scrollTop, layout.cell, layout.cell);
    }
    return;
  }
  context.beginPath();
  for (const run of runs) {
    const { x, y } = cellPlace(layout, run);
    tracePath(context, x, y - scrollTop, layout.cell);
  }
  context.fill();
}

/** Clears and paints one cell with everything on it. Nothing is painted outside of its pitch square. */
export function drawCell(
  context: CanvasRenderingContext2D,
  layout: RunMapLayout,
  palette: MapPalette,
  scrollTop: number,
  facts: CellFacts,
): void {
  const place = cellPlace(layout, facts.run);
  const x = place.x;
  const y = place.y - scrollTop;
  context.clearRect(x, y, layout.pitch, layout.pitch);
  const inset = layout.cell >= SIGN_CELL ? Math.round((1 - facts.grown) * layout.cell * 0.25) : 0;
  if (!facts.look.hollow) {
    context.fillStyle = facts.look.fill;
    context.beginPath();
    tracePath(context, x + inset, y + inset, layout.cell - 2 * inset);
    context.fill();
  }
  drawCellSigns(context, layout, palette, scrollTop, facts);
}

/** Outline, sign, run number and ring of a cell whose colour is already there. */
export function drawCellSigns(
  context: CanvasRenderingContext2D,
  layout: RunMapLayout,
  palette: MapPalette,
  scrollTop: number,
  facts: CellFacts,
): void {
  const place = cellPlace(layout, facts.run);
  const x = place.x;
  const y = place.y - scrollTop;
  const { cell } = layout;
  if (facts.look.hollow) drawHollow(context, x, y, cell, facts.look.fill);
  if (cell >= SIGN_CELL) {
    const numbered = cell >= NUMBER_CELL;
    context.globalAlpha = facts.grown;
    const signed = drawSign(context, x + cell / 2, y + cell * (numbered ? 0.34 : 0.5), cell, facts);
    if (numbered) drawNumber(context, x + cell / 2, y + cell * (signed ? 0.74 : 0.52), facts);
    context.globalAlpha = 1;
  }
  if (facts.chosen) drawChosen(context, x, y, cell, palette);
}

function drawHollow(context: CanvasRenderingContext2D, x: number, y: number, cell: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (cell < 5) {
    context.fillStyle = colour;
    context.globalAlpha = 0.35;
    context.fillRect(x, y, cell, cell);
    context.globalAlpha = 1;
    return;
  }
  context.beginPath();
  tracePath(context, x + 0.5, y + 0.5, cell - 1);
  context.stroke();
}

function drawChosen(context: CanvasRenderingContext2D, x: number, y: number, cell: number, palette: MapPalette): void {
  if (cell < 6) {
    // No room for a ring; the state's colour must still show through.
    context.fillStyle = palette.text;
    context.globalAlpha = 0.6;
    context.fillRect(x, y, cell, cell);
    context.globalAlpha = 1;
    return;
  }
  context.lineWidth = 2;
  context.strokeStyle = palette.text;
  context.beginPath();
  tracePath(context, x + 1, y + 1, cell - 2);
  context.stroke();
  context.lineWidth = 1;
  context.strokeStyle = palette.surface;
  context.beginPath();
  tracePath(context, x + 2.5, y + 2.5, cell - 5);
  context.stroke();
}

function drawNumber(context: CanvasRenderingContext2D, x: number, y: number, facts: CellFacts): void {
  context.font = FONT;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = facts.look.sign;
  context.fillText(String(facts.run), x, y);
}

/** The shape that says the state without colour: failed ×, running ring, cancelled –, unknown ?, queued dot; done and planned have none. */
function drawSign(context: CanvasRenderingContext2D, x: number, y: number, cell: number, facts: CellFacts): boolean {
  const reach = Math.min(6, cell * 0.24);
  context.strokeStyle = facts.look.sign;
  context.fillStyle = facts.look.sign;
  context.lineWidth = cell >= 14 ? 2 : 1.5;
  context.lineCap = 'round';
  context.beginPath();
  switch (facts.state) {
    case 'failed':
      context.moveTo(x - reach, y - reach);
      context.lineTo(x + reach, y + reach);
      context.moveTo(x + reach, y - reach);
      context.lineTo(x - reach, y + reach);
      context.stroke();
      return true;
    case 'cancelled':
      context.moveTo(x - reach, y);
      context.lineTo(x + reach, y);
      context.stroke();
      return true;
    case 'starting':
    case 'running':
    case 'finishing':
      context.arc(x, y, reach * (0.55 + 0.45 * facts.pulse), 0, Math.PI * 2);
      context.stroke();
      return true;
    case 'unknown':
      context.font = `600 ${Math.max(9, Math.round(reach * 2.4))}px 'Inter Variable', sans-serif`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText('?', x, y + 0.5);
      return true;
    case 'queued':
    case 'staged':
      context.arc(x, y, Math.max(1, reach * 0.3), 0, Math.PI * 2);
      context.fill();
      return true;
    default:
      return false;
  }
}

/** The run numbers at the left of the rows between two heights. */
export function drawGutter(
  context: CanvasRenderingContext2D,
  layout: RunMapLayout,
  palette: MapPalette,
  scrollTop: number,
  viewHeight: number,
): void {
  if (layout.gutter === 0) return;
  context.font = FONT;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillStyle = palette.quiet;
  const first = Math.max(0, Math.floor(scrollTop / layout.pitch));
  const last = Math.min(layout.rows - 1, Math.ceil((scrollTop + viewHeight) / layout.pitch));
  const half = Math.max(layout.cell / 2, 6);
  for (let row = first; row <= last; row++) {
    if (row % layout.labelEvery !== 0) continue;
    context.fillText(String(row * layout.columns + 1), layout.gutter - 8, row * layout.pitch - scrollTop + half);
  }
}
