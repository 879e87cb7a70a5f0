import {
  IconFile,
  IconFileCode,
  IconFileSymlink,
  IconFileText,
  IconFileUnknown,
  IconFileZip,
  IconFolderFilled,
  IconFolderSymlink,
  IconPhoto,
  IconTable,
} from '@tabler/icons-react';
import { createElement } from 'react';

import type { PlaceEntry } from '../../../../shared/contract/places.ts';
import { isFolder } from './arrange-entries.ts';
import { formatOf } from '../preview/file-format.ts';

const ICONS = {
  text: IconFileText,
  code: IconFileCode,
  table: IconTable,
  image: IconPhoto,
  archive: IconFileZip,
} as const;

/** What an entry is, as a shape; the word for it is in the row. */
export function FileIcon({ entry }: { readonly entry: PlaceEntry }): React.JSX.Element {
  return createElement(iconOf(entry), { size: 15, stroke: 1.6, 'aria-hidden': true });
}

function iconOf(entry: PlaceEntry): typeof IconFile {
  if (entry.kind === 'link') return isFolder(entry) ? IconFolderSymlink : IconFileSymlink;
  if (entry.kind === 'folder') return IconFolderFilled;
  if (entry.kind === 'other') return IconFileUnknown;
  const format = formatOf(entry.name);
  return format === null ? IconFile : ICONS[format];
}
