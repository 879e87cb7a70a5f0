import type { RunState } from '../../../shared/domain/run-state.ts';
import { drawCell, drawCellSigns, drawGutter, fillCells, SIGN_CELL } from './cell-drawing.ts';
import type { CellFacts } from './cell-drawing.ts';
import type { LookOf, MapPalette } from './map-colouring.ts';
import { cellPlace, runsBetween } from './run-map-layout.ts';
import type { CellPlace, RunMapLayout } from './run-map-layout.ts';

/** Everything that a painting depends on. */
export interface MapScene {
  readonly layout: RunMapLayout;
  readonly palette: MapPalette;
  readonly lookOf: LookOf;
  readonly stateOf: (run: number) => RunState;
  readonly chosen: ReadonlySet<number>;
  readonly focused: number | null;
  readonly hovered: number | null;
  /** Corners of the rectangle being drawn, in map coordinates. */
  readonly rectangle: readonly [CellPlace, CellPlace] | null;
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
}

/** Milliseconds that a cell takes to grow after its state changed. */
const GROW_TIME = 200;
/** Milliseconds between two phases of the pulse, and of a whole one. A map stays open all day, so it must cost next to nothing. */
const PULSE_STEP = 80;
const PULSE_TIME = 1600;
/** More moving cells than this are painted without movement. */
const MOVING_LIMIT = 400;
/** From so many changed cells on it is cheaper to paint all, grouped by colour. */
const REPAINT_LIMIT = 1500;
const MIN_FOCUS_RING = 9;

/**
 * Paints a scene on two canvases: cells below; focus, hover and rectangle above. Work is collected and done once per frame;
 * a change of states repaints only the cells that changed.
 */
export class RunMapPainter {
  private readonly cells: CanvasRenderingContext2D;
  private readonly marks: CanvasRenderingContext2D;
  private readonly still: boolean;
  private scene: MapScene | null = null;
  private frame: number | null = null;
  private pulseTimer: ReturnType<typeof setTimeout> | null = null;
  private everything = true;
  private readonly dirty = new Set<number>();
  private readonly growing = new Map<number, number>();

  constructor(cells: HTMLCanvasElement, marks: HTMLCanvasElement) {
    this.cells = cells.getContext('2d')!;
    this.marks = marks.getContext('2d')!;
    this.still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  }

  /** Shows another scene; only marks are painted again when nothing that concerns cells differs. */
  show(scene: MapScene): void {
    const before = this.scene;
    this.scene = scene;
    if (
      before === null ||
      before.layout !== scene.layout ||
      before.palette !== scene.palette ||
      before.lookOf !== scene.lookOf ||
      before.stateOf !== scene.stateOf ||
      before.scrollTop !== scene.scrollTop ||
      before.width !== scene.width ||
      before.height !== scene.height
    ) {
      this.everything = true;
    } else if (before.chosen !== scene.chosen) {
      for (const run of before.chosen) if (!scene.chosen.has(run)) this.dirty.add(run);
      for (const run of scene.chosen) if (!before.chosen.has(run)) this.dirty.add(run);
    }
    this.schedule();
  }

  /** States of these runs changed (`all`: anything may have). */
  changed(runs: readonly number[] | 'all'): void {
    if (runs === 'all') this.everything = true;
    else {
      const now = performance.now();
      for (const run of runs) {
        this.dirty.add(run);
        if (!this.still && this.growing.size < MOVING_LIMIT) this.growing.set(run, now);
      }
    }
    this.schedule();
  }

  dispose(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    if (this.pulseTimer !== null) clearTimeout(this.pulseTimer);
    this.frame = null;
    this.pulseTimer = null;
    this.scene = null;
  }

  private schedule(): void {
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      this.paint(now);
    });
  }

  private paint(now: number): void {
    const scene = this.scene;
    if (scene === null || scene.width === 0 || scene.height === 0) return;
    const seen = runsBetween(scene.layout, scene.scrollTop, scene.scrollTop + scene.height);
    this.endGrowth(now);
    if (this.fit(scene)) this.everything = true;
    if (this.everything || this.dirty.size > REPAINT_LIMIT) this.paintAll(scene, seen, now);
    else this.paintDirty(scene, seen, now);
    this.everything = false;
    this.dirty.clear();
    this.paintMarks(scene);
    for (const run of this.growing.keys()) this.dirty.add(run);
    if (this.growing.size > 0) this.schedule();
    this.schedulePulse(scene, seen);
  }

  private endGrowth(now: number): void {
    for (const [run, since] of this.growing) {
      if (now - since <= GROW_TIME) continue;
      this.growing.delete(run);
      this.dirty.add(run);
    }
  }

  /** Gives both canvases the size of the view in device pixels; true when that cleared them. */
  private fit(scene: MapScene): boolean {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(scene.width * ratio);
    const height = Math.round(scene.height * ratio);
    const { canvas } = this.cells;
    const fits = canvas.width === width && canvas.height === height;
    if (!fits) {
      for (const context of [this.cells, this.marks]) {
        context.canvas.width = width;
        context.canvas.height = height;
      }
    }
    this.cells.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.marks.setTransform(ratio, 0, 0, ratio, 0, 0);
    return !fits;
  }

  private facts(scene: MapScene, run: number, now: number): CellFacts {
    const state = scene.stateOf(run);
    const since = this.growing.get(run);
    return {
      run,
      state,
      look: scene.lookOf(run, state),
      chosen: scene.chosen.has(run),
      grown: since === undefined ? 1 : Math.min(1, (now - since) / GROW_TIME),
      pulse: this.still ? 1 : 0.5 - 0.5 * Math.cos((2 * Math.PI * (now % PULSE_TIME)) / PULSE_TIME),
    };
  }

  private paintAll(scene: MapScene, seen: Seen, now: number): void {
    const { layout, palette, scrollTop } = scene;
    this.cells.clearRect(0, 0, scene.width, scene.height);
    drawGutter(this.cells, layout, palette, scrollTop, scene.height);
    if (seen === null) return;
    const byColour = new Map<string, number[]>();
    for (let run = seen.first; run <= seen.last; run++) {
      const look = scene.lookOf(run, scene.stateOf(run));
      if (look.hollow) continue;
      const group = byColour.get(look.fill);
      if (group) group.push(run);
      else byColour.set(look.fill, [run]);
    }
    for (const [fill, runs] of byColour) fillCells(this.cells, layout, scrollTop, fill, runs);
    const signs = layout.cell >= SIGN_CELL;
    for (let run = seen.first; run <= seen.last; run++) {
      if (!signs && !scene.chosen.has(run) && !scene.lookOf(run, scene.stateOf(run)).hollow) continue;
      drawCellSigns(this.cells, layout, palette, scrollTop, this.facts(scene, run, now));
    }
  }

  private paintDirty(scene: MapScene, seen: Seen, now: number): void {
    if (seen === null) return;
    for (const run of this.dirty) {
      if (run < seen.first || run > seen.last) continue;
      drawCell(this.cells, scene.layout, scene.palette, scene.scrollTop, this.facts(scene, run, now));
    }
  }

  private paintMarks(scene: MapScene): void {
    const context = this.marks;
    context.clearRect(0, 0, scene.width, scene.height);
    if (scene.hovered !== null && scene.hovered !== scene.focused) {
      this.ring(scene, scene.hovered, scene.palette.quiet, 1.5);
    }
    if (scene.focused !== null) this.ring(scene, scene.focused, scene.palette.focus, 2);
    if (scene.rectangle === null) return;
    const [from, to] = scene.rectangle;
    const x = Math.min(from.x, to.x);
    const y = Math.min(from.y, to.y) - scene.scrollTop;
    context.strokeStyle = scene.palette.focus;
    context.fillStyle = scene.palette.focus;
    context.lineWidth = 1;
    context.globalAlpha = 0.15;
    context.fillRect(x, y, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    context.globalAlpha = 1;
    context.strokeRect(x + 0.5, y + 0.5, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  }

  private ring(scene: MapScene, run: number, colour: string, width: number): void {
    const { layout, scrollTop, palette } = scene;
    const place = cellPlace(layout, run);
    const size = Math.max(MIN_FOCUS_RING, layout.cell + 2);
    const x = place.x + layout.cell / 2 - size / 2;
    const y = place.y - scrollTop + layout.cell / 2 - size / 2;
    // The line in the surface's colour sets the ring apart from cells of any colour.
    for (const [line, stroke] of [
      [width + 2, palette.surface],
      [width, colour],
    ] as const) {
      this.marks.lineWidth = line;
      this.marks.strokeStyle = stroke;
      this.marks.beginPath();
      this.marks.roundRect(x, y, size, size, layout.cell >= 28 ? 5 : 2);
      this.marks.stroke();
    }
  }

  private schedulePulse(scene: MapScene, seen: Seen): void {
    if (this.still || this.pulseTimer !== null || seen === null || scene.layout.cell < SIGN_CELL) return;
    const running: number[] = [];
    for (let run = seen.first; run <= seen.last && running.length <= MOVING_LIMIT; run++) {
      const state = scene.stateOf(run);
      if (state === 'running' || state === 'starting' || state === 'finishing') running.push(run);
    }
    if (running.length === 0 || running.length > MOVING_LIMIT) return;
    this.pulseTimer = setTimeout(() => {
      this.pulseTimer = null;
      for (const run of running) this.dirty.add(run);
      // requestAnimationFrame sleeps while the page is hidden, and the pulse with it.
      this.schedule();
    }, PULSE_STEP);
  }
}

type Seen = { readonly first: number; readonly last: number } | null;
