import { create } from 'zustand';

interface NoticeState {
  /** A sentence that needs no action; null = nothing to say. */
  readonly notice: string | null;
  readonly say: (notice: string) => void;
}

/** Milliseconds that a notice stays in the status bar. */
const STAY = 5000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Short good news for the status bar: `Copied 12 rows`. Errors never go here; they stand where the problem is. */
export const useNoticeStore = create<NoticeState>()((set) => ({
  notice: null,
  say: (notice) => {
    clearTimeout(timer);
    timer = setTimeout(() => set({ notice: null }), STAY);
    set({ notice });
  },
}));
