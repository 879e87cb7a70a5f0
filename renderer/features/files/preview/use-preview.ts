import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';

import type { Place, PlaceEntry } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { useCore } from '../../../api/core-context.tsx';
import { keys } from '../../../api/queries.ts';
import { looksBinary } from '../../../ui/text/log-buffer.ts';
import { contentName, formatOf, imageType, isSealed } from './file-format.ts';

/** Bytes of a text that are looked at. */
export const PREVIEW_BYTES = 512 * 1024;
/** A larger image is not fetched for a look. */
const IMAGE_BYTES = 12_000_000;

/** Which end of a long file is shown. */
export type PreviewEnd = 'start' | 'end';

export type Preview =
  | { readonly kind: 'text' | 'table'; readonly bytes: Uint8Array; readonly part: PreviewEnd | null }
  | { readonly kind: 'image'; readonly blob: Blob }
  /** Nothing that can be shown; why, as a sentence. */
  | { readonly kind: 'none'; readonly words: string };

/** A look into a file: as much as can be shown, and no more. */
export function usePreview(place: Place, entry: PlaceEntry, end: PreviewEnd): UseQueryResult<Preview> {
  const core = useCore();
  return useQuery({
    queryKey: [...keys.preview(formatPlace(place)), end, entry.size, entry.modifiedAt],
    structuralSharing: false,
    staleTime: 5000,
    gcTime: 30_000,
    queryFn: async ({ signal }): Promise<Preview> => {
      const size = entry.size ?? Number.POSITIVE_INFINITY;
      const name = contentName(entry.name);
      const decrypt = isSealed(entry.name);
      const format = formatOf(name);
      if (format === 'image') {
        if (size > IMAGE_BYTES) return { kind: 'none', words: 'This image is too large for a look.' };
        const bytes = await joined(core.places.read({ place, limit: IMAGE_BYTES, decrypt }, { signal }));
        return { kind: 'image', blob: new Blob([bytes], { type: imageType(name) }) };
      }
      const offset = end === 'end' ? -PREVIEW_BYTES : 0;
      const bytes = await joined(core.places.read({ place, offset, limit: PREVIEW_BYTES, decrypt }, { signal }));
      if (looksBinary(bytes))
        return { kind: 'none', words: 'This is no text. Bring it here to open it with its own program.' };
      // What is encrypted is larger than its content.
      const isPart = decrypt ? bytes.length === PREVIEW_BYTES : size > bytes.length;
      return { kind: format === 'table' ? 'table' : 'text', bytes, part: isPart ? end : null };
    },
  });
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
