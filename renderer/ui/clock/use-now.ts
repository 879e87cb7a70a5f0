import { useEffect, useState } from 'react';

/** The time, renewed every `step` milliseconds while the component shows. */
export function useNow(step = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), step);
    return () => clearInterval(timer);
  }, [step]);
  return now;
}
