import { useEffect } from 'react';
import { create } from 'zustand';

/** What the header calls the page. */
export interface PageTitle {
  readonly title: string;
  /** The page above it; null on the pages of the rail. */
  readonly parent: { readonly title: string; readonly to: '/jobs' } | null;
}

interface PageTitleState extends PageTitle {
  readonly show: (page: PageTitle) => void;
}

export const usePageTitleStore = create<PageTitleState>()((set) => ({
  title: 'Slipway',
  parent: null,
  show: (page) => set(page),
}));

/** Names the page in the header and in the window's title. */
export function usePageTitle(title: string, parent: PageTitle['parent'] = null): void {
  const parentTitle = parent?.title ?? null;
  useEffect(() => {
    usePageTitleStore
      .getState()
      .show({ title, parent: parentTitle === null ? null : { title: parentTitle, to: '/jobs' } });
    document.title = `${title} – Slipway`;
  }, [title, parentTitle]);
}
