import { useState } from 'react';

/**
 * A number that grows when a run begins another attempt while it is being looked at, so that what follows its files begins
 * anew. Getting to know the attempt (null → number) is no new one.
 */
export function useAttemptGeneration(run: number, attempt: number | null): number {
  const [seen, setSeen] = useState({ run, attempt, generation: 0 });
  if (seen.run !== run) setSeen({ run, attempt, generation: 0 });
  else if (attempt !== null && attempt !== seen.attempt) {
    setSeen({ run, attempt, generation: seen.attempt === null ? seen.generation : seen.generation + 1 });
  }
  return seen.generation;
}
