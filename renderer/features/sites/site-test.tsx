import { formatDuration } from '../../../shared/domain/units.ts';
import { useCore } from '../../api/core-context.tsx';
import { TestSteps } from '../../ui/test-steps/test-steps.tsx';

/** Proves the site by a one-second job from end to end. */
export function SiteTest({ site }: { readonly site: string }): React.JSX.Element {
  const core = useCore();
  return (
    <TestSteps
      id="site-test"
      title="Test"
      action="Run a one-second job"
      run={(signal) => core.sites.test({ site }, { signal })}
      verdict={(ok, seconds) =>
        ok
          ? `${site} works: ${formatDuration(seconds)} from end to end.`
          : `${site} does not work yet. The failed step says why.`
      }
    >
      A job of one second goes all the way: files there, through the scheduler, results back. It does not stay in the
      list of jobs.
    </TestSteps>
  );
}
