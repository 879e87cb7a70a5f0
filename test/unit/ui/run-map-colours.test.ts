import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUN_STATES } from '../../../shared/domain/run-state.ts';
import { luminance, scaleColour, shareOf, valueRange } from '../../../renderer/ui/run-map/colour-scale.ts';
import type { Rgb } from '../../../renderer/ui/run-map/colour-scale.ts';
import { lookOfCells, parseHex, readPalette } from '../../../renderer/ui/run-map/map-colouring.ts';

const palette = readPalette((name) =>
  name === '--state-done' ? '#1f9d72' : name === '--text' ? ' #111111 ' : '#cdd2d8',
);

describe('the colour scale', () => {
  it('grows lighter from end to end', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.98, noNaN: true }), (t) => {
        expect(luminance(scaleColour(t + 0.02))).toBeGreaterThan(luminance(scaleColour(t)));
      }),
    );
  });

  it('holds at its ends for values outside', () => {
    expect(scaleColour(-3)).toEqual(scaleColour(0));
    expect(scaleColour(7)).toEqual(scaleColour(1));
    expect(scaleColour(Number.NaN)).toEqual(scaleColour(0));
  });

  it('spans the numbers that are there', () => {
    expect(valueRange([null, 3, Number.NaN, -2, null])).toEqual({ min: -2, max: 3 });
    expect(valueRange([null, Number.POSITIVE_INFINITY])).toBeNull();
    expect(shareOf(0.5, { min: -2, max: 3 })).toBe(0.5);
    expect(shareOf(4, { min: 4, max: 4 })).toBe(0.5);
  });
});

describe('looks of cells', () => {
  it('gives each state its tone', () => {
    const lookOf = lookOfCells(palette, { kind: 'state' });
    expect(lookOf(1, 'done').fill).toBe('rgb(31 157 114)');
    for (const state of RUN_STATES) expect(lookOf(1, state).hollow).toBe(false);
  });

  it('fills runs with a number by the scale and outlines the others in the tone of their state', () => {
    const lookOf = lookOfCells(palette, { kind: 'value', values: [1, null, 3], range: { min: 1, max: 3 } });
    expect(lookOf(1, 'done')).toMatchObject({ fill: 'rgb(68 1 84)', hollow: false });
    expect(lookOf(3, 'failed')).toMatchObject({ fill: 'rgb(253 231 37)', hollow: false });
    expect(lookOf(2, 'done')).toMatchObject({ fill: 'rgb(31 157 114)', hollow: true });
    expect(lookOf(4, 'done').hollow).toBe(true);
  });

  it('puts a sign of at least 4.5:1 on every colour of the scale', () => {
    const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const values = Array.from({ length: 256 }, (_, index) => index);
    const lookOf = lookOfCells(palette, { kind: 'value', values, range: { min: 0, max: 255 } });
    for (const value of values) {
      const { sign } = lookOf(value + 1, 'done');
      const colour: Rgb = scaleColour(value / 255);
      expect(contrast(luminance(colour), luminance(parseHex(sign)))).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('reads tokens with blanks around them', () => {
    expect(palette.text).toBe('#111111');
    expect(parseHex('red')).toEqual([0, 0, 0]);
  });
});
