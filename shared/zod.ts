/** The only module that imports zod: `jitless` must be set before any schema is built, because zod's compiled fast path needs `eval`, which our CSP forbids. */
import { z } from 'zod';

z.config({ jitless: true });

export { z };
