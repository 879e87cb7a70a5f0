import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleXFilled,
  IconClockHour4,
  IconHelpCircleFilled,
  IconProgress,
} from '@tabler/icons-react';

import type { Tone } from './state-words.ts';

const ICONS = {
  planned: IconCircleDashed,
  queued: IconClockHour4,
  running: IconProgress,
  done: IconCircleCheckFilled,
  failed: IconCircleXFilled,
  cancelled: IconCircleMinus,
  unknown: IconHelpCircleFilled,
  attention: IconAlertTriangleFilled,
} as const satisfies Record<Tone, unknown>;

export interface StateIconProps {
  readonly tone: Tone;
  /** Edge in pixels. */
  readonly size?: number;
}

/** The shape of a state in its colour. Always stands beside a word. */
export function StateIcon({ tone, size = 16 }: StateIconProps): React.JSX.Element {
  const Icon = ICONS[tone];
  return <Icon size={size} stroke={2} color={`var(--state-${tone}-text)`} aria-hidden style={{ flex: 'none' }} />;
}
