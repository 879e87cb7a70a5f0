import { valueText } from '../words/number-words.ts';
import { scaleGradient } from './colour-scale.ts';
import type { ValueRange } from './colour-scale.ts';
import styles from './colour-legend.module.css';

export interface ColourLegendProps {
  readonly range: ValueRange;
  readonly unit: string | null;
}

/** Which number which colour is. */
export function ColourLegend({ range, unit }: ColourLegendProps): React.JSX.Element {
  const suffix = unit === null ? '' : ` ${unit}`;
  const words = `From ${valueText(range.min)} to ${valueText(range.max)}${suffix}, dark is low, yellow is high`;
  return (
    <div className={styles.legend} role="img" aria-label={words}>
      <span>{valueText(range.min)}</span>
      <span className={styles.scale} style={{ backgroundImage: scaleGradient() }} />
      <span>{valueText(range.max)}</span>
      {unit !== null && <span className={styles.unit}>{unit}</span>}
      <span className={styles.none}>outlined: no number</span>
    </div>
  );
}
