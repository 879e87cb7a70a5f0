import type { CoreHandlers } from '../../../shared/contract/index.ts';
import { testSite } from '../sites/test-site.ts';
import { listConfiguredHosts } from '../ssh/list-configured-hosts.ts';
import type { CoreServices } from '../services.ts';
import { watchChanges } from './watch-changes.ts';

export function sitesHandlers(services: CoreServices): CoreHandlers['sites'] {
  const { sites } = services;
  return {
    list: async () => ({ sites: [...(await services.describeSites())] }),

    watch: (_, { signal }) =>
      watchChanges(
        (listener) => sites.onChange(listener),
        async () => ({ sites: [...(await services.describeSites())] }),
        signal,
      ),

    hosts: async ({ sshConfig }) => ({ hosts: await listConfiguredHosts(sshConfig) }),
    probe: ({ target, workdir }, { signal }) => sites.probe(target, workdir, signal),
    add: (input, { signal }) => sites.add(input, signal),
    update: ({ site, ...change }) => sites.update(site, change),
    remove: async ({ site }) => {
      await sites.remove(site);
      return {};
    },
    refresh: ({ site }, { signal }) => sites.refresh(site, signal),
    connect: ({ site }, { signal }) => sites.connect(site, signal),
    disconnect: ({ site }) => sites.disconnect(site),
    test: ({ site }, { signal }) => testSite(services, site, signal),
    addSoftware: ({ site, software }) => sites.addSoftware(site, software),
    removeSoftware: ({ site, name, version }) => sites.removeSoftware(site, name, version),
  };
}
