import type { SiteTestStep } from '../../shared/contract/sites.ts';

/** Steps of a test that a person follows: one after another, each with its time. */
export class TestSteps {
  readonly #steps: SiteTestStep[] = [];
  #began = 0;

  begin(id: string, title: string): void {
    this.#began = performance.now();
    this.#steps.push({ id, title, status: 'running', detail: null, seconds: null });
  }

  /** Ends the step that was begun last. */
  end(status: 'ok' | 'failed' | 'skipped', detail: string | null): void {
    this.#change({ status, detail, seconds: (performance.now() - this.#began) / 1000 });
  }

  /** Says something of the step that was begun last. */
  note(detail: string): void {
    this.#change({ detail });
  }

  /** All steps so far. `ok` is null while the test goes on. */
  now(ok: boolean | null): { readonly steps: SiteTestStep[]; readonly ok: boolean | null } {
    return { steps: [...this.#steps], ok };
  }

  #change(change: Partial<SiteTestStep>): void {
    this.#steps[this.#steps.length - 1] = { ...this.#steps.at(-1)!, ...change };
  }
}
