import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Folders whose files start servers and clusters and mostly wait for them; the longest first. */
const WAITING = ['integration/sites', 'browser', 'integration/cli', 'electron', 'integration'].map(
  (folder) => `/test/${folder}/`,
);

/**
 * Begins with the test files that wait longest, so that none of them is left to go on alone at the end; what computes fills the gaps. It knows no times of earlier
 * runs, as a fresh checkout has none: files of one folder come by their size.
 */
export class ServersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = WAITING.findIndex((folder) => moduleId.includes(folder));
      return at < 0 ? WAITING.length : at;
    };
    return bySize.toSorted((a, b) => rank(a) - rank(b));
  }
}
