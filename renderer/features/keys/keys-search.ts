/** What the address of the Keys page selects: `/keys?key=NAME`. */
export interface KeysSearch {
  readonly key?: string;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readKeysSearch(search: Readonly<Record<string, unknown>>): KeysSearch {
  return typeof search['key'] === 'string' && search['key'] !== '' ? { key: search['key'] } : {};
}
