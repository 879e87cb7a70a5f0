import styles from './facts.module.css';

export interface FactsProps {
  readonly facts: readonly { readonly title: string; readonly value: React.ReactNode }[];
}

/** Titles with values, in two columns where there is room. */
export function Facts({ facts }: FactsProps): React.JSX.Element {
  return (
    <dl className={styles.facts}>
      {facts.map(({ title, value }) => (
        <div key={title} className={styles.fact}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
