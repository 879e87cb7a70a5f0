import { useComputedColorScheme } from '@mantine/core';
import { useLayoutEffect, useMemo, useState } from 'react';
import type { RefObject } from 'react';

import { readPalette } from './map-colouring.ts';
import type { MapPalette } from './map-colouring.ts';
import { layoutRunMap } from './run-map-layout.ts';
import type { RunMapLayout } from './run-map-layout.ts';

interface ViewSize {
  readonly width: number;
  readonly height: number;
}

/** Size of an element's content box without its scrollbar, kept current. */
function useViewSize(element: RefObject<HTMLElement | null>): ViewSize {
  const [size, setSize] = useState<ViewSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const node = element.current;
    if (node === null) return;
    const measure = (): void => {
      const width = node.clientWidth;
      const height = node.clientHeight;
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Layout and size of a map inside its viewport. */
export function useMapLayout(
  viewport: RefObject<HTMLElement | null>,
  count: number,
): { readonly layout: RunMapLayout; readonly size: ViewSize } {
  const size = useViewSize(viewport);
  const layout = useMemo(() => layoutRunMap(count, size.width, size.height), [count, size]);
  return { layout, size };
}

/** The palette of the current colour scheme. */
export function useMapPalette(): MapPalette {
  const scheme = useComputedColorScheme('light');
  const [read, setRead] = useState(() => ({ scheme, palette: readTokens() }));
  // The attribute that switches the tokens is set by the provider in an effect, so they are read after it.
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => setRead({ scheme, palette: readTokens() }));
    return () => cancelAnimationFrame(frame);
  }, [scheme]);
  return read.palette;
}

function readTokens(): MapPalette {
  const style = getComputedStyle(document.documentElement);
  return readPalette((name) => style.getPropertyValue(name));
}
