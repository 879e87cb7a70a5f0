import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, useState } from 'react';

import type { CoreContract } from '../../shared/contract/index.ts';
import type { Connection } from '../api/connection.ts';
import { CoreProvider } from '../api/core-context.tsx';
import { LiveJobs, LiveJobsProvider } from '../api/live-jobs.ts';
import { LiveTransfers, LiveTransfersProvider } from '../api/live-transfers.ts';
import { createAppRouter } from './router.tsx';
import { StartGate } from './start-gate.tsx';
import { cssVariablesResolver, theme } from './theme.ts';

function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The core is on this machine: being offline is no reason to pause, and the connection itself knows when to try again.
      queries: { networkMode: 'always', retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

/** The whole app over a connection to the core. */
export function App({ connection }: { readonly connection: Connection<CoreContract> }): React.JSX.Element {
  const [queries] = useState(createQueryClient);
  const [router] = useState(createAppRouter);
  const [jobs] = useState(() => new LiveJobs(connection));
  const [transfers] = useState(() => new LiveTransfers(connection));
  return (
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        defaultColorScheme="auto"
        getStyleNonce={styleNonce}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queries}>
          <CoreProvider value={connection}>
            <LiveJobsProvider value={jobs}>
              <LiveTransfersProvider value={transfers}>
                <StartGate>
                  <RouterProvider router={router} />
                </StartGate>
              </LiveTransfersProvider>
            </LiveJobsProvider>
          </CoreProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
