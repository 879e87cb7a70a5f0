import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { SiteProposal, SiteTarget } from '../../../shared/contract/sites.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { plural } from '../../ui/words/number-words.ts';
import styles from './sites-page.module.css';

/** A name for a site made of its address: `me@login.hpc.example:22` → `login`. */
export function proposedName(address: string): string {
  const host = address.replace(/^.*@/, '').replace(/:\d+$/, '');
  const first = /^[\d.]+$/.test(host) ? host : (host.split('.')[0] ?? host);
  return (
    first
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'site'
  );
}

/** Adds a site: choose a host, sign in, see what is there, keep it. */
export function AddSite(): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const navigate = useNavigate();
  const hosts = useQuery({
    queryKey: ['sites', 'hosts'],
    queryFn: async ({ signal }) => (await core.sites.hosts({}, { signal })).hosts,
  });
  const [address, setAddress] = useState('');
  const [identity, setIdentity] = useState('');
  const [name, setName] = useState('');
  const [workdir, setWorkdir] = useState('');
  const known = hosts.data ?? [];
  const target = (): SiteTarget => ({
    ...(known.some(({ alias }) => alias === address.trim()) ? { alias: address.trim() } : { host: address.trim() }),
    ...(identity.trim() === '' ? {} : { identity: identity.trim() }),
  });
  const probe = useMutation({
    mutationFn: () => core.sites.probe({ target: target() }),
    onSuccess: (found) => {
      setWorkdir(found.workdir);
      if (name === '') setName(proposedName(address));
    },
  });
  const add = useMutation({
    mutationFn: () =>
      core.sites.add({ requestId: crypto.randomUUID(), name: name.trim(), target: target(), workdir: workdir.trim() }),
    onSuccess: (site) => navigate({ to: '/sites', search: { site: site.name } }),
  });
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    probe.reset();
    add.reset();
  };
  return (
    <>
      <section className={styles.section} aria-labelledby="add-site">
        <h2 id="add-site">Add a site</h2>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            probe.mutate();
          }}
        >
          <Autocomplete
            label="Host"
            description="A host of your SSH configuration, or user@host:port"
            data={known.map(({ alias }) => alias)}
            value={address}
            onChange={change(setAddress)}
            data-autofocus
          />
          <TextInput
            label="Private key"
            description="A file of this workstation; empty = what your SSH configuration and agent offer"
            value={identity}
            onChange={(event) => change(setIdentity)(event.currentTarget.value)}
          />
          <div className={styles.actions}>
            <Button type="submit" loading={probe.isPending} disabled={stale || address.trim() === ''}>
              Sign in and look around
            </Button>
          </div>
          {probe.isError && <ErrorNote title="The host could not be looked at." error={probe.error} />}
        </form>
      </section>
      {probe.data !== undefined && (
        <section className={styles.section} aria-labelledby="found">
          <h2 id="found">What is there</h2>
          <Found proposal={probe.data} />
          <form
            className={styles.form}
            style={{ marginTop: 12 }}
            onSubmit={(event) => {
              event.preventDefault();
              add.mutate();
            }}
          >
            <TextInput
              label="Name of the site"
              description="Letters, digits, dot, underscore and hyphen"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Autocomplete
              label="Work folder"
              description="Below it lie the jobs on the host; a scratch folder is best"
              data={[...new Set([probe.data.workdir, ...probe.data.scratch.map(({ path }) => `${path}/slipway`)])]}
              value={workdir}
              onChange={setWorkdir}
            />
            <div className={styles.actions}>
              <Button type="submit" loading={add.isPending} disabled={stale || name.trim() === ''}>
                Add site
              </Button>
            </div>
            {add.isError && <ErrorNote title="The site could not be added." error={add.error} />}
          </form>
        </section>
      )}
    </>
  );
}

function Found({ proposal }: { readonly proposal: SiteProposal }): React.JSX.Element {
  const software = proposal.software.map((s) => (s.version === null ? s.title : `${s.title} ${s.version}`));
  return (
    <>
      {proposal.problems.map((p) => (
        <ErrorNote key={p.code} title={p.message} error={new Error(p.hint ?? '')} />
      ))}
      <dl className={styles.facts}>
        <dt>Scheduler</dt>
        <dd>{proposal.scheduler ?? 'none: runs are started by a small runner on the host'}</dd>
        {proposal.facts.map(({ title, value }) => (
          <Pair key={title} title={title} value={value} />
        ))}
        <dt>{plural(proposal.coreTypes.length, 'core type')}</dt>
        <dd>{proposal.coreTypes.map((t) => `${t.name} (${t.nodes} × ${t.cores} cores)`).join(', ')}</dd>
        <dt>Software</dt>
        <dd>{software.length === 0 ? 'nothing that is known by name' : software.join(', ')}</dd>
        {proposal.scratch.map(({ path, freeBytes }) => (
          <Pair
            key={path}
            title={path}
            value={freeBytes === null ? 'room not told' : `${formatBytes(freeBytes)} free`}
          />
        ))}
      </dl>
    </>
  );
}

function Pair({ title, value }: { readonly title: string; readonly value: string }): React.JSX.Element {
  return (
    <>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </>
  );
}
